//! Checkpoints, in pieces, so that a large one does not hold up the log.

use sqlx::SqlitePool;

use crate::domain::Offset;

use super::super::StoreError;
use super::super::error::During;
use super::super::rows::int;

/// Bytes written at once; a few milliseconds' worth.
const PIECE: usize = 1 << 20;

/// Checkpoints kept: a start begins at the older, so that the stream's history
/// is full again when the doors open.
const KEPT: i64 = 2;

/// The checkpoints there are, oldest first.
pub async fn list(readers: &SqlitePool) -> Result<Vec<Offset>, StoreError> {
    let all: Vec<i64> = sqlx::query_scalar("SELECT seq FROM checkpoints ORDER BY seq")
        .fetch_all(readers)
        .await
        .during("listing checkpoints")?;
    Ok(all.into_iter().map(|seq| Offset(seq.unsigned_abs())).collect())
}

/// A checkpoint.
pub async fn read(readers: &SqlitePool, offset: Offset) -> Result<Option<Vec<u8>>, StoreError> {
    let pieces: Option<i64> = sqlx::query_scalar("SELECT pieces FROM checkpoints WHERE seq = ?")
        .bind(int(offset.0))
        .fetch_optional(readers)
        .await
        .during("reading a checkpoint")?;
    let Some(pieces) = pieces else { return Ok(None) };
    let mut bytes = Vec::new();
    for piece in 0..pieces {
        let blob: Vec<u8> =
            sqlx::query_scalar("SELECT blob FROM checkpoint_pieces WHERE seq = ? AND piece = ?")
                .bind(int(offset.0))
                .bind(piece)
                .fetch_one(readers)
                .await
                .during("reading a piece of a checkpoint")?;
        bytes.extend(blob);
    }
    Ok(Some(bytes))
}

/// Keeps a checkpoint and drops what is older than the one before it.
pub async fn save(writer: &SqlitePool, offset: Offset, bytes: Vec<u8>) -> Result<(), StoreError> {
    // One of this offset, which may be there already, is gone while its pieces change.
    sqlx::query("DELETE FROM checkpoints WHERE seq = ?")
        .bind(int(offset.0))
        .execute(writer)
        .await
        .during("dropping an equal checkpoint")?;
    drop_loose(writer).await?;
    let mut pieces = 0_i64;
    for piece in bytes.chunks(PIECE) {
        sqlx::query("INSERT OR REPLACE INTO checkpoint_pieces (seq, piece, blob) VALUES (?, ?, ?)")
            .bind(int(offset.0))
            .bind(pieces)
            .bind(piece)
            .execute(writer)
            .await
            .during("writing a piece of a checkpoint")?;
        pieces += 1;
    }
    sqlx::query("INSERT OR REPLACE INTO checkpoints (seq, pieces) VALUES (?, ?)")
        .bind(int(offset.0))
        .bind(pieces)
        .execute(writer)
        .await
        .during("writing a checkpoint")?;
    keep_newest(writer, KEPT).await
}

/// Drops all checkpoints but the newest.
pub async fn keep_newest(writer: &SqlitePool, kept: i64) -> Result<(), StoreError> {
    let drop = "DELETE FROM checkpoints WHERE seq NOT IN
                (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)";
    sqlx::query(drop).bind(kept).execute(writer).await.during("dropping old checkpoints")?;
    drop_loose(writer).await
}

/// Drops the pieces of what is gone or was never finished.
async fn drop_loose(writer: &SqlitePool) -> Result<(), StoreError> {
    let drop = "DELETE FROM checkpoint_pieces WHERE rowid IN (SELECT rowid FROM checkpoint_pieces
                WHERE seq NOT IN (SELECT seq FROM checkpoints) LIMIT 4)";
    loop {
        let done = sqlx::query(drop)
            .execute(writer)
            .await
            .during("dropping the pieces of old checkpoints")?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
    }
}
