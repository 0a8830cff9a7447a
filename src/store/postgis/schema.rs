//! The schema, and how far a database's is.

use std::str::FromStr;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use super::super::error::During;
use super::super::{Schema, StoreError};
use super::Postgis;

/// Every change of the schema there was.
pub static CHANGES: Migrator = sqlx::migrate!("migrations/postgis");

impl Postgis {
    /// How far the schema of a database is, which is left as it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema(url: &str) -> Result<Schema, StoreError> {
        let deed = "looking how far the schema is";
        let options = PgConnectOptions::from_str(url).during("reading the store's address")?;
        let options = options.application_name("pilin").disable_statement_logging();
        let mut connection = PgConnection::connect_with(&options).await.during(deed)?;
        let list = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
        let any: bool = sqlx::query_scalar(list).fetch_one(&mut connection).await.during(deed)?;
        let had = if any {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&mut connection)
                .await
                .during(deed)?
        } else {
            Vec::new()
        };
        connection.close().await.during(deed)?;
        Ok(Schema::new(&had, &CHANGES))
    }
}
