//! Requests that came with a key, and what was answered to them: one that is sent
//! again is carried out once and answered alike, from whichever server of the
//! store, for a day.
//!
//! That an act was carried out is written in its own transaction, with its entry
//! in the audit log ([`Entry::done_by`](super::Entry::done_by)); its answer is
//! kept after that. So a server that dies in between leaves a request that is known
//! to be done, or one that was not and can be begun anew.

use std::fmt;
use std::sync::Arc;

use crate::domain::Time;

use super::rows::{Cells, Record};
use super::{Answer, StoreError};

/// A key is remembered so long, in ms.
pub const REMEMBERED_MS: i64 = 24 * 3_600_000;

/// A request that has said nothing for so long is given up, in ms: longer than any
/// waits for a store before it fails.
const GIVEN_UP_MS: i64 = 10 * 60_000;

/// SHA-256 of what a request asks.
pub type Digest = [u8; 32];

/// Names a request: no two of one asker have the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestName {
    /// Who asks.
    pub who: Arc<str>,
    /// The key that they gave it.
    pub key: Arc<str>,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// What the body is; empty if there is none.
    pub media_type: String,
    /// The body.
    pub body: String,
}

/// What is known of a request that is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: from now on it is under way.
    New,
    /// It is under way already.
    UnderWay,
    /// It was carried out, and its answer is not kept.
    Done,
    /// It was answered.
    Answered(Reply),
    /// It asked something else under the same key.
    Other,
}

/// The requests of a store.
pub trait Replies: fmt::Debug + Send + Sync + 'static {
    /// Begins a request, if nothing is known of it; forgets what began a day ago.
    fn begin_request(&self, name: RequestName, asks: Digest, now: Time) -> Answer<'_, Begun>;

    /// Keeps what was answered, or only that it was.
    fn keep_reply(&self, name: RequestName, reply: Option<Reply>) -> Answer<'_, ()>;

    /// Forgets a request that was not carried out.
    fn withdraw_request(&self, name: RequestName) -> Answer<'_, ()>;
}

/// What is known of a request, by its row, if it has one.
pub fn begun(row: Option<&impl Record>, asks: &Digest, now: Time) -> Result<Begun, StoreError> {
    let Some(row) = row else { return Ok(Begun::New) };
    let cells = Cells::of(row, "replies", "begun_at")?;
    if cells.bytes("request")? != asks {
        return Ok(Begun::Other);
    }
    let status = cells.small("status")?;
    if status != 0 {
        let (media_type, body) = (cells.text("media_type")?.into(), cells.text("body")?.into());
        return Ok(Begun::Answered(Reply { status, media_type, body }));
    }
    let silent_ms = now - Time::from_ms(cells.int("begun_at")?);
    Ok(match cells.int("done")? {
        0 if silent_ms >= GIVEN_UP_MS => Begun::New,
        0 => Begun::UnderWay,
        _ => Begun::Done,
    })
}
