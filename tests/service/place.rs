//! Where what lasts is kept: SQLite, or what `PILIN_TEST_STORE` says, so that each
//! story is one of every store.

use pilin::config::StoreAddress;
use pilin::service::open_store;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

pub use pilin::service::Opened;

use crate::database::Database;

/// A store of a story's own; gone when this is dropped.
#[derive(Debug)]
pub struct Place {
    address: StoreAddress,
    _kept: Kept,
}

#[derive(Debug)]
enum Kept {
    File(#[expect(dead_code, reason = "kept")] TempDir),
    Database(#[expect(dead_code, reason = "kept")] Database),
}

impl Place {
    /// An empty one.
    pub async fn new() -> Self {
        match std::env::var("PILIN_TEST_STORE").as_deref() {
            Ok("postgis") => Self::postgis().await,
            Ok("sqlite") | Err(_) => Self::sqlite(),
            Ok(other) => panic!("PILIN_TEST_STORE: “{other}” is neither sqlite nor postgis"),
        }
    }

    /// An empty one in SQLite.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let address = StoreAddress::Sqlite(folder.path().join("pilin.db"));
        Self { address, _kept: Kept::File(folder) }
    }

    /// An empty one in PostGIS.
    pub async fn postgis() -> Self {
        let database = Database::new().await;
        let address = database.url().parse().unwrap();
        Self { address, _kept: Kept::Database(database) }
    }

    /// Its address.
    pub fn address(&self) -> &StoreAddress {
        &self.address
    }

    /// Opens it beside the service.
    pub async fn open(&self) -> Opened {
        open_store(&self.address).await.unwrap()
    }

    /// Changes it behind the service's back.
    pub async fn meddle(&self, sql: &'static str) {
        match &self.address {
            StoreAddress::Sqlite(path) => {
                let url = format!("sqlite:{}", path.display());
                SqliteConnection::connect(&url).await.unwrap().execute(sql).await.unwrap();
            }
            StoreAddress::Postgis(url) => {
                let url = url.with_password();
                PgConnection::connect(url).await.unwrap().execute(sql).await.unwrap();
            }
        }
    }
}
