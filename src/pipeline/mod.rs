//! The one task that owns the engine: gather → commit → apply → publish → answer.
//!
//! ```text
//!  Inlet ── parcels ──▶ gathered ──▶ sealed ──▶ commit (its own task: the store)
//!        ── questions ─▶    │                        │
//!                           ▼                        ▼
//!                    engine, hub ◀── apply, publish, answer
//!                           │
//!                           └──▶ keeper: alerts, tracks, checkpoints, behind the log
//! ```
//!
//! While one batch is being committed the next gathers, and while it is applied
//! the next is being committed; so a batch is as large as the load makes it, and
//! a lone report waits for nobody. Order holds because one commit is under way at
//! a time and its outcome is taken before the next begins.
//!
//! When the store fails, nothing is applied, and the service goes on; whether the
//! batch is in the log after all is found out before the next one is appended. The
//! batch's senders are refused, unless there is a spool: then it is kept aside, and
//! so is what comes after it, until the store is back and has all of it.

pub mod clock;
pub mod devices;
pub mod directory;
pub mod inlet;
pub mod submission;

mod absence;
mod aside;
mod behind;
mod catch_up;
mod changes;
mod commit;
mod fixes;
mod gather;
mod health;
mod keeper;
mod live;
mod meters;
mod parcel;
mod portion;
mod readying;
mod retention;
mod rules_file;
mod source;
mod spooling;
mod start;
mod stats;
mod trust;
mod work;

#[cfg(test)]
pub(crate) mod tests;

pub use aside::{Held, Room};
pub use behind::Pace;
pub use clock::Clock;
pub use devices::Devices;
pub use directory::Directory;
pub use inlet::{Fitness, Inlet};
pub use keeper::Unkept;
pub use retention::retain;
pub use rules_file::rules_were_read;
pub use start::{PipelineError, Running, Settings, World, start};
pub use submission::{Receipt, Refused, Submission, Verdict, Verdicts};
