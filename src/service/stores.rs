//! Where what comes in is kept: the store and the spool of a configuration, opened.

use std::path::Path;
use std::sync::Arc;

use crate::config::{self, StoreAddress};
use crate::spool::{Spool, SpoolError};
use crate::store::{
    Contents, Ledger, Postgis, Registry, Repair, Replies, Schema, Sqlite, Store, StoreError,
};

/// A store, by each of its faces.
#[derive(Debug)]
pub struct Opened {
    /// The log, and the tables beside it.
    pub store: Arc<dyn Store>,
    /// Who is known.
    pub registry: Arc<dyn Registry>,
    /// The audit log.
    pub ledger: Arc<dyn Ledger>,
    /// What was answered to requests with a key.
    pub replies: Arc<dyn Replies>,
    /// All of it, to be taken elsewhere.
    pub contents: Arc<dyn Contents>,
    /// Its times, to be set right.
    pub repair: Arc<dyn Repair>,
}

impl Opened {
    fn of(store: impl Store + Registry + Ledger + Replies + Contents + Repair) -> Self {
        let store = Arc::new(store);
        let (registry, ledger) = (Arc::clone(&store), Arc::clone(&store));
        let (replies, contents) = (Arc::clone(&store), Arc::clone(&store));
        let repair = Arc::clone(&store);
        Self { store, registry, ledger, replies, contents, repair }
    }
}

/// Opens the store of an address.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(address: &StoreAddress) -> Result<Opened, StoreError> {
    Ok(match address {
        StoreAddress::Sqlite(path) => Opened::of(Sqlite::open(path).await?),
        StoreAddress::Postgis(url) => Opened::of(Postgis::open(url.with_password()).await?),
    })
}

/// How far the schema of the store at an address is; the store is left as it is.
///
/// # Errors
/// When it cannot be read.
pub async fn schema_of(address: &StoreAddress) -> Result<Schema, StoreError> {
    match address {
        StoreAddress::Sqlite(path) => Sqlite::schema(path).await,
        StoreAddress::Postgis(url) => Postgis::schema(url.with_password()).await,
    }
}

/// Opens the spool. One that nobody asked for, and that holds nothing which was
/// promised, is gone without rather than that the service does not start.
pub async fn open_spool(spool: config::Spool) -> Result<Option<Spool>, SpoolError> {
    let config::Spool { folder, named, most_bytes } = spool;
    let opened = move || match Spool::open(&folder, most_bytes) {
        Ok(spool) => Ok(Some(spool)),
        Err(why) if named || holds_ours(&folder, &why) => Err(why),
        Err(why) => {
            tracing::warn!(
                error = %why,
                "there is no spool: while the store is away what comes in is refused; name a \
                 folder (spool.folder, --spool), or want none (spool.mib = 0)"
            );
            Ok(None)
        }
    };
    let opened = tokio::task::spawn_blocking(opened).await;
    opened.unwrap_or_else(|why| Err(SpoolError::Broken(why.to_string())))
}

/// Whether there may be something in a spool that cannot be opened: but for one that
/// was never made, or that another service looks after.
fn holds_ours(folder: &Path, why: &SpoolError) -> bool {
    !matches!(why, SpoolError::Taken { .. }) && folder.try_exists().unwrap_or(true)
}
