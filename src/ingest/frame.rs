//! From a message on the socket to the batch it holds.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::access::Kind;
use crate::domain::text::bytes_without_mark;
use crate::domain::whole::integer;

/// One batch, as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The device's number for it.
    pub id: u64,
    /// What its items are.
    pub kind: Kind,
    /// An array of them, or one: JSON.
    pub items: &'a [u8],
}

/// Why a message holds no batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unreadable {
    /// The device's number, if that could be read.
    pub id: Option<u64>,
    /// The kind in one word; stable, to be compared by programs.
    pub code: &'static str,
    /// The reason.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameIn<'a> {
    #[serde(deserialize_with = "integer")]
    id: u64,
    #[serde(borrow, default)]
    incidents: Option<&'a RawValue>,
    #[serde(borrow, default)]
    positions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    units: Option<&'a RawValue>,
}

/// What of an unreadable batch may still be read.
#[derive(Deserialize)]
struct Heading {
    id: Option<u64>,
}

impl<'a> Frame<'a> {
    /// Reads a message; its items are not looked at.
    ///
    /// # Errors
    /// When it is not of the form, or does not hold items of exactly one kind.
    pub fn read(message: &'a [u8]) -> Result<Self, Unreadable> {
        let message = bytes_without_mark(message);
        let sent: FrameIn<'a> = serde_json::from_slice(message).map_err(|why| {
            let heading: Option<Heading> = serde_json::from_slice(message).ok();
            let id = heading.and_then(|heading| heading.id);
            Unreadable { id, code: "syntax", reason: why.to_string() }
        })?;
        let id = sent.id;
        let (kind, items) = match (sent.incidents, sent.positions, sent.units) {
            (Some(items), None, None) => (Kind::Incident, items),
            (None, Some(items), None) => (Kind::Position, items),
            (None, None, Some(items)) => (Kind::Unit, items),
            _ => {
                let reason = "one of incidents, positions, units must be there".to_owned();
                return Err(Unreadable { id: Some(id), code: "no_items", reason });
            }
        };
        Ok(Self { id, kind, items: items.get().as_bytes() })
    }
}
