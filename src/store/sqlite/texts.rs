//! Erasing texts of incidents, beside the log and in it.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, SqlitePool};

use crate::domain::{Event, Offset, TextErasure, Time};

use super::super::StoreError;
use super::super::codec::encode_batch;
use super::super::error::During;
use super::super::rows::{Cells, int};
use super::super::text_erasing::{AT_ONCE, NOTE, TextErasing, asked};
use super::rows::chunks;
use super::{Sqlite, audit, forgetting, notes};

/// Whether there is an incident with texts that occurred before a time; said as the index
/// says it.
pub async fn are_before(readers: &SqlitePool, before: Time) -> Result<bool, StoreError> {
    let find = "SELECT EXISTS (SELECT 1 FROM incidents WHERE occurred_at < ?
                AND (description <> '' OR media <> '[]'))";
    sqlx::query_scalar(find)
        .bind(before.ms())
        .fetch_one(readers)
        .await
        .during("looking for old texts")
}

/// Erases the texts of one incident that a batch names, and notes what else it asks for.
pub async fn note(
    to: &mut SqliteConnection,
    offset: Offset,
    events: &[Event],
) -> Result<(), StoreError> {
    for erasure in asked(events) {
        match erasure {
            TextErasure::Of(id) => {
                forgetting::overwrite(to, true).await?;
                let found = "SELECT id, seq FROM incidents WHERE id = ?";
                let found = sqlx::query(found)
                    .bind(int(id.0))
                    .fetch_all(&mut *to)
                    .await
                    .during("looking for the texts of an incident")?;
                erase(to, &erasure, &found).await?;
                forgetting::overwrite(to, false).await?;
            }
            TextErasure::Before(before) => {
                let known = TextErasing::of_note(notes::get(&mut *to, NOTE).await?.as_deref())?;
                let all = TextErasing::and(known, offset, before);
                notes::set(&mut *to, NOTE, all.note()).await?;
            }
        }
    }
    Ok(())
}

impl Sqlite {
    /// Erases some of what is to be erased; whether there was anything to do.
    pub(super) async fn erase_texts(&self, now: Time) -> Result<bool, StoreError> {
        if notes::get(&self.readers, NOTE).await?.is_none() {
            return Ok(false);
        }
        let mut tx = self.begin_to_forget().await?;
        let noted = notes::get(&mut *tx, NOTE).await?;
        let Some(mut erasing) = TextErasing::of_note(noted.as_deref())? else {
            forgetting::commit(tx).await?;
            return Ok(false);
        };
        let list = "SELECT id, seq FROM incidents WHERE occurred_at < ?
                    AND (description <> '' OR media <> '[]') AND seq < ?
                    ORDER BY occurred_at LIMIT ?";
        let found = sqlx::query(list)
            .bind(erasing.before.ms())
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
        forgetting::commit(tx).await?;
        Ok(true)
    }
}

/// Erases what is meant in the batches of some incidents, and beside them; of how many.
async fn erase(
    within: &mut SqliteConnection,
    erasure: &TextErasure,
    found: &[SqliteRow],
) -> Result<u64, StoreError> {
    let (mut ids, mut batches) = (Vec::new(), Vec::new());
    for row in found {
        let cells = Cells::of(row, "incidents", "id")?;
        ids.push(cells.int("id")?);
        batches.push(cells.int("seq")?);
    }
    batches.sort_unstable();
    batches.dedup();
    for seq in batches {
        let row = sqlx::query("SELECT seq, blob FROM log WHERE seq = ?")
            .bind(seq)
            .fetch_one(&mut *within)
            .await
            .during("reading the log")?;
        let mut events = Cells::keyed(&row, "log", seq).events("blob")?;
        let erased = erasure.erase_in(&mut events);
        if erased.is_empty() {
            continue;
        }
        sqlx::query("UPDATE log SET blob = ? WHERE seq = ?")
            .bind(encode_batch(&events)?)
            .bind(seq)
            .execute(&mut *within)
            .await
            .during("erasing texts in the log")?;
        ids.extend(erased.iter().map(|id| int(id.0)));
    }
    ids.sort_unstable();
    ids.dedup();
    for some in chunks(&ids) {
        let mut query =
            QueryBuilder::new("UPDATE incidents SET description = '', media = '[]' WHERE id IN (");
        let mut list = query.separated(", ");
        for id in some {
            list.push_bind(*id);
        }
        query.push(")").build().execute(&mut *within).await.during("erasing texts")?;
    }
    Ok(ids.len() as u64)
}
