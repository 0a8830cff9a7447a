//! What goes into the pipeline, and what is answered.

use std::sync::Arc;

use crate::domain::{
    Act, Forget, NewIncident, NewUnit, Offset, Position, RuleSet, TextErasure, Time,
};

pub use crate::store::Verdict;
use crate::store::{Owner, Transfer};

/// Something to be made durable. Every field has been checked at the door, and
/// points are in WGS-84.
#[derive(Clone, Debug)]
pub enum Submission {
    /// Reports, and whose their names are.
    Incidents(Owner, Vec<NewIncident>),
    /// Fixes of units the directory knows.
    Positions(Vec<Position>),
    /// Registrations, and which of the units may go from one agency to another.
    Units(Vec<NewUnit>, Vec<Transfer>),
    /// A person's act.
    Act(Act),
    /// Other rules.
    Rules {
        /// Those to be in force.
        rules: Arc<RuleSet>,
        /// Whether they were read from the region's file: the next start then finds
        /// the file as it was read.
        from_file: bool,
    },
    /// Fixes, of all that stand before, to be forgotten.
    Forget(Forget),
    /// Texts of incidents, of all that stand before, to be erased.
    EraseTexts(TextErasure),
    /// What a driven clock shows from now on.
    Clock(Time),
}

impl Submission {
    /// Reports, of nobody's names.
    #[must_use]
    pub const fn incidents(all: Vec<NewIncident>) -> Self {
        Self::Incidents(Owner::NOBODY, all)
    }

    /// Registrations that take no unit from its agency.
    #[must_use]
    pub const fn units(all: Vec<NewUnit>) -> Self {
        Self::Units(all, Vec::new())
    }

    /// Whether it can wait in the spool: whoever acts must see what comes of it.
    #[must_use]
    pub const fn can_wait(&self) -> bool {
        matches!(self, Self::Incidents(..) | Self::Positions(_) | Self::Units(..))
    }

    /// Whether it only takes something away: nothing waits for that.
    #[must_use]
    pub const fn removes(&self) -> bool {
        matches!(self, Self::Forget(_) | Self::EraseTexts(_))
    }

    /// How much of the room it takes: what a fix takes is 1.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Incidents(_, all) => all.iter().map(weight).sum(),
            submission => submission.items(),
        }
    }

    /// How many things it holds.
    #[must_use]
    pub const fn items(&self) -> usize {
        match self {
            Self::Incidents(_, all) => all.len(),
            Self::Positions(all) => all.len(),
            Self::Units(all, _) => all.len(),
            Self::Act(_)
            | Self::Rules { .. }
            | Self::Forget(_)
            | Self::EraseTexts(_)
            | Self::Clock(_) => 1,
        }
    }
}

/// Bytes of a fix in a batch, most generously.
const FIX_BYTES: usize = 150;

fn weight(report: &NewIncident) -> usize {
    let texts = report.source.len() + report.external_id.len() + report.description.len();
    let media: usize = report.media.iter().map(String::len).sum();
    1 + (texts + media) / FIX_BYTES
}

/// It is durable, and whoever looks sees it, unless it is kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The batch that holds it (the last one, if it took several; if all was
    /// duplicate or is kept aside, where the log ended).
    pub offset: Offset,
    /// What came of each item.
    pub verdicts: Verdicts,
}

/// What came of each item of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdicts {
    /// Of each report or registration, in their order.
    Each(Vec<Verdict>),
    /// The indexes of the fixes that were there already, ascending; all others
    /// are accepted.
    Duplicates(Vec<u32>),
    /// It is done.
    Done,
    /// It is not done: what it was to change has changed since it was looked at.
    Overtaken,
    /// The store is away: it is durable on the disk of this machine, and what comes of
    /// each item is found when the store is back.
    Kept,
}

/// Why a submission was not accepted. Sending it again is always safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopped,
    /// More is waiting than may wait.
    #[error("too much is waiting to be stored")]
    Full,
    /// The store failed; the log of the service has more under this number.
    #[error("the store failed (failure {0})")]
    StoreFailed(String),
    /// The store has no room; reading goes on. The log of the service has more.
    #[error("the store's disk is full: nothing is taken until there is room (failure {0})")]
    DiskFull(String),
    /// The store is away, and what is kept aside meanwhile takes all the room there is.
    #[error("the store does not answer, and there is no room left to keep more for it")]
    NoRoom,
    /// The driven clock is not set yet.
    #[error("the clock is not set")]
    ClockUnset,
    /// The driven clock would go back.
    #[error("the clock shows {0} and does not go back")]
    ClockBack(Time),
    /// Rules that see too much.
    #[error(
        "these rules, all together, would see {effort} live reports, each as often as rules see \
         it; at most {most} can be looked through"
    )]
    Effort {
        /// How much there would be to look through.
        effort: usize,
        /// How much there may be.
        most: usize,
    },
    /// The clock is the machine's own and cannot be set.
    #[error("the clock is the machine's own")]
    ClockOwn,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::tests::world::report;

    #[test]
    fn a_long_report_takes_more_room_than_a_short_one() {
        let weigh = |report| Submission::incidents(vec![report]).weight();
        let short = report(1, 121.0);
        let long = NewIncident { description: "渣".repeat(1_000).into(), ..short.clone() };
        assert_eq!(weigh(short), 1);
        assert_eq!(weigh(long), 21);
    }
}
