//! Lines that are dead, but do not say so: an answer would never come.

use std::io;
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

use super::super::StoreError;

/// How long the log may keep silent: longer than one waits for a lock.
const LOG: Duration = Duration::from_secs(30);

/// How long a connection may keep silent that has nothing to do.
const IDLE: Duration = Duration::from_secs(5);

/// An answer of the log, or else what its silence means.
pub async fn bounded<T>(
    answer: impl Future<Output = Result<T, StoreError>>,
    otherwise: impl FnOnce(sqlx::Error) -> StoreError,
) -> Result<T, StoreError> {
    timeout(LOG, answer).await.unwrap_or_else(|_elapsed| Err(otherwise(silent())))
}

/// The same for what only reads.
pub async fn bounded_read<T>(
    answer: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    bounded(answer, |why| StoreError::Unreachable { deed: "reading the log", why }).await
}

/// Tries a connection that comes back to its pool, so that a dead one leaves its
/// place to another.
pub async fn try_out(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    timeout(IDLE, connection.ping()).await.unwrap_or_else(|_elapsed| Err(silent()))?;
    Ok(true)
}

fn silent() -> sqlx::Error {
    io::Error::from(io::ErrorKind::TimedOut).into()
}
