//! The live door out: the Centrifuge client protocol, JSON over WebSocket
//! (docs/stream.md has the channels and real frames).
//!
//! ```text
//! pipeline ── publish ──▶ hub ──▶ topics (history, listeners) ─┐
//!                          └────▶ fleet (cells, conflated) ────┼─▶ outbox ─▶ session ─▶ client
//!            Source ─────────────▶ gallery (snapshots, shared) ┘
//! ```
//!
//! Everything is encoded once, whoever gets it. Nobody waits for a client: what
//! a client does not take waits in its own bounded [`outbox`], and when that is
//! full the client is sent away to come back by resume.

pub mod channel;
pub mod codes;
pub mod fleet;
pub mod frames;
pub mod history;
pub mod hub;
pub mod limits;
pub mod live;
mod lock;
pub mod outbox;
pub mod picture;
pub mod protocol;
pub mod publication;
pub mod rows;
pub mod session;
pub mod subscriptions;
pub mod tile;
pub mod topic;

pub use hub::Hub;
pub use limits::Limits;
pub use live::{Admission, Live};
pub use picture::{Gone, Snapshot, Source};
