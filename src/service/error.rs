//! What can go wrong with a service.

use std::io;
use std::net::SocketAddr;

use tokio::task::JoinError;

use crate::api::IdentityError;
use crate::config::StoreAddress;
use crate::gate::{GateError, ProviderError};
use crate::pipeline::{PipelineError, Refused, Unkept};
use crate::region::{RegionError, RulesError};
use crate::spool::SpoolError;
use crate::store::StoreError;

/// Why a service cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The region cannot be used.
    #[error(transparent)]
    Region(#[from] RegionError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The secret that the provider knows cannot be read.
    #[error("oidc.client_secret_file: {file}: {why}")]
    Secret {
        /// The file.
        file: String,
        /// Why not.
        why: io::Error,
    },
    /// The provider cannot be what people sign in by.
    #[error("oidc: {0}")]
    Provider(ProviderError),
    /// The store cannot be opened.
    #[error("{store}: {why}")]
    Store {
        /// Which.
        store: StoreAddress,
        /// Why not.
        why: StoreError,
    },
    /// Everybody who reaches it could do everything.
    #[error(
        "listen: {listen} can be reached from other machines, and the store has no account: \
         listen on a loopback address, or make one first (pilin account add)"
    )]
    NoAccount {
        /// Where it was to listen.
        listen: SocketAddr,
    },
    /// It cannot be found out who may come in.
    #[error("{store}: {why}")]
    Gate {
        /// The store that should know.
        store: StoreAddress,
        /// Why not.
        why: GateError,
    },
    /// The picture cannot be rebuilt.
    #[error("{store}: {why}")]
    Pipeline {
        /// The store it is rebuilt from.
        store: StoreAddress,
        /// Why not.
        why: PipelineError,
    },
    /// The spool cannot be opened.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The listener failed.
    #[error("serving: {0}")]
    Serve(io::Error),
    /// A fault of its own: nothing that comes in could be answered any more.
    #[error("the pipeline broke down: {0}")]
    Broken(JoinError),
    /// The same, without a word.
    #[error("the pipeline ended unasked")]
    Ended,
    /// The store will never take what is to follow behind the log.
    #[error(transparent)]
    Unkept(#[from] Unkept),
    /// Something that goes on beside it has died.
    #[error("{task} broke down: {why}")]
    Background {
        /// Which.
        task: &'static str,
        /// Why.
        why: String,
    },
}

/// Why the rules were not read again.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file cannot be read.
    #[error("reading {file}: {why}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        why: io::Error,
    },
    /// The rules cannot be.
    #[error("{file}: {why}")]
    Rules {
        /// The file.
        file: String,
        /// Why not.
        why: RulesError,
    },
    /// What was read before is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pipeline did not take them.
    #[error(transparent)]
    Refused(#[from] Refused),
}
