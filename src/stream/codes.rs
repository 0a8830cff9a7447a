//! The numbers by which a client is told what went wrong, as the Centrifuge
//! protocol's SDKs read them.

use serde::Serialize;

/// Why a connection is closed. An SDK comes back by itself after 3000–3499 and
/// stays away after 3500–3999.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// The WebSocket's close code.
    pub code: u16,
    /// In words.
    pub reason: &'static str,
}

impl Close {
    /// The server stops; it may be back in a moment.
    pub const SHUTDOWN: Self = Self::new(3001, "shutdown");
    /// The client reads more slowly than things happen: come back by resume.
    pub const SLOW: Self = Self::new(3008, "slow");
    /// The client did not answer a ping.
    pub const NO_PONG: Self = Self::new(3012, "no pong");
    /// Its session or token is over, or means another than before.
    pub const SIGNED_OUT: Self = Self::new(3500, "signed out");
    /// What it sent is not this protocol.
    pub const BAD_REQUEST: Self = Self::new(3501, "bad request");
    /// It never introduced itself.
    pub const STALE: Self = Self::new(3502, "stale");
    /// It sent binary messages.
    pub const BINARY: Self = Self::new(3506, "inappropriate protocol");
    /// Its message was above the limit (RFC 6455).
    pub const TOO_BIG: Self = Self::new(1009, "message too big");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The protocol's error code.
    pub code: u32,
    /// In words.
    pub message: &'static str,
    /// Whether trying again later may help.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub temporary: bool,
}

impl Refusal {
    /// The picture cannot be had just now.
    pub const INTERNAL: Self = Self { temporary: true, ..Self::new(100, "internal server error") };
    /// There is no such channel.
    pub const UNKNOWN_CHANNEL: Self = Self::new(102, "unknown channel");
    /// There is no such command.
    pub const UNKNOWN_METHOD: Self = Self::new(104, "method not found");
    /// The client has this channel already.
    pub const ALREADY_SUBSCRIBED: Self = Self::new(105, "already subscribed");
    /// The client has as many channels as it may.
    pub const LIMIT: Self = Self::new(106, "limit exceeded");
    /// What was missed is out of reach, and the client would rather know.
    pub const UNRECOVERABLE: Self = Self::new(112, "unrecoverable position");

    const fn new(code: u32, message: &'static str) -> Self {
        Self { code, message, temporary: false }
    }
}
