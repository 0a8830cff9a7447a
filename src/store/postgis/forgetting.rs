//! Taking fixes out of the log and out of tracks.

use sqlx::postgres::{PgConnection, PgPool};

use crate::domain::{Batch, Event, Forget, Offset, Position, Time};

use super::super::StoreError;
use super::super::codec::{encode_batch, encoded};
use super::super::error::During;
use super::super::forgetting::{Forgetting, Looked, first_hour, left_of};
use super::super::rows::{Cells, int, place};
use super::{Postgis, audit, locks};

/// Batches looked through at once, at most.
const ROWS: i64 = 512;

/// Whether there may be fixes in the log that were taken before a time.
pub async fn has_fixes_before(readers: &PgPool, before: Time) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM log WHERE oldest_fix < $1)")
        .bind(before.ms())
        .fetch_one(readers)
        .await
        .during("looking for old fixes")
}

/// Notes what a batch says is to be forgotten.
pub async fn note(
    to: &mut PgConnection,
    offset: Offset,
    events: &[Event],
) -> Result<(), StoreError> {
    for asked in Forgetting::asked(offset, events) {
        put(to, &asked).await?;
    }
    Ok(())
}

/// Writes what is to be forgotten.
pub async fn put(to: &mut PgConnection, row: &Forgetting) -> Result<(), StoreError> {
    let put = "INSERT INTO forgetting (seq, unit, before, reached, fixes)
               VALUES ($1, $2, $3, $4, $5)";
    sqlx::query(put)
        .bind(int(row.offset.0))
        .bind(row.forget.unit.map(|unit| i64::from(unit.0)))
        .bind(row.forget.before.ms())
        .bind(int(row.reached.0))
        .bind(int(row.fixes))
        .execute(to)
        .await
        .during("noting what is to be forgotten")?;
    Ok(())
}

impl Postgis {
    pub(super) async fn forget_next(
        &self,
        most_events: usize,
        now: Time,
    ) -> Result<bool, StoreError> {
        let list = "SELECT seq, coalesce(unit, 0) AS unit, before, reached, fixes
                    FROM forgetting ORDER BY seq LIMIT 1";
        let next = sqlx::query(list)
            .fetch_optional(&self.readers)
            .await
            .during("looking what is to be forgotten")?;
        let Some(next) = next.as_ref().map(Forgetting::of).transpose()? else {
            return self.erase_texts(now).await;
        };
        if !self.forget_in_log(&next, most_events).await? {
            self.forget_in_tracks(next.forget).await?;
            self.end_forgetting(&next, now).await?;
        }
        Ok(true)
    }

    /// Looks through some batches; whether there were any.
    async fn forget_in_log(
        &self,
        next: &Forgetting,
        most_events: usize,
    ) -> Result<bool, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::TRACKS).await?;
        let batches = to_look_at(&mut tx, next, most_events).await?;
        let Some(&reached) = batches.last() else { return Ok(false) };
        let gone = look_at(&mut tx, &batches, &next.forget).await?;
        sqlx::query("UPDATE forgetting SET reached = $1, fixes = fixes + $2 WHERE seq = $3")
            .bind(reached)
            .bind(int(gone))
            .bind(int(next.offset.0))
            .execute(&mut *tx)
            .await
            .during("noting what was forgotten")?;
        tx.commit().await.during("committing what was forgotten")?;
        Ok(true)
    }

    /// Takes fixes out of tracks: months as a whole where all of one goes, and rows
    /// of what is left.
    pub(super) async fn forget_in_tracks(&self, forget: Forget) -> Result<(), StoreError> {
        let (first, some) = first_hour(&forget);
        let unit = forget.unit.map(|unit| i64::from(unit.0));
        let mut tx = locks::begin(&self.writers, locks::TRACKS).await?;
        if unit.is_none() {
            self.months.drop_tracks_before(&mut tx, forget.before).await?;
        }
        sqlx::query("DELETE FROM tracks WHERE hour < $1 AND ($2 IS NULL OR unit = $2)")
            .bind(first)
            .bind(unit)
            .execute(&mut *tx)
            .await
            .during("dropping old tracks")?;
        if some {
            forget_in_hour(&mut tx, first, &forget).await?;
        }
        tx.commit().await.during("committing what was taken out of tracks")
    }

    async fn end_forgetting(&self, done: &Forgetting, now: Time) -> Result<(), StoreError> {
        let mut tx = locks::begin(&self.writers, locks::ACTS).await?;
        let unit = sqlx::query("SELECT id, code, agency FROM units WHERE id = $1")
            .bind(done.forget.unit.map(|unit| i64::from(unit.0)))
            .fetch_optional(&mut *tx)
            .await
            .during("looking whose track it was")?;
        let ended = sqlx::query("DELETE FROM forgetting WHERE seq = $1")
            .bind(int(done.offset.0))
            .execute(&mut *tx)
            .await
            .during("noting that all is forgotten")?;
        // Another server may have come first.
        if ended.rows_affected() == 1 {
            audit::write(&mut tx, &[done.entry(unit.as_ref(), now)?]).await?;
        }
        tx.commit().await.during("committing that all is forgotten")
    }
}

