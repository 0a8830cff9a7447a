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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 8 << 20,
            batch_items: 50_000,
            items_per_second: 500_000,
            message_bytes: 1 << 20,
            ingest_sockets: 2_048,
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
        })
    }
}
