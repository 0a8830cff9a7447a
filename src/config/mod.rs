//! One typed configuration, from four layers: defaults, then the TOML file that
//! `--config` names, then the environment (`PILIN_…`), then flags.
//!
//! File, environment and flags are one shape ([`Layer`]), so a key has one name
//! everywhere: `limits.body_bytes` in the file is `PILIN_BODY_BYTES` and
//! `--body-bytes`. Whatever is unknown or cannot be is refused by its name.

mod check;
mod environment;
mod error;
mod layer;
mod limits;
mod logs;
mod oidc;
mod passwords;
mod proxies;
mod retention;
mod sessions;
mod sign_in;
mod spool;
mod store;
mod tiles;
mod tls;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::access::Role;

pub use environment::{check_environment, database_url};
pub use error::ConfigError;
pub use layer::Layer;
pub use limits::{Limits, LimitsLayer};
pub use logs::{LogFormat, Logs, LogsLayer};
pub use oidc::{Oidc, OidcClaims, OidcLayer};
pub use passwords::{Passwords, PasswordsLayer};
pub use proxies::Proxies;
pub use retention::{Retention, RetentionLayer};
pub use sessions::{SessionTerms, SessionTermsLayer};
pub use sign_in::{SignIn, SignInLayer};
pub use spool::{Spool, SpoolLayer};
pub use store::{DatabaseUrl, StoreAddress, without_password};
pub use tiles::{Tiles, TilesKind, TilesLayer};
pub use tls::{Tls, TlsLayer};

/// Where the service listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// After how many events the picture is written down unless told otherwise: a
/// start replays twice as many in a few seconds.
const CHECKPOINT_EVENTS: u64 = 2_000_000;

/// How far shared ground reaches from a border unless told otherwise, metres: what
/// the atlas finds at once.
const BORDER_STRIP_M: f64 = 5_000.0;

/// Which time the server keeps.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum ClockKind {
    /// The machine's own.
    #[default]
    Wall,
    /// What was last put to `/api/v1/clock`; for simulations and replays.
    Driven,
}

/// How the service runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where it listens; on an address that other machines can reach only once there
    /// is an account.
    pub listen: SocketAddr,
    /// The folder of the region it serves.
    pub region: PathBuf,
    /// Where what lasts is kept.
    pub store: StoreAddress,
    /// Where what comes in is kept while the store is away, if anywhere.
    pub spool: Option<Spool>,
    /// Which time it keeps.
    pub clock: ClockKind,
    /// After how many events the picture is written down; a start replays about
    /// twice as many at most.
    pub checkpoint_events: u64,
    /// How far shared ground reaches from the borders of the region's level, metres.
    pub border_strip_m: f64,
    /// The certificate by which it speaks HTTPS, if there is one.
    pub tls: Option<Tls>,
    /// A provider of OpenID Connect by which people may sign in too, if there is one.
    pub oidc: Option<Oidc>,
    /// A tile source under the map, if there is one.
    pub tiles: Option<Tiles>,
    /// Whether the combined role `admin` is given to no further account.
    pub separation_of_duties: bool,
    /// Origins, beside its own, whose pages may open a socket: `scheme://host[:port]`.
    pub allowed_origins: Vec<String>,
    /// Proxies whose word of where a request comes from, and how, counts.
    pub trusted_proxies: Proxies,
    /// What one client may send.
    pub limits: Limits,
    /// How long what lasts is kept.
    pub retention: Retention,
    /// What is asked of passwords.
    pub passwords: Passwords,
    /// How long the sessions of each role rest and last.
    pub sessions: BTreeMap<Role, SessionTerms>,
    /// What is asked of people who sign in.
    pub sign_in: SignIn,
    /// What is logged, and how.
    pub logs: Logs,
}

impl Config {
    /// Reads the file that the flags name, if they name one, and puts the layers
    /// over each other. `DATABASE_URL` is part of the environment, and `PILIN_STORE`
    /// goes before it.
    ///
    /// # Errors
    /// Names the file or the key, and why it is refused.
    pub fn load(mut flags: Layer) -> Result<Self, ConfigError> {
        if flags.store.is_none() {
            flags.store = database_url()?;
        }
        let file = match &flags.config {
            Some(path) => Layer::read(path)?,
            None => Layer::default(),
        };
        Self::from_layers(flags, file)
    }

    /// What the layers say together; `upper` before `lower` before the defaults.
    pub fn from_layers(upper: Layer, lower: Layer) -> Result<Self, ConfigError> {
        let listen = upper.listen.or(lower.listen).unwrap_or(LISTEN);
        let origins = upper.allowed_origins.or(lower.allowed_origins).unwrap_or_default();
        for origin in &origins {
            check::origin("allowed_origins", origin)?;
        }
        let proxies = upper.trusted_proxies.or(lower.trusted_proxies).unwrap_or_default();
        let store = upper.store.or(lower.store).unwrap_or_default();
        Ok(Self {
            listen,
            region: upper.region.or(lower.region).unwrap_or_else(|| PathBuf::from("data")),
            spool: Spool::from_layers(upper.spool, lower.spool, &store)?,
            store,
            clock: upper.clock.or(lower.clock).unwrap_or_default(),
            checkpoint_events: check::within(
                "checkpoint_events",
                upper.checkpoint_events.or(lower.checkpoint_events).unwrap_or(CHECKPOINT_EVENTS),
                100,
                100_000_000,
            )?,
            border_strip_m: check::within(
                "border_strip_m",
                upper.border_strip_m.or(lower.border_strip_m).unwrap_or(BORDER_STRIP_M),
                0.0,
                50_000.0,
            )?,
            tls: Tls::from_layers(upper.tls, lower.tls)?,
            oidc: Oidc::from_layers(upper.oidc, lower.oidc)?,
            tiles: Tiles::from_layers(upper.tiles, lower.tiles)?,
            separation_of_duties: upper
                .separation_of_duties
                .or(lower.separation_of_duties)
                .unwrap_or(false),
            allowed_origins: origins,
            trusted_proxies: Proxies::read(&proxies)?,
            limits: Limits::from_layers(&upper.limits, &lower.limits)?,
            retention: Retention::from_layers(&upper.retention, &lower.retention)?,
            passwords: Passwords::from_layers(upper.passwords, lower.passwords)?,
            sessions: SessionTerms::from_layer(&lower.sessions)?,
            sign_in: SignIn::from_layers(upper.sign_in, lower.sign_in)?,
            logs: Logs::from_layers(upper.logs, lower.logs),
        })
    }
}

#[cfg(test)]
mod tests;
