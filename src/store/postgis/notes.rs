//! What holds for the whole store.

use sqlx::postgres::{PgExecutor, PgPool};
use uuid::Uuid;

use super::super::StoreError;
use super::super::error::During;

/// The store's epoch; made when it is first asked for.
pub async fn epoch(writers: &PgPool) -> Result<String, StoreError> {
    sqlx::query("INSERT INTO meta (key, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(Uuid::now_v7().to_string())
        .execute(writers)
        .await
        .during("making the epoch")?;
    sqlx::query_scalar("SELECT value FROM meta WHERE key = 'epoch'")
        .fetch_one(writers)
        .await
        .during("reading the epoch")
}

/// The note under a key.
pub async fn get(from: impl PgExecutor<'_>, key: &str) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(key)
        .fetch_optional(from)
        .await
        .during("reading a note")
}

/// Keeps a note under a key.
pub async fn set(to: impl PgExecutor<'_>, key: &str, text: String) -> Result<(), StoreError> {
    let put = "INSERT INTO meta (key, value) VALUES ($1, $2)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sqlx::query(put).bind(key).bind(text).execute(to).await.during("keeping a note")?;
    Ok(())
}

/// Forgets a note.
pub async fn remove(from: impl PgExecutor<'_>, key: &str) -> Result<(), StoreError> {
    let remove = "DELETE FROM meta WHERE key = $1";
    sqlx::query(remove).bind(key).execute(from).await.during("forgetting a note")?;
    Ok(())
}
