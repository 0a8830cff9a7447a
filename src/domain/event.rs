//! What happens, as the log keeps it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Act, Forget, Incident, Position, RuleSet, TextErasure, Time, Unit};

/// The sequence number of a committed batch, from 1; also the offset of every
/// publication that follows from it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Offset(pub u64);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Time has passed.
    Tick,
    /// An incident was accepted.
    Incident(Incident),
    /// A unit was registered, or its particulars changed.
    Unit(Unit),
    /// A fix was accepted.
    Position(Position),
    /// Somebody acted.
    Act(Act),
    /// These rules hold from now on.
    Rules(Arc<RuleSet>),
    /// Fixes that stand before this are forgotten. Behind the log they are then taken
    /// out of it, which changes nothing for whoever has come as far as this.
    Forget(Forget),
    /// Texts of incidents that stand before this are erased, in the log too.
    EraseTexts(TextErasure),
}

/// Events committed together, in the order in which they are applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The server's time when the batch was taken; never goes back.
    pub at: Time,
    /// What happened.
    pub events: Vec<Event>,
}
