//! What follows from an event, as screens see it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Alert, AlertId, Incident, LngLat, Position, RuleSet, Unit, UnitId};

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertStep {
    /// New.
    Raised,
    /// Its members, sides or severity changed.
    Updated,
    /// Somebody answers for it.
    Acknowledged,
    /// Fell below the threshold.
    Faded,
    /// Rose above it again before it cleared.
    Recovered,
    /// Over.
    Cleared,
    /// Rose again within the cool-down.
    Reopened,
    /// An older alert took it up.
    Merged,
    /// Its cluster broke; other alerts have the smaller parts.
    Split,
    /// Time passed, and its trend is another; nothing else changed. No step of its
    /// history.
    Aged,
    /// Who answered for it has taken that back.
    Withdrawn,
}

/// One change of the live picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// An incident entered the picture.
    Incident(Arc<Incident>),
    /// A unit is known, or known otherwise.
    Unit(Arc<Unit>),
    /// A unit's newest fix; `from` is where it was before.
    Moved {
        /// The fix.
        position: Position,
        /// Its place before, if it had one.
        from: Option<LngLat>,
    },
    /// Where a unit was last is forgotten.
    Forgotten {
        /// Whose place.
        unit: UnitId,
    },
    /// An alert changed.
    Alert {
        /// How.
        step: AlertStep,
        /// As it now stands.
        alert: Arc<Alert>,
        /// The other alerts of this step: those that broke off from it, that from
        /// which it broke off, or that which took it up.
        others: Vec<AlertId>,
    },
    /// Other rules hold.
    Rules(Arc<RuleSet>),
}
