//! Bringing the write-ahead log into the file, beside the commits.
//!
//! SQLite would do it at the end of whichever commit finds the log long, and that
//! commit would wait for it. A connection of its own does it instead, which holds
//! up nobody; the writer's own bound stays as a backstop for when commits follow
//! each other so closely that this one never finds the log quiet, and so never
//! can have it begun anew.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio_util::task::AbortOnDropHandle;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// Pages of the log at which the writer does it after all: 64 MiB.
pub const BACKSTOP_PAGES: &str = "8192";

/// Does it until the handle is dropped.
pub fn keep_short(options: SqliteConnectOptions) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut connection = None;
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(why) = bring_in(&options, &mut connection).await {
                // The backstop holds meanwhile.
                tracing::warn!(error = %why, "bringing the write-ahead log in");
                connection = None;
            }
        }
    }))
}

async fn bring_in(
    options: &SqliteConnectOptions,
    connection: &mut Option<SqliteConnection>,
) -> Result<(), sqlx::Error> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(options.connect().await?),
    };
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(connection).await?;
    Ok(())
}
