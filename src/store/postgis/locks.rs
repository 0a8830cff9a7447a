//! Who may write when, and what a connection promises.
//!
//! A lock is taken as a transaction begins, before it reads anything, and held
//! until it ends; so what it read still holds when it writes, and what comes after
//! it sees all of it. Where both are wanted, the log's comes before the acts'.

use sqlx::{Executor, PgConnection, PgPool, Postgres, Transaction};

use super::super::StoreError;
use super::super::error::During;

/// Begins a transaction that appends to the log.
pub const LOG: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 1)";

/// Begins an act: on accounts and what they hold, with its entry in the audit log.
pub const ACTS: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 2)";

/// Begins a run of compaction.
pub const TRACKS: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 3)";

/// Begins to keep or drop checkpoints.
pub const CHECKPOINTS: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 4)";

/// Begins to keep alerts: servers write the same, in another order.
pub const ALERTS: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 6)";

/// Begins to change the schema.
pub const SCHEMA: &str = "BEGIN; SELECT pg_advisory_xact_lock(1886153065, 5)";

/// Takes the lock of acts within a transaction; it may have it already.
pub const JOIN_ACTS: &str = "SELECT pg_advisory_xact_lock(1886153065, 2)";

/// Begins a transaction under a lock.
pub async fn begin(
    writers: &PgPool,
    under: &'static str,
) -> Result<Transaction<'static, Postgres>, StoreError> {
    writers.begin_with(under).await.during("beginning to write")
}

/// Sees to it that a commit is on disk when it is answered, where the database is
/// set to answer before. What is set stricter (replicas) stays.
pub async fn be_durable(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let set = "SELECT set_config('synchronous_commit', 'on', false)
               WHERE current_setting('synchronous_commit') = 'off'";
    connection.execute(set).await?;
    Ok(())
}
