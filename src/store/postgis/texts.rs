//! Erasing texts of incidents, beside the log and in it.

use sqlx::postgres::{PgConnection, PgPool, PgRow};

use crate::domain::{Event, Offset, TextErasure, Time};

use super::super::StoreError;
use super::super::codec::encode_batch;
use super::super::error::During;
use super::super::rows::{Cells, int};
use super::super::text_erasing::{AT_ONCE, NOTE, TextErasing, asked};
use super::rows::At;
use super::{Postgis, audit, locks, notes};

/// Whether there is an incident with texts that occurred before a time; said as the index
/// says it.
pub async fn are_before(readers: &PgPool, before: Time) -> Result<bool, StoreError> {
    let find = "SELECT EXISTS (SELECT FROM incidents WHERE occurred_at < $1
                AND (description <> '' OR media <> '[]'))";
    sqlx::query_scalar(find)
        .bind(At(before))
        .fetch_one(readers)
        .await
        .during("looking for old texts")
}

/// Erases the texts of one incident that a batch names, and notes what else it asks for.
pub async fn note(
    to: &mut PgConnection,
    offset: Offset,
    events: &[Event],
) -> Result<(), StoreError> {
    for erasure in asked(events) {
        match erasure {
            TextErasure::Of(id) => {
                let found = "SELECT id, seq FROM incidents WHERE id = $1";
                let found = sqlx::query(found)
                    .bind(int(id.0))
                    .fetch_all(&mut *to)
                    .await
                    .during("looking for the texts of an incident")?;
                erase(to, &erasure, &found).await?;
            }
            TextErasure::Before(before) => {
                let all = TextErasing::and(noted(to).await?, offset, before);
                notes::set(&mut *to, NOTE, all.note()).await?;
            }
        }
    }
    Ok(())
}

/// What is to be done; nobody else changes that until the transaction ends.
async fn noted(within: &mut PgConnection) -> Result<Option<TextErasing>, StoreError> {
    let note: Option<String> =
        sqlx::query_scalar("SELECT value FROM meta WHERE key = $1 FOR UPDATE")
            .bind(NOTE)
            .fetch_optional(within)
            .await
            .during("reading which texts are to be erased")?;
    TextErasing::of_note(note.as_deref())
}

impl Postgis {
    /// Erases some of what is to be erased; whether there was anything to do.
    pub(super) async fn erase_texts(&self, now: Time) -> Result<bool, StoreError> {
        if notes::get(&self.readers, NOTE).await?.is_none() {
            return Ok(false);
        }
        let mut tx = locks::begin(&self.writers, locks::TRACKS).await?;
        let Some(mut erasing) = noted(&mut tx).await? else { return Ok(false) };
        let list = "SELECT id, seq FROM incidents WHERE occurred_at < $1
                    AND (description <> '' OR media <> '[]') AND seq < $2
                    ORDER BY occurred_at LIMIT $3";
        let found = sqlx::query(list)
            .bind(At(erasing.before))
            .bind(int(erasing.offset.0))
            .bind(AT_ONCE)
            .fetch_all(&mut *tx)
            .await
            .during("looking which texts are to be erased")?;
        if found.is_empty() {
            notes::remove(&mut *tx, NOTE).await?;
            audit::write(&mut tx, &[erasing.entry(now)]).await?;
        } else {
            erasing.incidents += erase(&mut tx, &erasing.erasure(), &found).await?;
            notes::set(&mut *tx, NOTE, erasing.note()).await?;
        }
        tx.commit().await.during("committing which texts were erased")?;
        Ok(true)
    }
}

/// Erases what is meant in the batches of some incidents, and beside them; of how many.
async fn erase(
    within: &mut PgConnection,
    erasure: &TextErasure,
    found: &[PgRow],
) -> Result<u64, StoreError> {
    let (mut ids, mut batches) = (Vec::new(), Vec::new());
    for row in found {
        let cells = Cells::of(row, "incidents", "id")?;
        ids.push(cells.int("id")?);
        batches.push(cells.int("seq")?);
    }
    let rows =
        sqlx::query("SELECT seq, blob FROM log WHERE seq = ANY ($1) ORDER BY seq FOR UPDATE")
            .bind(&batches)
            .fetch_all(&mut *within)
            .await
            .during("reading the log")?;
    for row in &rows {
        let cells = Cells::of(row, "log", "seq")?;
        let mut events = cells.events("blob")?;
        let erased = erasure.erase_in(&mut events);
        if erased.is_empty() {
            continue;
        }
        sqlx::query("UPDATE log SET blob = $1 WHERE seq = $2")
            .bind(encode_batch(&events)?)
            .bind(cells.int("seq")?)
            .execute(&mut *within)
            .await
            .during("erasing texts in the log")?;
        ids.extend(erased.iter().map(|id| int(id.0)));
    }
    ids.sort_unstable();
    ids.dedup();
    sqlx::query("UPDATE incidents SET description = '', media = '[]' WHERE id = ANY ($1)")
        .bind(&ids)
        .execute(within)
        .await
        .during("erasing texts")?;
    Ok(ids.len() as u64)
}
