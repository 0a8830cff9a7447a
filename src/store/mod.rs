//! What lasts: the log of committed batches, and the tables beside it.
//!
//! One trait, narrow because the log is the truth: append a batch, read the log
//! from an offset, and the few questions about the past that the live picture
//! cannot answer. Behind it are SQLite, for one server, and PostGIS, for several on
//! one database; so nothing here supposes that this process is the only one that
//! writes: numbers and offsets are given, and duplicates decided, inside the
//! transaction that appends.

pub mod audit;
pub mod contents;
pub mod differences;
pub mod draft;
pub mod error;
pub mod factors;
pub mod owner;
pub mod postgis;
pub mod records;
pub mod registry;
pub mod repair;
pub mod replies;
pub mod sqlite;

mod codec;
mod forgetting;
mod hash_cost;
pub mod hex;
mod known;
mod rows;
mod schema;
mod text_erasing;
mod tracks;
mod verdicts;

#[cfg(test)]
mod access_contract;
#[cfg(test)]
mod contents_contract;
#[cfg(test)]
pub(crate) mod contract;
#[cfg(test)]
mod factors_contract;
#[cfg(test)]
mod forgetting_contract;
#[cfg(test)]
mod integrity_contract;
#[cfg(test)]
pub mod memory;
#[cfg(test)]
mod replies_contract;

use std::fmt;

use futures_util::future::BoxFuture;
use tokio::sync::watch;

use crate::domain::{
    Alert, AlertId, Batch, Forget, Incident, IncidentId, Offset, Position, Time, UnitId,
};

pub use audit::{Entry, Ledger};
pub use contents::Contents;
pub use differences::Differences;
pub use draft::{Committed, Draft, Since, Spooled, Subject, Transfer, Verdict};
pub use error::StoreError;
pub use factors::Factors;
pub use forgetting::Forgetting;
pub use hash_cost::{InvalidHash, check_hash};
pub use owner::Owner;
pub use postgis::Postgis;
pub use records::{AlertRecord, PastStep, StepDetail};
pub use registry::Registry;
pub use repair::Repair;
pub use replies::Replies;
pub use schema::Schema;
pub use sqlite::Sqlite;

/// What a store promises to answer.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// The store behind a service.
///
/// What follows behind the log (alerts, tracks, checkpoints) can be written any
/// number of times to the same effect.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// A UUID made with the store; offsets of another epoch mean nothing here.
    fn epoch(&self) -> &str;

    /// Commits a batch; durable when it answers. In the same transaction it
    /// finds the duplicates of (owner, source, external id), of units unchanged, and of
    /// fixes that were appended after [`Draft::known`], leaves units with the agency that
    /// has them but for [`Draft::transfers`], numbers the rest, and writes incidents and
    /// units, and what the audit log is to say, beside the log. Nothing is appended if
    /// what [`Draft::since`] names has happened.
    ///
    /// After an error the batch is most likely not in the log, but may be: read
    /// on from the last known offset. Likewise when the offset answered is not
    /// the next one: another server has appended in between.
    fn append(&self, draft: Draft) -> Answer<'_, Committed>;

    /// Where the log ends, and the time of its last batch; `None` if empty.
    fn head(&self) -> Answer<'_, Option<(Offset, Time)>>;

    /// Where the log ends, as far as is known here; it moves on soon after another
    /// server has appended.
    fn end(&self) -> watch::Receiver<Offset>;

    /// The batches after an offset, in order: at least one if there is one, and
    /// no more once they hold `most_events`.
    fn read(&self, after: Offset, most_events: usize) -> Answer<'_, Vec<(Offset, Batch)>>;

    /// Incidents by their numbers, in that order; unknown numbers are left out.
    fn incidents(&self, ids: Vec<IncidentId>) -> Answer<'_, Vec<Incident>>;

    /// The offsets of the checkpoints there are, oldest first.
    fn checkpoints(&self) -> Answer<'_, Vec<Offset>>;

    /// A checkpoint; `None` if there is none of that offset.
    fn checkpoint(&self, offset: Offset) -> Answer<'_, Option<Vec<u8>>>;

    /// Keeps a checkpoint, in transactions small enough not to hold up the log,
    /// and drops all but the newest two.
    fn save_checkpoint(&self, offset: Offset, bytes: Vec<u8>) -> Answer<'_, ()>;

    /// Forgets every checkpoint: the next start replays the whole log.
    fn drop_checkpoints(&self) -> Answer<'_, ()>;

    /// Keeps steps of alerts, and each alert as it stands after its last.
    fn put_alerts(&self, records: Vec<AlertRecord>) -> Answer<'_, ()>;

    /// Forgets every alert with its steps: they are to be made anew from the log.
    fn drop_alerts(&self) -> Answer<'_, ()>;

    /// An alert as it last stood.
    fn alert(&self, id: AlertId) -> Answer<'_, Option<Alert>>;

    /// Alerts that ended, newest end first and of one end the newest first, at
    /// most so many, only those that come after one of this end and number.
    fn ended_alerts(&self, after: (Time, AlertId), most: u32) -> Answer<'_, Vec<Alert>>;

    /// The steps of an alert that come before one of this batch and place, at most so
    /// many, the newest first.
    fn alert_steps(
        &self,
        id: AlertId,
        before: (Offset, u32),
        most: u32,
    ) -> Answer<'_, Vec<PastStep>>;

    /// Up to where fixes have gone from the log into tracks.
    fn compacted(&self) -> Answer<'_, Offset>;

    /// Brings the fixes of the log's next batches into tracks, at most up to
    /// `upto` and about `most_events` of them; the new [`Store::compacted`].
    fn compact(&self, upto: Offset, most_events: usize) -> Answer<'_, Offset>;

    /// Which of these fixes are in tracks.
    fn known_fixes(&self, fixes: Vec<(UnitId, Time)>) -> Answer<'_, Vec<(UnitId, Time)>>;

    /// A unit's fixes taken from `from` to before `to`, oldest first, at most
    /// `most`; those that are still on their way into tracks included.
    fn track(&self, unit: UnitId, from: Time, to: Time, most: usize) -> Answer<'_, Vec<Position>>;

    /// Whether there are fixes in the log that were taken before a time; where it is
    /// not known, perhaps.
    fn has_fixes_before(&self, before: Time) -> Answer<'_, bool>;

    /// Whether there are incidents with texts that occurred before a time.
    fn has_texts_before(&self, before: Time) -> Answer<'_, bool>;

    /// Goes on taking out of the log, and at its end out of tracks, what an
    /// [`Event::Forget`](crate::domain::Event::Forget) of the log means: looks through
    /// about so many events; then erases texts that an
    /// [`Event::EraseTexts`](crate::domain::Event::EraseTexts) means, some at a time. When
    /// one of them is done, the audit log tells how many fixes or incidents it was, in the
    /// same transaction, as of `now`. Whether there was anything to do.
    ///
    /// The texts of a single incident are erased in the transaction that appends the
    /// event.
    fn forget_some(&self, most_events: usize, now: Time) -> Answer<'_, bool>;

    /// Takes fixes out of tracks, though the log may hold them.
    fn forget_tracks(&self, forget: Forget) -> Answer<'_, ()>;

    /// A note kept under a key.
    fn note<'a>(&'a self, key: &'a str) -> Answer<'a, Option<String>>;

    /// Keeps a note under a key.
    fn set_note(&self, key: &'static str, text: String) -> Answer<'_, ()>;
}
