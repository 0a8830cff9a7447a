//! The Centrifuge protocol's commands and replies, in JSON.
//!
//! A WebSocket text message holds one or more JSON objects parted by newlines.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::codes::Refusal;

/// What a client sends. Unknown fields and commands are other versions' business
/// and passed over.
#[derive(Debug, Deserialize)]
pub struct Command {
    /// Repeated in the reply; 0 asks for none.
    #[serde(default)]
    pub id: u32,
    /// The first command of a connection.
    pub connect: Option<Box<RawValue>>,
    /// Take a channel.
    pub subscribe: Option<Subscribe>,
    /// Give it back.
    pub unsubscribe: Option<Unsubscribe>,
    /// A message for the server, to which there is no reply; we have no use for any.
    pub send: Option<Box<RawValue>>,
}

/// Take a channel.
#[derive(Debug, Deserialize)]
pub struct Subscribe {
    /// Its name.
    pub channel: String,
    /// Whether the client was here before and names its position.
    #[serde(default)]
    pub recover: bool,
    /// The epoch it was in.
    #[serde(default)]
    pub epoch: String,
    /// The last offset it has.
    #[serde(default)]
    pub offset: u64,
    /// A bit field, see [`Subscribe::REJECT_UNRECOVERED`].
    #[serde(default)]
    pub flag: u32,
}

impl Subscribe {
    /// The bit of `flag` that asks for an error, not a snapshot, when what was
    /// missed is out of reach.
    pub const REJECT_UNRECOVERED: u32 = 2;
}

/// Give a channel back.
#[derive(Debug, Deserialize)]
pub struct Unsubscribe {
    /// Its name.
    pub channel: String,
}

impl Command {
    /// Whether it is the bare `{}` that answers a ping.
    #[must_use]
    pub const fn is_pong(&self) -> bool {
        self.id == 0
            && self.connect.is_none()
            && self.subscribe.is_none()
            && self.unsubscribe.is_none()
    }
}

/// The server's question whether the client is there.
pub const PING: &str = "{}";

/// The reply to `connect`.
#[derive(Debug, Serialize)]
pub struct Connected<'a> {
    /// The connection's own name.
    pub client: &'a str,
    /// The server's version.
    pub version: &'a str,
    /// Seconds between pings.
    pub ping: u64,
    /// Whether pings must be answered.
    pub pong: bool,
}

/// A reply to command `id`: `what` is the name of the command, or `error`.
#[must_use]
pub fn reply(id: u32, what: &str, body: &impl Serialize) -> String {
    let body = serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned());
    format!(r#"{{"id":{id},"{what}":{body}}}"#)
}

/// A reply that says why not.
#[must_use]
pub fn refuse(id: u32, why: &Refusal) -> String {
    reply(id, "error", why)
}

/// The reply to `subscribe`.
#[derive(Debug, Default)]
pub struct Subscribed<'a> {
    /// Epoch and offset, of a channel that can be resumed.
    pub position: Option<(&'a str, u64)>,
    /// Whether what was missed follows; `None` when nothing was asked for.
    pub recovered: Option<bool>,
    /// The channel's picture, JSON.
    pub data: Option<&'a str>,
    /// What was missed: objects `{"offset":…,"data":…}`, JSON.
    pub publications: Vec<&'a str>,
}

impl Subscribed<'_> {
    /// As a line; what is encoded already is copied in.
    #[must_use]
    pub fn line(&self, id: u32) -> String {
        let missed: usize = self.publications.iter().map(|text| text.len() + 1).sum();
        let mut line = String::with_capacity(256 + missed + self.data.map_or(0, str::len));
        let head = format!(r#"{{"id":{id},"subscribe":{{"#);
        let mut comma = "";
        let mut field = |line: &mut String, text: &str| {
            line.push_str(comma);
            line.push_str(text);
            comma = ",";
        };
        line.push_str(&head);
        if let Some((epoch, offset)) = self.position {
            field(&mut line, r#""recoverable":true,"positioned":true"#);
            field(&mut line, &format!(r#""epoch":"{epoch}","offset":{offset}"#));
        }
        if let Some(recovered) = self.recovered {
            field(&mut line, &format!(r#""was_recovering":true,"recovered":{recovered}"#));
        }
        if let Some(data) = self.data {
            field(&mut line, r#""data":"#);
            line.push_str(data);
        }
        if !self.publications.is_empty() {
            field(&mut line, r#""publications":["#);
            line.push_str(&self.publications.join(","));
            line.push(']');
        }
        line.push_str("}}");
        line
    }
}
