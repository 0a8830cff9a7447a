//! The log: a row a batch, its events encoded as one blob.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqliteExecutor, SqlitePool};

use crate::domain::{Batch, Event, Offset, Time};

use super::super::StoreError;
use super::super::error::During;
use super::rows::{Cells, int};

/// How `blob` is encoded: by postcard.
const POSTCARD: u8 = 1;

/// Bytes to begin with, an event: a position takes some 45.
const EVENT_BYTES: usize = 48;

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
    at: Time,
    events: &[Event],
) -> Result<Offset, StoreError> {
    let blob = encode(events)?;
    let done = sqlx::query("INSERT INTO log (at, events, blob) VALUES (?, ?, ?)")
        .bind(at.ms())
        .bind(int(events.len() as u64))
        .bind(blob)
        .execute(to)
        .await
        .during("appending to the log")?;
    Ok(Offset(done.last_insert_rowid().unsigned_abs()))
}

/// The batches after an offset; no more once they hold so many events.
pub async fn read(
    readers: &SqlitePool,
    after: Offset,
    most_events: usize,
) -> Result<Vec<(Offset, Batch)>, StoreError> {
    let mut last: i64 = int(after.0);
    let mut left = int(most_events as u64);
    let mut found = Vec::new();
    // Which rows that is stands in a small column: look there before the blobs.
    let sizes = sqlx::query("SELECT seq, events FROM log WHERE seq > ? ORDER BY seq LIMIT 4096")
        .bind(last)
        .fetch_all(readers)
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
        .fetch_all(readers)
        .await
        .during("reading the log")?;
    for row in &rows {
        let (offset, at) = place(row)?;
        let cells = Cells { row, table: "log", key: int(offset.0) };
        found.push((offset, Batch { at, events: decode(&cells)? }));
    }
    Ok(found)
}

fn place(row: &SqliteRow) -> Result<(Offset, Time), StoreError> {
    let key = row.try_get("seq").during("reading the log")?;
    let cells = Cells { row, table: "log", key };
    Ok((Offset(cells.number("seq")?), Time::from_ms(cells.get("at")?)))
}

fn encode(events: &[Event]) -> Result<Vec<u8>, StoreError> {
    let mut blob = Vec::with_capacity(1 + events.len() * EVENT_BYTES);
    blob.push(POSTCARD);
    postcard::to_extend(events, blob)
        .map_err(|source| StoreError::Encode { what: "a batch", source })
}

fn decode(cells: &Cells<'_>) -> Result<Vec<Event>, StoreError> {
    let blob: &[u8] = cells.get("blob")?;
    match blob.split_first() {
        Some((&POSTCARD, rest)) => {
            postcard::from_bytes(rest).map_err(|why| cells.corrupt("blob", &why))
        }
        Some((other, _)) => Err(cells.corrupt("blob", &format!("unknown encoding {other}"))),
        None => Err(cells.corrupt("blob", &"empty")),
    }
}
