//! Checkpoints, in pieces.

use sqlx::postgres::{PgConnection, PgPool};

use crate::domain::Offset;

use super::super::StoreError;
use super::super::error::During;
use super::super::rows::int;
use super::locks;

/// Bytes a piece: what a message may well hold, and far from what a row can.
const PIECE: usize = 1 << 20;

/// Checkpoints kept: a start begins at the older, so that the stream's history
/// is full again when the doors open.
const KEPT: i64 = 2;

/// The checkpoints there are, oldest first.
pub async fn list(readers: &PgPool) -> Result<Vec<Offset>, StoreError> {
    let all: Vec<i64> = sqlx::query_scalar("SELECT DISTINCT seq FROM checkpoints ORDER BY seq")
        .fetch_all(readers)
        .await
        .during("listing checkpoints")?;
    Ok(all.into_iter().map(|seq| Offset(seq.unsigned_abs())).collect())
}

/// A checkpoint: whole, or not there; another server may drop it at any moment.
pub async fn read(readers: &PgPool, offset: Offset) -> Result<Option<Vec<u8>>, StoreError> {
    let pieces: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT blob FROM checkpoints WHERE seq = $1 ORDER BY piece")
            .bind(int(offset.0))
            .fetch_all(readers)
            .await
            .during("reading a checkpoint")?;
    Ok((!pieces.is_empty()).then(|| pieces.concat()))
}

/// Keeps a checkpoint and drops what is older than the one before it.
pub async fn save(writers: &PgPool, offset: Offset, bytes: Vec<u8>) -> Result<(), StoreError> {
    let mut tx = locks::begin(writers, locks::CHECKPOINTS).await?;
    sqlx::query("DELETE FROM checkpoints WHERE seq = $1")
        .bind(int(offset.0))
        .execute(&mut *tx)
        .await
        .during("dropping an equal checkpoint")?;
    for (piece, blob) in (0_i32..).zip(bytes.chunks(PIECE)) {
        sqlx::query("INSERT INTO checkpoints (seq, piece, blob) VALUES ($1, $2, $3)")
            .bind(int(offset.0))
            .bind(piece)
            .bind(blob)
            .execute(&mut *tx)
            .await
            .during("writing a piece of a checkpoint")?;
    }
    keep_newest(&mut tx, KEPT).await?;
    tx.commit().await.during("committing a checkpoint")
}

/// Drops every checkpoint.
pub async fn drop_all(writers: &PgPool) -> Result<(), StoreError> {
    let mut tx = locks::begin(writers, locks::CHECKPOINTS).await?;
    keep_newest(&mut tx, 0).await?;
    tx.commit().await.during("dropping every checkpoint")
}

async fn keep_newest(within: &mut PgConnection, kept: i64) -> Result<(), StoreError> {
    let drop = "DELETE FROM checkpoints WHERE seq NOT IN
                (SELECT DISTINCT seq FROM checkpoints ORDER BY seq DESC LIMIT $1)";
    sqlx::query(drop).bind(kept).execute(within).await.during("dropping old checkpoints")?;
    Ok(())
}
