//! What goes into the log, and what came of it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::{AlertId, Batch, Code, Event, NewIncident, NewUnit, Offset, Time, UnitId};

use super::audit::Entry;
use super::{Differences, Owner};

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
    /// Units among them that another agency may give away.
    pub transfers: Vec<Transfer>,
    /// Reports, to be numbered by the store.
    pub incidents: Vec<NewIncident>,
    /// Whose their names are, one by one; those of the rest are nobody's.
    pub owners: Vec<Owner>,
    /// The rest; neither units nor incidents.
    pub events: Vec<Event>,
    /// The newest batch that was known when the fixes among these events were found
    /// to be new; those that a later one holds are left out.
    pub known: Offset,
    /// What the audit log is to say of it; written even if all else is duplicate.
    pub audit: Vec<Entry>,
    /// What of it comes from a spool.
    pub spooled: Option<Spooled>,
    /// What must not have happened for it to be appended.
    pub since: Option<Since>,
}

/// A unit that an agency may give to another: the sender, who was found to have both
/// within reach, saw it with the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The unit's code.
    pub code: Arc<str>,
    /// Whose it is,
    pub from: Code,
    /// and is to be.
    pub to: Code,
}

/// That something has changed after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// The newest batch that was known when it was looked at.
    pub offset: Offset,
    /// What was looked at.
    pub subject: Subject,
}

/// What people change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The rules.
    Rules,
    /// What people have done about an alert.
    Alert(AlertId),
}

impl Since {
    /// Whether it has changed in a batch.
    #[must_use]
    pub fn changed_in(&self, batch: &Batch) -> bool {
        batch.events.iter().any(|event| match (self.subject, event) {
            (Subject::Rules, Event::Rules(_)) => true,
            (Subject::Alert(alert), Event::Act(act)) => act.alert() == alert,
            _ => false,
        })
    }
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
    /// There already, under this number.
    Duplicate(u64),
    /// A report that is there already, under this number, with other contents, which
    /// stay.
    Differs(u64, Differences),
    /// A unit that is another agency's, and stays so.
    Taken(u64),
}

impl Verdict {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Accepted(number)
            | Self::Duplicate(number)
            | Self::Differs(number, _)
            | Self::Taken(number) => number,
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
    /// Whether nothing was appended for what has happened [since](Draft::since).
    pub overtaken: bool,
}
