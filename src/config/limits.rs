//! What one client may send.

use clap::Args;
use serde::Deserialize;

use super::{ConfigError, check};

/// The bounds of the doors in; each says what it guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one request: what is held in memory while it is read.
    pub body_bytes: usize,
    /// Items of one request: how long its sender waits, and others behind it.
    pub batch_items: usize,
    /// Items a second from one address, in the mean; a second's worth may come at
    /// once.
    pub items_per_second: u32,
    /// Bytes of one message on the ingest socket.
    pub message_bytes: usize,
    /// Ingest sockets at once; each may hold `message_bytes`.
    pub ingest_sockets: usize,
    /// Connections at once, as far as the process may have so many files open.
    pub connections: usize,
    /// Connections at once from one address, or one /64 of IPv6.
    pub connections_of_address: usize,
    /// Sockets, of the stream and for ingest together, of one account.
    pub sockets_of_account: usize,
    /// The same of one token.
    pub sockets_of_token: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 8 << 20,
            batch_items: 50_000,
            items_per_second: 500_000,
            message_bytes: 1 << 20,
            ingest_sockets: 2_048,
            connections: 16_384,
            connections_of_address: 2_048,
            sockets_of_account: 8,
            sockets_of_token: 64,
        }
    }
}

/// What one layer says of the bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Limits of one client")]
pub struct LimitsLayer {
    /// Largest request body, bytes [default: 8388608].
    #[arg(long, env = "PILIN_BODY_BYTES", value_name = "BYTES")]
    pub body_bytes: Option<usize>,

    /// Most items in one request [default: 50000].
    #[arg(long, env = "PILIN_BATCH_ITEMS", value_name = "ITEMS")]
    pub batch_items: Option<usize>,

    /// Most items a second from one address, a second's worth at once
    /// [default: 500000].
    #[arg(long, env = "PILIN_ITEMS_PER_SECOND", value_name = "ITEMS")]
    pub items_per_second: Option<u32>,

    /// Largest message on the ingest socket, bytes [default: 1048576].
    #[arg(long, env = "PILIN_MESSAGE_BYTES", value_name = "BYTES")]
    pub message_bytes: Option<usize>,

    /// Most ingest sockets at once, of all clients [default: 2048].
    #[arg(long, env = "PILIN_INGEST_SOCKETS", value_name = "SOCKETS")]
    pub ingest_sockets: Option<usize>,

    /// Most connections at once, of all clients, as far as the process may have so
    /// many files open [default: 16384].
    #[arg(long, env = "PILIN_CONNECTIONS", value_name = "CONNECTIONS")]
    pub connections: Option<usize>,

    /// Most connections at once from one address, or one /64 of IPv6; a trusted
    /// proxy is not counted [default: 2048].
    #[arg(long, env = "PILIN_CONNECTIONS_OF_ADDRESS", value_name = "CONNECTIONS")]
    pub connections_of_address: Option<usize>,

    /// Most sockets at once of one person or wall [default: 8].
    #[arg(long, env = "PILIN_SOCKETS_OF_ACCOUNT", value_name = "SOCKETS")]
    pub sockets_of_account: Option<usize>,

    /// Most sockets at once of one token [default: 64].
    #[arg(long, env = "PILIN_SOCKETS_OF_TOKEN", value_name = "SOCKETS")]
    pub sockets_of_token: Option<usize>,
}

impl Limits {
    pub(super) fn from_layers(
        upper: &LimitsLayer,
        lower: &LimitsLayer,
    ) -> Result<Self, ConfigError> {
        let usual = Self::default();
        let body_bytes = upper.body_bytes.or(lower.body_bytes).unwrap_or(usual.body_bytes);
        let batch_items = upper.batch_items.or(lower.batch_items).unwrap_or(usual.batch_items);
        let items_per_second =
            upper.items_per_second.or(lower.items_per_second).unwrap_or(usual.items_per_second);
        let message_bytes =
            upper.message_bytes.or(lower.message_bytes).unwrap_or(usual.message_bytes);
        let ingest_sockets =
            upper.ingest_sockets.or(lower.ingest_sockets).unwrap_or(usual.ingest_sockets);
        let connections = upper.connections.or(lower.connections).unwrap_or(usual.connections);
        let connections_of_address = upper
            .connections_of_address
            .or(lower.connections_of_address)
            .unwrap_or(usual.connections_of_address);
        let sockets_of_account = upper
            .sockets_of_account
            .or(lower.sockets_of_account)
            .unwrap_or(usual.sockets_of_account);
        let sockets_of_token =
            upper.sockets_of_token.or(lower.sockets_of_token).unwrap_or(usual.sockets_of_token);
        Ok(Self {
            body_bytes: check::within("limits.body_bytes", body_bytes, 1 << 10, 1 << 30)?,
            batch_items: check::within("limits.batch_items", batch_items, 1, 1_000_000)?,
            items_per_second: check::within(
                "limits.items_per_second",
                items_per_second,
                1,
                100_000_000,
            )?,
            message_bytes: check::within("limits.message_bytes", message_bytes, 1 << 10, 1 << 26)?,
            ingest_sockets: check::within("limits.ingest_sockets", ingest_sockets, 0, 1_000_000)?,
            connections: check::within("limits.connections", connections, 16, 1_000_000)?,
            connections_of_address: check::within(
                "limits.connections_of_address",
                connections_of_address,
                1,
                1_000_000,
            )?,
            sockets_of_account: check::within(
                "limits.sockets_of_account",
                sockets_of_account,
                1,
                100_000,
            )?,
            sockets_of_token: check::within(
                "limits.sockets_of_token",
                sockets_of_token,
                1,
                100_000,
            )?,
        })
    }
}
