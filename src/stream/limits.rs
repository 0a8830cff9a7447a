//! What one client, and all of them together, may hold.

use std::time::Duration;

/// The bounds of the stream; each says what it guards.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of alerts, incidents and replies that may wait for one client
    /// before it is sent away to come back by resume.
    pub queue_bytes: usize,
    /// Channels of one client: a full-HD map of fine tiles is some 60.
    pub channels: usize,
    /// Bytes of one message from a client; its commands are a few hundred.
    pub message_bytes: usize,
    /// Clients at once; each holds a socket and at most `queue_bytes`.
    pub clients: usize,
    /// Bytes of published incidents kept for those who come back.
    pub incident_history_bytes: usize,
    /// Bytes of published alerts kept for those who come back.
    pub alert_history_bytes: usize,
    /// Bytes that a resume may fetch; who missed more gets a snapshot.
    pub resume_bytes: usize,
    /// How often the server asks whether a client is there.
    pub ping: Duration,
    /// How long it may take to answer.
    pub pong: Duration,
    /// How long a new connection may take to introduce itself, and a closed one
    /// to hear why it was closed.
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_bytes: 1 << 20,
            channels: 256,
            message_bytes: 64 << 10,
            clients: 4096,
            incident_history_bytes: 64 << 20,
            alert_history_bytes: 16 << 20,
            resume_bytes: 2 << 20,
            ping: Duration::from_secs(25),
            pong: Duration::from_secs(10),
            linger: Duration::from_secs(10),
        }
    }
}
