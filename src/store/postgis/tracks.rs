//! Tracks behind the log: a unit's fixes, a row an hour and run of compaction.

use sqlx::postgres::{PgExecutor, PgPool};

use crate::domain::{Offset, Position, Time, UnitId};

use super::super::StoreError;
use super::super::draft::FixNames;
use super::super::error::During;
use super::super::rows::{Cells, int};
use super::super::tracks::{Block, TAIL_EVENTS, blocks, hour, of_unit, places, within};
use super::rows::column;
use super::{Postgis, locks, log};

/// Up to where fixes have gone from the log into tracks.
pub async fn compacted(from: impl PgExecutor<'_>) -> Result<Offset, StoreError> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT value::bigint FROM meta WHERE key = 'compacted'")
            .fetch_optional(from)
            .await
            .during("looking how far compaction has come")?;
    Ok(Offset(seq.unwrap_or_default().unsigned_abs()))
}

impl Postgis {
    /// Brings the fixes of the log's next batches into tracks; the rows and the
    /// mark together.
    pub(super) async fn compact_log(
        &self,
        upto: Offset,
        most_events: usize,
    ) -> Result<Offset, StoreError> {
        match self.try_to_compact(upto, most_events).await? {
            Run::Done(offset) => Ok(offset),
            Run::Lacks(rows) => {
                self.months.make_for_tracks(&self.writers, &rows).await?;
                match self.try_to_compact(upto, most_events).await? {
                    Run::Done(offset) => Ok(offset),
                    // Another server has brought in others meanwhile: the next run goes on.
                    Run::Lacks(_) => compacted(&self.readers).await,
                }
            }
        }
    }

    /// One run, unless a month lacks a partition: those are made on a connection of
    /// their own, and a run that waited for one while it has another would wait for
    /// itself when there is no other.
    async fn try_to_compact(&self, upto: Offset, most_events: usize) -> Result<Run, StoreError> {
        let mut tx = locks::begin(&self.writers, locks::TRACKS).await?;
        let after = compacted(&mut *tx).await?;
        let mut batches = log::read(&mut tx, after, most_events).await?;
        batches.retain(|(offset, _)| *offset <= upto);
        let Some(&(last, _)) = batches.last() else { return Ok(Run::Done(after)) };

        let rows = blocks(batches)?;
        if self.months.lack_tracks(&rows) {
            return Ok(Run::Lacks(rows));
        }
        let put = "INSERT INTO tracks (unit, hour, after, fixes)
                   SELECT unit, hour, $4, fixes
                   FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS new (unit, hour, fixes)
                   ON CONFLICT (unit, hour, after) DO UPDATE SET fixes = excluded.fixes";
        sqlx::query(put)
            .bind(column(&rows, |row| i64::from(row.unit.0)))
            .bind(column(&rows, |row| row.hour))
            .bind(column(&rows, |row| &*row.fixes))
            .bind(int(after.0))
            .execute(&mut *tx)
            .await
            .inspect_err(|_| self.months.look_again())
            .during("writing tracks")?;
        let put = "INSERT INTO meta (key, value) VALUES ('compacted', $1)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        sqlx::query(put)
            .bind(last.0.to_string())
            .execute(&mut *tx)
            .await
            .during("noting how far compaction has come")?;
        tx.commit().await.during("committing tracks")?;
        Ok(Run::Done(last))
    }
}

/// What came of a run of compaction.
enum Run {
    /// It has come so far.
    Done(Offset),
    /// A month of these has no partition.
    Lacks(Vec<Block>),
}

/// Which of these fixes are in tracks.
pub async fn known(
    readers: &PgPool,
    fixes: Vec<(UnitId, Time)>,
) -> Result<Vec<(UnitId, Time)>, StoreError> {
    let find = "SELECT unit, fixes FROM tracks
                JOIN unnest($1::bigint[], $2::bigint[]) AS asked (of_unit, of_hour)
                ON unit = of_unit AND hour = of_hour";
    let places = places(&fixes);
    let rows = sqlx::query(find)
        .bind(column(&places, |(unit, _)| i64::from(unit.0)))
        .bind(column(&places, |(_, hour)| *hour))
        .fetch_all(readers)
        .await
        .during("looking for fixes known already")?;
    let asked: FixNames = fixes.into_iter().collect();
    let mut found = Vec::new();
    for row in &rows {
        let block: Vec<Position> = Cells::of(row, "tracks", "unit")?.decoded("fixes")?;
        let names = block.iter().map(|fix| (fix.unit, fix.at));
        found.extend(names.filter(|name| asked.contains(name)));
    }
    Ok(found)
}

/// A unit's fixes of a time, oldest first, those in tracks and those still in
/// the log alone.
pub async fn track(
    readers: &PgPool,
    unit: UnitId,
    from: Time,
    to: Time,
    most: usize,
) -> Result<Vec<Position>, StoreError> {
    let mut reader = readers.acquire().await.during("reading a track")?;
    // The mark first: what moves meanwhile is found twice rather than not at all.
    let mut after = compacted(&mut *reader).await?;
    let rows = sqlx::query("SELECT fixes FROM tracks WHERE unit = $1 AND hour BETWEEN $2 AND $3")
        .bind(i64::from(unit.0))
        .bind(hour(from))
        .bind(hour(to))
        .fetch_all(&mut *reader)
        .await
        .during("reading tracks")?;
    let mut fixes = Vec::new();
    for row in &rows {
        let block: Vec<Position> =
            Cells::keyed(row, "tracks", i64::from(unit.0)).decoded("fixes")?;
        fixes.extend(block);
    }
    loop {
        let batches = log::read(&mut reader, after, TAIL_EVENTS).await?;
        let Some(&(last, _)) = batches.last() else { break };
        after = last;
        fixes.extend(of_unit(batches, unit));
    }
    Ok(within(fixes, from, to, most))
}
