//! The audit log: who did what, in a chain that shows when it was tampered with.
//!
//! An entry is one line of JSON, its number in it. Its hash is SHA-256 over the
//! hash before it in hex, a newline, and that line; so an entry changed, removed
//! or put elsewhere breaks the chain. Who can write the whole table can make the
//! chain anew, or cut it short: against that the newest hash must be kept
//! elsewhere and found again.

mod chain;
mod entry;
#[cfg(test)]
mod tests;

use std::fmt;

use super::Answer;

pub use chain::{Broken, Chain, InvalidLink, Link, Period, Record};
pub use entry::{Entry, Outcome, UNKNOWN_NAME, Who};

/// The audit log of a store. It is only ever appended to: by [`Ledger::record`],
/// and by everything that takes an [`Entry`] and writes it in its own transaction.
pub trait Ledger: fmt::Debug + Send + Sync + 'static {
    /// Appends one entry.
    fn record(&self, entry: Entry) -> Answer<'_, ()>;

    /// Entries after a number, oldest first, at most so many.
    fn entries(&self, after: u64, most: u32) -> Answer<'_, Vec<Record>>;

    /// Entries before a number, newest first, at most so many.
    fn newest_entries(&self, before: u64, most: u32) -> Answer<'_, Vec<Record>>;
}
