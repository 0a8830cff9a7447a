//! How what is not a column goes into a blob.

use serde::Serialize;

use crate::domain::Event;

use super::StoreError;

/// How the rest of a batch's blob is encoded, as its first byte: by postcard.
const POSTCARD: u8 = 1;

/// Bytes to begin with, an event: a position takes some 45.
const EVENT_BYTES: usize = 48;

/// A blob that is no batch.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBatch {
    /// There is nothing in it.
    #[error("empty")]
    Empty,
    /// Its first byte names no encoding.
    #[error("unknown encoding {0}")]
    Unknown(u8),
    /// What follows is not of that encoding.
    #[error(transparent)]
    Broken(#[from] postcard::Error),
}

/// Encodes the events of a batch.
pub fn encode_batch(events: &[Event]) -> Result<Vec<u8>, StoreError> {
    let mut blob = Vec::with_capacity(1 + events.len() * EVENT_BYTES);
    blob.push(POSTCARD);
    postcard::to_extend(events, blob).map_err(|why| StoreError::Encode { what: "a batch", why })
}

/// The events of a batch.
pub fn decode_batch(blob: &[u8]) -> Result<Vec<Event>, InvalidBatch> {
    match blob.split_first() {
        Some((&POSTCARD, rest)) => Ok(postcard::from_bytes(rest)?),
        Some((&other, _)) => Err(InvalidBatch::Unknown(other)),
        None => Err(InvalidBatch::Empty),
    }
}

/// Encodes a value by postcard.
pub fn encoded(
    what: &'static str,
    value: &(impl Serialize + ?Sized),
) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(value).map_err(|why| StoreError::Encode { what, why })
}
