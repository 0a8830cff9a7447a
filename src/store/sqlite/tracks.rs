//! Tracks behind the log: a unit's fixes, a row an hour and run of compaction.

use std::collections::{BTreeSet, HashSet};

use sqlx::{QueryBuilder, Sqlite as Db, SqlitePool};

use crate::domain::{Offset, Position, Time, UnitId};

use super::super::StoreError;
use super::super::error::During;
use super::super::rows::{Cells, int};
use super::super::tracks::{self, Block, TAIL_EVENTS, hour, of_unit, within};
use super::rows::chunks;
use super::{Sqlite, log};

/// Rows a transaction: some milliseconds, so that live commits are not held up.
const ROWS: usize = 512;

/// Up to where fixes have gone from the log into tracks.
pub async fn compacted(readers: &SqlitePool) -> Result<Offset, StoreError> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'compacted'")
            .fetch_optional(readers)
            .await
            .during("looking how far compaction has come")?;
    Ok(Offset(seq.unwrap_or_default().unsigned_abs()))
}

impl Sqlite {
    /// Brings the fixes of the log's next batches into tracks.
    ///
    /// A run that is cut short leaves rows without having moved the mark; the
    /// next run begins at the same batch, reads at least as far, and so replaces
    /// each of them by one that holds as much or more.
    pub(super) async fn compact_log(
        &self,
        upto: Offset,
        most_events: usize,
    ) -> Result<Offset, StoreError> {
        let after = compacted(&self.writer).await?;
        let mut reader = self.readers.acquire().await.during("reading the log")?;
        let mut batches = log::read(&mut reader, after, most_events).await?;
        drop(reader);
        batches.retain(|(offset, _)| *offset <= upto);
        let Some(&(last, _)) = batches.last() else { return Ok(after) };

        for some in tracks::blocks(batches)?.chunks(ROWS) {
            self.write_tracks(some, after).await?;
        }
        let put = "INSERT INTO meta (key, value) VALUES ('compacted', ?)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        sqlx::query(put)
            .bind(last.0.to_string())
            .execute(&self.writer)
            .await
            .during("noting how far compaction has come")?;
        Ok(last)
    }

    async fn write_tracks(&self, rows: &[Block], after: Offset) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for chunk in chunks(rows) {
            let mut query =
                QueryBuilder::new("INSERT OR REPLACE INTO tracks (unit, hour, after, fixes) ");
            query.push_values(chunk, |mut row, block| {
                row.push_bind(i64::from(block.unit.0))
                    .push_bind(block.hour)
                    .push_bind(int(after.0))
                    .push_bind(&*block.fixes);
            });
            query.build().execute(&mut *tx).await.during("writing tracks")?;
        }
        tx.commit().await.during("committing tracks")
    }
}

/// Which of these fixes are in tracks.
pub async fn known(
    readers: &SqlitePool,
    fixes: Vec<(UnitId, Time)>,
) -> Result<Vec<(UnitId, Time)>, StoreError> {
    let blocks: BTreeSet<_> = fixes.iter().map(|&(unit, at)| (unit, hour(at))).collect();
    let blocks: Vec<_> = blocks.into_iter().collect();
    let asked: HashSet<_> = fixes.into_iter().collect();
    let mut found = Vec::new();
    for chunk in chunks(&blocks) {
        let rows = of_blocks(chunk)
            .build()
            .fetch_all(readers)
            .await
            .during("looking for fixes known already")?;
        for row in &rows {
            let block: Vec<Position> = Cells::of(row, "tracks", "unit")?.decoded("fixes")?;
            let names = block.iter().map(|fix| (fix.unit, fix.at));
            found.extend(names.filter(|name| asked.contains(name)));
        }
    }
    Ok(found)
}

/// What there is of some units' hours. A join in this order is always answered by
/// the index, hour by hour.
pub fn of_blocks(blocks: &[(UnitId, i64)]) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new("SELECT unit, fixes FROM (");
    query.push_values(blocks, |mut row, (unit, hour)| {
        row.push_bind(i64::from(unit.0)).push_bind(*hour);
    });
    query.push(") AS asked CROSS JOIN tracks ON unit = asked.column1 AND hour = asked.column2");
    query
}

/// A unit's fixes of a time, oldest first, those in tracks and those still in
/// the log alone.
pub async fn track(
    readers: &SqlitePool,
    unit: UnitId,
    from: Time,
    to: Time,
    most: usize,
) -> Result<Vec<Position>, StoreError> {
    // The mark first: what moves meanwhile is found twice rather than not at all.
    let mut after = compacted(readers).await?;
    let mut fixes = blocks(readers, unit, hour(from), hour(to)).await?;
    let mut reader = readers.acquire().await.during("reading the log")?;
    loop {
        let batches = log::read(&mut reader, after, TAIL_EVENTS).await?;
        let Some(&(last, _)) = batches.last() else { break };
        after = last;
        fixes.extend(of_unit(batches, unit));
    }
    Ok(within(fixes, from, to, most))
}

async fn blocks(
    readers: &SqlitePool,
    unit: UnitId,
    first: i64,
    last: i64,
) -> Result<Vec<Position>, StoreError> {
    let rows = sqlx::query("SELECT fixes FROM tracks WHERE unit = ? AND hour BETWEEN ? AND ?")
        .bind(i64::from(unit.0))
        .bind(first)
        .bind(last)
        .fetch_all(readers)
        .await
        .during("reading tracks")?;
    let mut fixes = Vec::new();
    for row in &rows {
        let block: Vec<Position> =
            Cells::keyed(row, "tracks", i64::from(unit.0)).decoded("fixes")?;
        fixes.extend(block);
    }
    Ok(fixes)
}
