//! Where what comes in is kept while the store is away.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, StoreAddress, check};

/// Where the spool is unless told otherwise.
const FOLDER: &str = "pilin.spool";

/// How much it may hold unless told otherwise, MiB: two minutes at 100,000 fixes a
/// second.
const MIB: u64 = 1_024;

/// A folder on a disk that stays when the store goes, and how much may be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spool {
    /// The folder.
    pub folder: PathBuf,
    /// Whether somebody has named it: a service that was told where to keep what
    /// comes does not start without.
    pub named: bool,
    /// The bytes that may be in it.
    pub most_bytes: u64,
}

/// What one layer says of the spool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "While the store is away")]
pub struct SpoolLayer {
    /// Folder where what comes in is kept while the store is away, made if it is not
    /// there; not on the store's own disk. One service has it at a time [default: of
    /// a database, pilin.spool, if that can be made; of the embedded store, none].
    #[arg(id = "spool_folder", long = "spool", env = "PILIN_SPOOL", value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// The most that it may hold, MiB; beyond that what comes is refused until the
    /// store is back; 0: nothing is kept; 0 to 1048576 [default: 1024].
    #[arg(id = "spool_mib", long = "spool-mib", env = "PILIN_SPOOL_MIB", value_name = "MIB")]
    pub mib: Option<u64>,
}

impl Spool {
    /// The spool beside a store; none if there is to be none.
    pub(super) fn from_layers(
        upper: SpoolLayer,
        lower: SpoolLayer,
        store: &StoreAddress,
    ) -> Result<Option<Self>, ConfigError> {
        let mib = upper.mib.or(lower.mib);
        let most_bytes = check::within("spool.mib", mib.unwrap_or(MIB), 0, 1 << 20)? << 20;
        if most_bytes == 0 {
            return Ok(None);
        }
        let folder = upper.folder.or(lower.folder);
        let named = folder.is_some();
        let usual = matches!(store, StoreAddress::Postgis(_)).then(|| FOLDER.into());
        let Some(folder) = folder.or(usual) else {
            let why = "missing, and without it there is no spool beside the embedded store that \
                       spool.mib could bound";
            return if mib.is_none() {
                Ok(None)
            } else {
                Err(ConfigError::key("spool.folder", why))
            };
        };
        Ok(Some(Self { folder, named, most_bytes }))
    }
}
