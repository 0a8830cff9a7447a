//! The doors in: bytes become submissions, item by item.
//!
//! ```text
//!  HTTP body ──┐
//!              ├─▶ split ─▶ read ─▶ check ─▶ Inlet ─▶ Outcome
//!  socket  ────┘   items   fields  datum,    commit   by the indexes
//!                                  bounds             of the sender
//! ```
//!
//! A body is refused as a whole only when its items cannot be told apart, or when
//! it is over a limit; otherwise every item stands for itself, and a good one is
//! never lost for a bad neighbour. docs/ingest.md says what is taken and answered.

pub mod desk;
pub mod error;
pub mod format;
pub mod frame;
pub mod incident;
pub mod outcome;
pub mod position;
pub mod session;
pub mod unit;

mod field;
mod instant;
mod point;
mod rate;
mod read;
mod words;

pub use desk::{Desk, Sender};
pub use error::IngestError;
pub use format::Format;
pub use frame::Frame;
pub use outcome::{Answer, Duplicate, FixOutcome, Kept, Numbered, Outcome, Refusal};
pub use read::Flaw;
pub use session::talk;
pub use words::plain;

#[cfg(test)]
mod tests;
