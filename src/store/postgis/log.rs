//! The log: a row a batch, its events encoded as one blob.

use std::sync::atomic::Ordering;

use sqlx::{PgConnection, PgExecutor, Row};

use crate::domain::{Batch, Event, Offset, Time};

use super::super::codec::encode_batch;
use super::super::draft::FixNames;
use super::super::error::During;
use super::super::forgetting::oldest_fix;
use super::super::rows::{Cells, int, place};
use super::super::tracks::{self, TAIL_EVENTS};
use super::super::{Draft, StoreError};
use super::rows::At;
use super::silence::bounded_read;
use super::{Postgis, locks};

/// The channel on which every batch is told of, by its number.
pub const CHANNEL: &str = "pilin_log";

/// Where the log ends.
pub async fn head(from: impl PgExecutor<'_>) -> Result<Option<(Offset, Time)>, StoreError> {
    let row = sqlx::query("SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1")
        .fetch_optional(from)
        .await
        .during("looking where the log ends")?;
    row.as_ref().map(place).transpose()
}

/// Appends a batch after all others.
pub async fn append(
    to: &mut PgConnection,
    offset: Offset,
    at: Time,
    events: &[Event],
) -> Result<(), StoreError> {
    let put = "WITH appended AS (INSERT INTO log (seq, at, events, oldest_fix, blob)
                   VALUES ($1, $2, $3, $4, $5) RETURNING seq)
               SELECT pg_notify($6, seq::text) FROM appended";
    sqlx::query(put)
        .bind(int(offset.0))
        .bind(At(at))
        .bind(int(events.len() as u64))
        .bind(oldest_fix(events))
        .bind(encode_batch(events)?)
        .bind(CHANNEL)
        .execute(to)
        .await
        .during("appending to the log")?;
    Ok(())
}

/// The batches after an offset; no more once they hold so many events.
pub async fn read(
    from: &mut PgConnection,
    after: Offset,
    most_events: usize,
) -> Result<Vec<(Offset, Batch)>, StoreError> {
    let mut last: i64 = int(after.0);
    let mut left = int(most_events as u64);
    let mut found = Vec::new();
    // Which rows that is stands in a small column: look there before the blobs.
    let sizes = sqlx::query("SELECT seq, events FROM log WHERE seq > $1 ORDER BY seq LIMIT 4096")
        .bind(last)
        .fetch_all(&mut *from)
        .await
        .during("looking what the log holds")?;
    for size in &sizes {
        if left <= 0 {
            break;
        }
        last = size.try_get("seq").during("looking what the log holds")?;
        left -= i64::from(size.try_get::<i32, _>("events").during("looking what the log holds")?);
    }
    let rows =
        sqlx::query("SELECT seq, at, blob FROM log WHERE seq > $1 AND seq <= $2 ORDER BY seq")
            .bind(int(after.0))
            .bind(last)
            .fetch_all(from)
            .await
            .during("reading the log")?;
    for row in &rows {
        let (offset, at) = place(row)?;
        let events = Cells::keyed(row, "log", int(offset.0)).events("blob")?;
        found.push((offset, Batch { at, events }));
    }
    Ok(found)
}

/// Whether what a draft is not to follow has happened; `last` is where the log ends.
pub async fn is_overtaken(
    from: &mut PgConnection,
    draft: &Draft,
    last: Offset,
) -> Result<bool, StoreError> {
    let Some(since) = draft.since else { return Ok(false) };
    let mut after = since.offset;
    while after < last {
        let batches = read(from, after, TAIL_EVENTS).await?;
        let Some(&(reached, _)) = batches.last() else { break };
        after = reached;
        if batches.iter().any(|(_, batch)| since.changed_in(batch)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The fixes that others appended after those of a draft were judged; `last` is
/// where the log ends.
pub async fn fixes_since(
    from: &mut PgConnection,
    draft: &Draft,
    last: Offset,
) -> Result<FixNames, StoreError> {
    let mut since = FixNames::default();
    let mut after = draft.known;
    while after < last && draft.has_fixes() {
        let batches = read(from, after, TAIL_EVENTS).await?;
        let Some(&(reached, _)) = batches.last() else { break };
        after = reached;
        since.extend(tracks::names(&batches));
    }
    Ok(since)
}

impl Postgis {
    /// Reads the log; after a commit whose answer never came, only once that is
    /// either done or undone: the database may still be at it, and holds the lock
    /// until then.
    pub(super) async fn read_log(
        &self,
        after: Offset,
        most_events: usize,
    ) -> Result<Vec<(Offset, Batch)>, StoreError> {
        bounded_read(self.try_to_read(after, most_events)).await
    }

    async fn try_to_read(
        &self,
        after: Offset,
        most_events: usize,
    ) -> Result<Vec<(Offset, Batch)>, StoreError> {
        if self.in_doubt.load(Ordering::Acquire) {
            let tx = locks::begin(&self.writers, locks::LOG).await?;
            tx.rollback().await.during("waiting for a commit in doubt")?;
            self.in_doubt.store(false, Ordering::Release);
        }
        let mut reader = self.readers.acquire().await.during("reading the log")?;
        read(&mut reader, after, most_events).await
    }
}
