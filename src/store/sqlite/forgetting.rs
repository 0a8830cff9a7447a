//! Taking fixes out of the log and out of tracks.

use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite as Db, SqlitePool, Transaction};

use crate::domain::{Batch, Event, Forget, Offset, Position, Time};

use super::super::StoreError;
use super::super::codec::{encode_batch, encoded};
use super::super::error::During;
use super::super::forgetting::{Forgetting, Looked, first_hour, left_of};
use super::super::rows::{Cells, int, place};
use super::{Sqlite, audit};

/// Batches looked through at once, at most; rows of tracks dropped at once.
const ROWS: i64 = 512;

/// Whether there may be fixes in the log that were taken before a time.
pub async fn has_fixes_before(readers: &SqlitePool, before: Time) -> Result<bool, StoreError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM log WHERE oldest_fix < ?)")
        .bind(before.ms())
        .fetch_one(readers)
        .await
        .during("looking for old fixes")
}

/// Notes what a batch says is to be forgotten.
pub async fn note(
    to: &mut SqliteConnection,
    offset: Offset,
    events: &[Event],
) -> Result<(), StoreError> {
    for asked in Forgetting::asked(offset, events) {
        put(to, &asked).await?;
    }
    Ok(())
}

/// Writes what is to be forgotten.
pub async fn put(to: &mut SqliteConnection, row: &Forgetting) -> Result<(), StoreError> {
    let put = "INSERT INTO forgetting (seq, unit, before, reached, fixes) VALUES (?, ?, ?, ?, ?)";
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

impl Sqlite {
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
        let mut tx = self.begin_to_forget().await?;
        let batches = to_look_at(&mut tx, next, most_events).await?;
        let Some(&reached) = batches.last() else {
            commit(tx).await?;
            return Ok(false);
        };
        let mut gone = 0;
        for seq in batches {
            gone += look_at(&mut tx, seq, &next.forget).await?;
        }
        sqlx::query("UPDATE forgetting SET reached = ?, fixes = fixes + ? WHERE seq = ?")
            .bind(reached)
            .bind(int(gone))
            .bind(int(next.offset.0))
            .execute(&mut *tx)
            .await
            .during("noting what was forgotten")?;
        commit(tx).await?;
        Ok(true)
    }

    /// Takes fixes out of tracks, unit by unit.
    pub(super) async fn forget_in_tracks(&self, forget: Forget) -> Result<(), StoreError> {
        let (first, some) = first_hour(&forget);
        let mut last = 0;
        loop {
            let unit = match forget.unit {
                Some(unit) => Some(i64::from(unit.0)).filter(|unit| *unit > last),
                None => next_unit(&self.readers, last).await?,
            };
            let Some(unit) = unit else { return Ok(()) };
            while self.drop_hours(unit, first).await? {}
            if some {
                self.forget_in_hour(unit, first, &forget).await?;
            }
            last = unit;
        }
    }

    /// Drops some of a unit's hours before one; whether there were any.
    async fn drop_hours(&self, unit: i64, first: i64) -> Result<bool, StoreError> {
        let any: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM tracks WHERE unit = ? AND hour < ? LIMIT 1")
                .bind(unit)
                .bind(first)
                .fetch_optional(&self.readers)
                .await
                .during("looking for old tracks")?;
        if any.is_none() {
            return Ok(false);
        }
        let drop = "DELETE FROM tracks WHERE rowid IN
                    (SELECT rowid FROM tracks WHERE unit = ? AND hour < ? LIMIT ?)";
        let mut tx = self.begin_to_forget().await?;
        sqlx::query(drop)
            .bind(unit)
            .bind(first)
            .bind(ROWS)
            .execute(&mut *tx)
            .await
            .during("dropping old tracks")?;
        commit(tx).await?;
        Ok(true)
    }

    async fn forget_in_hour(
        &self,
        unit: i64,
        hour: i64,
        forget: &Forget,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_to_forget().await?;
        let rows = sqlx::query("SELECT rowid, fixes FROM tracks WHERE unit = ? AND hour = ?")
            .bind(unit)
            .bind(hour)
            .fetch_all(&mut *tx)
            .await
            .during("reading tracks")?;
        for row in &rows {
            let cells = Cells::keyed(row, "tracks", unit);
            let block: Vec<Position> = cells.decoded("fixes")?;
            let Some(left) = left_of(block, forget) else { continue };
            let change = if left.is_empty() {
                "DELETE FROM tracks WHERE rowid = ?1"
            } else {
                "UPDATE tracks SET fixes = ?2 WHERE rowid = ?1"
            };
            sqlx::query(change)
                .bind(cells.int("rowid")?)
                .bind(encoded("a track", &left)?)
                .execute(&mut *tx)
                .await
                .during("taking fixes out of tracks")?;
        }
        commit(tx).await
    }

    async fn end_forgetting(&self, done: &Forgetting, now: Time) -> Result<(), StoreError> {
        let code = "SELECT id, code, agency FROM units WHERE id = ?";
        let mut tx = self.begin().await?;
        let unit = sqlx::query(code)
            .bind(done.forget.unit.map(|unit| i64::from(unit.0)))
            .fetch_optional(&mut *tx)
            .await
            .during("looking whose track it was")?;
        let ended = sqlx::query("DELETE FROM forgetting WHERE seq = ?")
            .bind(int(done.offset.0))
            .execute(&mut *tx)
            .await
            .during("noting that all is forgotten")?;
        // Another process may have come first.
        if ended.rows_affected() == 1 {
            audit::write(&mut tx, &[done.entry(unit.as_ref(), now)?]).await?;
        }
        tx.commit().await.during("committing that all is forgotten")
    }

    /// Begins to write so that what is dropped is overwritten in the file too.
    pub(super) async fn begin_to_forget(&self) -> Result<Transaction<'static, Db>, StoreError> {
        let mut tx = self.begin().await?;
        overwrite(&mut tx, true).await?;
        Ok(tx)
    }
}