/// The batches to be looked at next, as many as hold so many events.
async fn to_look_at(
    from: &mut PgConnection,
    next: &Forgetting,
    most_events: usize,
) -> Result<Vec<i64>, StoreError> {
    // What is old is found by its age; but of one unit's fixes a batch does not tell.
    let (list, after) = match next.forget.unit {
        None => (
            "SELECT seq, events FROM log WHERE oldest_fix < $1 AND seq < $2 AND seq > $3
             ORDER BY oldest_fix LIMIT $4",
            Offset(0),
        ),
        Some(_) => (
            "SELECT seq, events FROM log WHERE oldest_fix < $1 AND seq < $2 AND seq > $3
             ORDER BY seq LIMIT $4",
            next.reached,
        ),
    };
    let rows = sqlx::query(list)
        .bind(next.forget.before.ms())
        .bind(int(next.offset.0))
        .bind(int(after.0))
        .bind(ROWS)
        .fetch_all(from)
        .await
        .during("looking where fixes are to be forgotten")?;
    Forgetting::some(&rows, most_events)
}

/// Takes out of batches what is to be forgotten; how many fixes.
async fn look_at(
    within: &mut PgConnection,
    batches: &[i64],
    forget: &Forget,
) -> Result<u64, StoreError> {
    let rows =
        sqlx::query("SELECT seq, at, blob FROM log WHERE seq = ANY ($1) ORDER BY seq FOR UPDATE")
            .bind(batches)
            .fetch_all(&mut *within)
            .await
            .during("reading the log")?;
    let mut gone = 0;
    for row in &rows {
        let (offset, at) = place(row)?;
        let events = Cells::keyed(row, "log", int(offset.0)).events("blob")?;
        let looked = Looked::at(Batch { at, events }, forget);
        gone += looked.gone;
        let blob = if looked.gone > 0 { Some(encode_batch(&looked.events)?) } else { None };
        let put = "UPDATE log SET events = $1, blob = coalesce($2, blob), oldest_fix = $3
                   WHERE seq = $4 AND ($2 IS NOT NULL OR oldest_fix <> $3)";
        sqlx::query(put)
            .bind(int(looked.events.len() as u64))
            .bind(blob)
            .bind(looked.oldest_fix)
            .bind(int(offset.0))
            .execute(&mut *within)
            .await
            .during("taking fixes out of the log")?;
    }
    Ok(gone)
}

async fn forget_in_hour(
    within: &mut PgConnection,
    hour: i64,
    forget: &Forget,
) -> Result<(), StoreError> {
    let list = "SELECT unit, after, fixes FROM tracks
                WHERE hour = $1 AND ($2 IS NULL OR unit = $2)";
    let rows = sqlx::query(list)
        .bind(hour)
        .bind(forget.unit.map(|unit| i64::from(unit.0)))
        .fetch_all(&mut *within)
        .await
        .during("reading tracks")?;
    for row in &rows {
        let cells = Cells::of(row, "tracks", "unit")?;
        let block: Vec<Position> = cells.decoded("fixes")?;
        let Some(left) = left_of(block, forget) else { continue };
        let change = if left.is_empty() {
            "DELETE FROM tracks WHERE unit = $1 AND hour = $2 AND after = $3
             AND $4::bytea IS NOT NULL"
        } else {
            "UPDATE tracks SET fixes = $4 WHERE unit = $1 AND hour = $2 AND after = $3"
        };
        sqlx::query(change)
            .bind(cells.int("unit")?)
            .bind(hour)
            .bind(cells.int("after")?)
            .bind(encoded("a track", &left)?)
            .execute(&mut *within)
            .await
            .during("taking fixes out of tracks")?;
    }
    Ok(())
}
