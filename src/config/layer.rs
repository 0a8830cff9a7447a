//! The shape that file, environment and flags share.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use crate::access::Role;
use crate::domain::text::without_mark;

use super::{
    ClockKind, ConfigError, LimitsLayer, LogsLayer, OidcLayer, PasswordsLayer, RetentionLayer,
    SessionTermsLayer, SignInLayer, SpoolLayer, StoreAddress, TilesLayer, TlsLayer,
};

/// What one layer says; silent where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// A TOML file with any of these keys; environment and flags go before it.
    #[arg(long, env = "PILIN_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Address and port to listen on; one that other machines can reach only once
    /// there is an account [default: 127.0.0.1:8080].
    #[arg(long, env = "PILIN_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,

    /// Folder of the region to serve [default: data].
    #[arg(long, env = "PILIN_REGION", value_name = "DIR")]
    pub region: Option<PathBuf>,

    /// Where to keep what lasts: `sqlite:PATH`, made if it is not there, or
    /// `postgres://USER:PASSWORD@HOST/DATABASE`; without it `DATABASE_URL` is looked
    /// at [default: sqlite:pilin.db].
    #[arg(long, env = "PILIN_STORE", hide_env_values = true, value_name = "STORE")]
    pub store: Option<StoreAddress>,

    /// Which time to keep: the machine's own, or what is put to /api/v1/clock
    /// [default: wall].
    #[arg(long, env = "PILIN_CLOCK", value_name = "CLOCK", hide_possible_values = true)]
    pub clock: Option<ClockKind>,

    /// Events after which the picture is written down; a start replays about twice
    /// as many at most; 100 to 100000000 [default: 2000000].
    #[arg(long, env = "PILIN_CHECKPOINT_EVENTS", value_name = "EVENTS")]
    pub checkpoint_events: Option<u64>,

    /// How far the ground that every agency sees reaches from the borders of the
    /// region's level, metres on either side [default: 5000].
    #[arg(long, env = "PILIN_BORDER_STRIP_M", value_name = "METRES")]
    pub border_strip_m: Option<f64>,

    /// Origin whose pages may open a socket here, `scheme://host[:port]`, beside
    /// the service's own; repeatable, or comma-separated [default: none].
    #[arg(
        long = "allow-origin",
        env = "PILIN_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub allowed_origins: Option<Vec<String>>,

    /// Address of a proxy before the service, or a network of them, `ADDRESS/BITS`:
    /// from there X-Forwarded-For says who asks, and X-Forwarded-Proto by what scheme;
    /// repeatable, or comma-separated [default: none].
    #[arg(
        long = "trusted-proxy",
        env = "PILIN_TRUSTED_PROXIES",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<String>>,

    /// Give the combined role `admin` to no further account: system, security and audit
    /// each have an administrator of their own (三权分立) [default: false].
    #[arg(
        long,
        env = "PILIN_SEPARATION_OF_DUTIES",
        value_name = "BOOL",
        num_args = 0..=1,
        default_missing_value = "true",
        hide_possible_values = true
    )]
    pub separation_of_duties: Option<bool>,

    /// Where what comes in is kept while the store is away.
    #[command(flatten)]
    pub spool: SpoolLayer,

    /// The certificate by which it speaks HTTPS.
    #[command(flatten)]
    pub tls: TlsLayer,

    /// A provider by which people may sign in.
    #[command(flatten)]
    pub oidc: OidcLayer,

    /// A tile source under the map.
    #[command(flatten)]
    pub tiles: TilesLayer,

    /// What one client may send.
    #[command(flatten)]
    pub limits: LimitsLayer,

    /// How long what lasts is kept.
    #[command(flatten)]
    pub retention: RetentionLayer,

    /// What is asked of passwords.
    #[command(flatten)]
    pub passwords: PasswordsLayer,

    /// How long the sessions of each role rest and last; in a file alone.
    #[arg(skip)]
    pub sessions: BTreeMap<Role, SessionTermsLayer>,

    /// What is asked of people who sign in.
    #[command(flatten)]
    pub sign_in: SignInLayer,

    /// What is logged, and how.
    #[command(flatten)]
    pub logs: LogsLayer,
}

impl Layer {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = || path.display().to_string();
        let text =
            fs::read_to_string(path).map_err(|why| ConfigError::Read { file: file(), why })?;
        Self::from_toml(&text).map_err(|why| ConfigError::File { file: file(), why })
    }

    /// From the text of a file.
    pub fn from_toml(text: &str) -> Result<Self, Box<toml::de::Error>> {
        toml::from_str(without_mark(text)).map_err(Box::new)
    }
}