/// Ends what [`Sqlite::begin_to_forget`] began.
pub async fn commit(mut tx: Transaction<'static, Db>) -> Result<(), StoreError> {
    overwrite(&mut tx, false).await?;
    tx.commit().await.during("committing what was forgotten")
}

/// Has what is dropped overwritten in the file, or no longer.
pub async fn overwrite(within: &mut SqliteConnection, yes: bool) -> Result<(), StoreError> {
    let set = if yes { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" };
    sqlx::query(set).execute(within).await.during("having the file overwritten")?;
    Ok(())
}

/// The batches to be looked at next, as many as hold so many events.
async fn to_look_at(
    from: &mut SqliteConnection,
    next: &Forgetting,
    most_events: usize,
) -> Result<Vec<i64>, StoreError> {
    // What is old is found by its age; but of one unit's fixes a batch does not tell.
    let list = match next.forget.unit {
        None => {
            "SELECT seq, events FROM log WHERE oldest_fix < ?1 AND seq < ?2
             ORDER BY oldest_fix LIMIT ?4"
        }
        Some(_) => {
            "SELECT seq, events FROM log WHERE oldest_fix < ?1 AND seq < ?2 AND seq > ?3
             ORDER BY seq LIMIT ?4"
        }
    };
    let rows = sqlx::query(list)
        .bind(next.forget.before.ms())
        .bind(int(next.offset.0))
        .bind(int(next.reached.0))
        .bind(ROWS)
        .fetch_all(from)
        .await
        .during("looking where fixes are to be forgotten")?;
    Forgetting::some(&rows, most_events)
}

/// Takes out of a batch what is to be forgotten; how many fixes.
async fn look_at(
    within: &mut SqliteConnection,
    seq: i64,
    forget: &Forget,
) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT seq, at, blob FROM log WHERE seq = ?")
        .bind(seq)
        .fetch_one(&mut *within)
        .await
        .during("reading the log")?;
    let (_, at) = place(&row)?;
    let events = Cells::keyed(&row, "log", seq).events("blob")?;
    let looked = Looked::at(Batch { at, events }, forget);
    if looked.gone == 0 {
        sqlx::query("UPDATE log SET oldest_fix = ?1 WHERE seq = ?2 AND oldest_fix <> ?1")
            .bind(looked.oldest_fix)
            .bind(seq)
            .execute(within)
            .await
            .during("noting the age of a batch")?;
        return Ok(0);
    }
    sqlx::query("UPDATE log SET events = ?, blob = ?, oldest_fix = ? WHERE seq = ?")
        .bind(int(looked.events.len() as u64))
        .bind(encode_batch(&looked.events)?)
        .bind(looked.oldest_fix)
        .bind(seq)
        .execute(within)
        .await
        .during("taking fixes out of the log")?;
    Ok(looked.gone)
}

async fn next_unit(readers: &SqlitePool, after: i64) -> Result<Option<i64>, StoreError> {
    sqlx::query_scalar("SELECT min(unit) FROM tracks WHERE unit > ?")
        .bind(after)
        .fetch_one(readers)
        .await
        .during("looking whose tracks there are")
}
