//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;

/// A failure of the store, saying what was being done.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is out of reach.
    #[error("{deed}: the database is out of reach: {}", said(why))]
    Unreachable {
        /// What was being done.
        deed: &'static str,
        /// What came instead of an answer.
        why: sqlx::Error,
    },
    /// The connection broke while a batch was being committed: it may stand in the
    /// log, or not.
    #[error("committing a batch: whether it is in the log is not known: {}", said(why))]
    InDoubt {
        /// What came instead of an answer.
        why: sqlx::Error,
    },
    /// There is no room to write; reading goes on.
    #[error("{deed}: the store's disk is full: {}", said(why))]
    Full {
        /// What was being done.
        deed: &'static str,
        /// What the database says.
        why: sqlx::Error,
    },
    /// The database is not one that can hold a store.
    #[error("the database does not do: {0}")]
    Unfit(String),
    /// A store that is to be filled holds something already.
    #[error("it is not empty: there is something in its {0}")]
    NotEmpty(&'static str),
    /// The database refused.
    #[error("{deed}: {}", said(why))]
    Database {
        /// What was being done.
        deed: &'static str,
        /// What the database says.
        why: sqlx::Error,
    },
    /// The file of a store could not be made.
    #[error("making {}: {why}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// The schema could not be brought up to date.
    #[error("bringing the schema of {store} up to date: {}", said_of_change(why))]
    Migrate {
        /// Which database.
        store: String,
        /// What the database says.
        why: MigrateError,
    },
    /// A row makes no sense.
    #[error("{table}.{column} of row {row}: {why}")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its key.
        row: i64,
        /// What is wrong with it.
        why: String,
    },
    /// A value could not be encoded.
    #[error("encoding {what}: {why}")]
    Encode {
        /// Which.
        what: &'static str,
        /// Why not.
        why: postcard::Error,
    },
}

impl StoreError {
    /// Whether the fault is not in what was to be written: the same may go through
    /// later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::InDoubt { .. } | Self::Full { .. } => true,
            Self::Database { why, .. } => is_of_the_database(why),
            Self::Unfit(_)
            | Self::NotEmpty(_)
            | Self::File { .. }
            | Self::Migrate { .. }
            | Self::Corrupt { .. }
            | Self::Encode { .. } => false,
        }
    }
}

/// What the database says, without where in its own code it says so.
pub(super) fn said(why: &sqlx::Error) -> String {
    let of_postgres = why.as_database_error().and_then(|why| why.try_downcast_ref());
    let Some(why): Option<&PgDatabaseError> = of_postgres else { return why.to_string() };
    // What breaks a rule of a table is told with all that is in the row.
    let detail = why.detail().filter(|_| !why.code().starts_with("23"));
    let more = [detail, why.hint()].into_iter().flatten();
    more.fold(why.message().to_owned(), |said, more| format!("{said} ({more})"))
}

fn said_of_change(why: &MigrateError) -> String {
    match why {
        MigrateError::Execute(why) => said(why),
        MigrateError::ExecuteMigration(why, change) => format!("change {change}: {}", said(why)),
        why => why.to_string(),
    }
}

/// Says what was being done when the database failed.
pub(super) trait During<T> {
    /// Adds the deed to an error.
    fn during(self, deed: &'static str) -> Result<T, StoreError>;
}

impl<T> During<T> for Result<T, sqlx::Error> {
    fn during(self, deed: &'static str) -> Result<T, StoreError> {
        self.map_err(|why| {
            if is_unreachable(&why) {
                StoreError::Unreachable { deed, why }
            } else if is_full(&why) {
                StoreError::Full { deed, why }
            } else {
                StoreError::Database { deed, why }
            }
        })
    }
}

/// Whether the database did not answer, or only that it is about to go.
pub(super) fn is_unreachable(why: &sqlx::Error) -> bool {
    match why {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) => true,
        // Connection exceptions, and an operator who shuts it down or starts it.
        sqlx::Error::Database(why) => {
            why.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P"))
        }
        _ => false,
    }
}

/// Whether the database is short of something, busy, being stopped, or only to be read.
fn is_of_the_database(why: &sqlx::Error) -> bool {
    let Some(why) = why.as_database_error() else {
        return matches!(why, sqlx::Error::WorkerCrashed | sqlx::Error::PoolClosed);
    };
    match why.code().as_deref() {
        // PostgreSQL's have five characters: https://www.postgresql.org/docs/15/errcodes-appendix.html
        Some(code) if code.len() == 5 => {
            ["25006", "55P03"].contains(&code)
                || ["40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        }
        // SQLite's are numbers, the lowest byte of which tells the kind: busy, locked,
        // read-only, input or output, full, cannot be opened.
        Some(code) => code
            .parse::<u16>()
            .is_ok_and(|code| [5, 6, 8, 10, 13, 14].contains(&code.to_le_bytes()[0])),
        None => false,
    }
}

/// Whether there is no room to write: `SQLITE_FULL`, or `disk_full` of PostgreSQL.
fn is_full(why: &sqlx::Error) -> bool {
    let code = why.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["13", "53100"].contains(&&*code))
}
