//! What goes into the log, and what came of it.

use std::collections::HashSet;

use crate::domain::{Event, NewIncident, NewUnit, Offset, Time, UnitId};

use super::audit::Entry;

/// Fixes, by what names each.
pub type FixNames = HashSet<(UnitId, Time)>;

/// Events to be committed together. They are applied in this order: units,
/// incidents, events.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The server's time.
    pub at: Time,
    /// Registrations, to be numbered by the store.
    pub units: Vec<NewUnit>,
    /// Reports, to be numbered by the store.
    pub incidents: Vec<NewIncident>,
    /// The rest; neither units nor incidents.
    pub events: Vec<Event>,
    /// The newest batch that was known when the fixes among these events were found
    /// to be new; those that a later one holds are left out.
    pub known: Offset,
    /// What the audit log is to say of it; written even if all else is duplicate.
    pub audit: Vec<Entry>,
    /// What of it comes from a spool.
    pub spooled: Option<Spooled>,
}

/// Up to where a store has a spool, when a draft from there is in it.
///
/// All else finds its own duplicates when a record comes again, but a line of the
/// audit log cannot.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// The note that says so.
    pub note: String,
    /// The number of the newest record in the draft.
    pub upto: u64,
    /// What the audit log is to say, each with the number of its record.
    pub entries: Vec<(u64, Entry)>,
}

impl Spooled {
    /// Given what the note says: what the audit log does not say yet, and what the note
    /// says from now on.
    #[must_use]
    pub fn since(self, noted: Option<&str>) -> (Vec<Entry>, String) {
        let noted = noted.and_then(|number| number.parse().ok()).unwrap_or(0);
        let new = self.entries.into_iter().filter(|(number, _)| *number > noted);
        (new.map(|(_, entry)| entry).collect(), self.upto.max(noted).to_string())
    }
}

impl Draft {
    /// Whether there is a fix among its events.
    #[must_use]
    pub fn has_fixes(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Position(_)))
    }

    /// Leaves out the fixes that are there already; the places they had among the
    /// events, ascending.
    pub fn leave_out(&mut self, there: &FixNames) -> Vec<usize> {
        let mut places = Vec::new();
        if there.is_empty() {
            return places;
        }
        let mut place = 0;
        self.events.retain(|event| {
            let repeated = match event {
                Event::Position(fix) => there.contains(&(fix.unit, fix.at)),
                _ => false,
            };
            if repeated {
                places.push(place);
            }
            place += 1;
            !repeated
        });
        places
    }
}

/// What came of one report or registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// New, under this number. (A unit: new, or known otherwise than before.)
    Accepted(u64),
    /// There already, under this number. (A unit out of a spool: or another agency's.)
    Duplicate(u64),
}

impl Verdict {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Accepted(number) | Self::Duplicate(number) => number,
        }
    }
}

/// A draft as it stands in the log.
#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// The batch's place; where the log ends, if all was duplicate and nothing
    /// was appended.
    pub offset: Offset,
    /// The batch's time: the draft's, but never before the last batch's.
    pub at: Time,
    /// What was appended, in the order in which it is applied; empty if all was
    /// duplicate.
    pub events: Vec<Event>,
    /// The places, among the draft's events, of the fixes that were left out.
    pub repeated: Vec<usize>,
    /// What came of each registration of the draft.
    pub units: Vec<Verdict>,
    /// What came of each report of the draft.
    pub incidents: Vec<Verdict>,
}
