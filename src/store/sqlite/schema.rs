//! The schema, and how far a file's is.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::super::error::During;
use super::super::{Schema, StoreError};
use super::Sqlite;

/// Every change of the schema there was.
pub static CHANGES: Migrator = sqlx::migrate!("migrations/sqlite");

impl Sqlite {
    /// How far the schema of a file is, which is left as it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema(file: &Path) -> Result<Schema, StoreError> {
        let deed = "looking how far the schema is";
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut connection = options.connect().await.during(deed)?;
        let list = "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
        let any: i64 = sqlx::query_scalar(list).fetch_one(&mut connection).await.during(deed)?;
        let had = match any {
            0 => Vec::new(),
            _ => sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&mut connection)
                .await
                .during(deed)?,
        };
        connection.close().await.during(deed)?;
        Ok(Schema::new(&had, &CHANGES))
    }
}
