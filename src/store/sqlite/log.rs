//! The log: a row a batch, its events encoded as one blob.

use sqlx::{Row, SqliteConnection, SqliteExecutor};

use crate::domain::{Batch, Event, Offset, Time};

use super::super::codec::encode_batch;
use super::super::draft::FixNames;
use super::super::error::During;
use super::super::forgetting::oldest_fix;
use super::super::rows::{Cells, int, place};
use super::super::tracks::{self, TAIL_EVENTS};
use super::super::{Draft, StoreError};

/// Where the log ends.
pub async fn head(from: impl SqliteExecutor<'_>) -> Result<Option<(Offset, Time)>, StoreError> {
    let row = sqlx::query("SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1")
        .fetch_optional(from)
        .await
        .during("looking where the log ends")?;
    row.as_ref().map(place).transpose()
}

/// Appends a batch after all others.
pub async fn append(
    to: &mut SqliteConnection,
    offset: Offset,
    at: Time,
    events: &[Event],
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO log (seq, at, events, oldest_fix, blob) VALUES (?, ?, ?, ?, ?)")
        .bind(int(offset.0))
        .bind(at.ms())
        .bind(int(events.len() as u64))
        .bind(oldest_fix(events))
        .bind(encode_batch(events)?)
        .execute(to)
        .await
        .during("appending to the log")?;
    Ok(())
}

/// The batches after an offset; no more once they hold so many events.
pub async fn read(
    from: &mut SqliteConnection,
    after: Offset,
    most_events: usize,
) -> Result<Vec<(Offset, Batch)>, StoreError> {
    let mut last: i64 = int(after.0);
    let mut left = int(most_events as u64);
    let mut found = Vec::new();
    // Which rows that is stands in a small column: look there before the blobs.
    let sizes = sqlx::query("SELECT seq, events FROM log WHERE seq > ? ORDER BY seq LIMIT 4096")
        .bind(last)
        .fetch_all(&mut *from)
        .await
        .during("looking what the log holds")?;
    for size in &sizes {
        if left <= 0 {
            break;
        }
        last = size.try_get("seq").during("looking what the log holds")?;
        left -= size.try_get::<i64, _>("events").during("looking what the log holds")?;
    }
    let rows = sqlx::query("SELECT seq, at, blob FROM log WHERE seq > ? AND seq <= ? ORDER BY seq")
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
    from: &mut SqliteConnection,
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
    from: &mut SqliteConnection,
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
