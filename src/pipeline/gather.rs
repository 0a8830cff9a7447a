//! From what has come in to the next batch.

use std::collections::VecDeque;
use std::iter;
use std::sync::Arc;

use crate::domain::{Event, RuleSet, Time, UnitId};
use crate::store::Draft;

use super::clock::Clock;
use super::directory::Directory;
use super::fixes::{Fixes, Known};
use super::parcel::{Parcel, Part, Sender, Waiting};
use super::rules_file;
use super::submission::{Refused, Submission};

/// Events a batch, unless one submission alone has more: some ten milliseconds
/// of commit.
pub const EVENTS: usize = 5_000;

/// Incidents (or units) a batch: all of them go into one publication, which
/// stays well under 1 MiB.
pub const NUMBERED: usize = 1_000;

/// What has come in and is in no batch yet, in its order.
#[derive(Debug, Default)]
pub struct Gathered {
    parcels: VecDeque<Parcel>,
}

/// A batch about to be committed.
#[derive(Debug, Default)]
pub struct Sealed {
    /// What goes into the log.
    pub draft: Draft,
    /// Who waits, in the order of their parts of the draft.
    pub waiting: Vec<Waiting>,
    /// Whether they all may be told that it is kept.
    pub can_wait: bool,
    /// Fixes of which only the store's tracks can tell whether they are new.
    pub doubts: Vec<(UnitId, Time)>,
    /// What a driven clock shows once this is committed.
    pub clock: Option<Time>,
    /// Rules among its events that were read from the region's file.
    pub rules_of_file: Option<Arc<RuleSet>>,
}

/// What a batch is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Whatever comes first.
    All,
    /// What can wait in the spool.
    Patient,
    /// What cannot.
    Impatient,
    /// What cannot, and goes before what waits there: all but that fixes are to be
    /// forgotten, since those may be among it.
    Urgent,
}

impl Gathered {
    /// Takes in a submission.
    pub fn push(&mut self, parcel: Parcel) {
        self.parcels.push_back(parcel);
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// Refuses everything of a kind; how much of it could not have waited longer.
    pub fn refuse(&mut self, of: Of, why: &Refused) -> usize {
        let (refused, kept) = std::mem::take(&mut self.parcels)
            .into_iter()
            .partition::<VecDeque<_>, _>(|parcel| of.has(&parcel.submission));
        self.parcels = kept;
        let acts = refused.iter().filter(|parcel| !parcel.submission.can_wait()).count();
        for parcel in refused {
            parcel.sender.tell(Err(why.clone()));
        }
        acts
    }

    /// The next batch of a kind. What cannot be accepted under the clock as it stands
    /// is answered at once.
    ///
    /// What cannot wait is a batch alone, so that of a batch that fails all can be
    /// kept, or nothing.
    pub fn seal(
        &mut self,
        of: Of,
        fixes: &mut Fixes,
        clock: &Clock,
        directory: &Directory,
    ) -> Option<Sealed> {
        fixes.begin();
        let now = clock.now();
        let mut sealed = Sealed::default();
        let mut at = 0;
        while let Some(Parcel { submission, .. }) = self.parcels.get(at) {
            if !of.has(submission) {
                at += 1;
                continue;
            }
            let refused = match submission {
                Submission::Clock(_) if !clock.is_driven() => Some(Refused::ClockOwn),
                Submission::Clock(to) => now.filter(|now| now > to).map(Refused::ClockBack),
                _ if now.is_none() => Some(Refused::ClockUnset),
                _ => None,
            };
            if refused.is_none() && !sealed.has_room_for(submission) {
                break;
            }
            let Some(Parcel { submission, entry, since, sender }) = self.parcels.remove(at) else {
                break;
            };
            if let Some(why) = refused {
                sender.tell(Err(why));
                continue;
            }
            sealed.can_wait = submission.can_wait();
            sealed.draft.since = since;
            sealed.draft.audit.extend(entry);
            sealed.take(submission, sender, fixes, directory);
            if !sealed.can_wait {
                break;
            }
        }
        sealed.draft.at = sealed.clock.or(now).unwrap_or_default();
        (!sealed.waiting.is_empty()).then_some(sealed)
    }
}

impl Sealed {
    /// A batch of nothing.
    pub fn empty(at: Time) -> Self {
        Self { draft: Draft { at, ..Draft::default() }, ..Self::default() }
    }

    /// A batch that tells the engine the time.
    pub fn tick(at: Time) -> Self {
        let draft = Draft { at, events: vec![Event::Tick], ..Draft::default() };
        Self { draft, ..Self::default() }
    }

    /// How many events there are.
    pub const fn events(&self) -> usize {
        self.draft.events.len() + self.draft.incidents.len() + self.draft.units.len()
    }

    fn has_room_for(&self, submission: &Submission) -> bool {
        let more = submission.items();
        self.waiting.is_empty()
            || match submission {
                Submission::Incidents(..) => self.draft.incidents.len() + more <= NUMBERED,
                Submission::Units(..) => self.draft.units.len() + more <= NUMBERED,
                Submission::Positions(_) => true,
                Submission::Act(_)
                | Submission::Rules { .. }
                | Submission::Clock(_)
                | Submission::Forget(_)
                | Submission::EraseTexts(_) => false,
            } && self.events() + more <= EVENTS
    }

    fn take(
        &mut self,
        submission: Submission,
        sender: Sender,
        fixes: &mut Fixes,
        directory: &Directory,
    ) {
        let events = &mut self.draft.events;
        let part = match submission {
            Submission::Incidents(owner, reports) => {
                let part = Part::Incidents(reports.len());
                self.draft.owners.extend(iter::repeat_n(owner, reports.len()));
                self.draft.incidents.extend(reports);
                part
            }
            Submission::Units(registrations, transfers) => {
                let part = Part::Units(registrations.len());
                self.draft.transfers.extend(transfers);
                self.draft.units.extend(registrations);
                part
            }
            Submission::Positions(all) => {
                let mut duplicates = Vec::new();
                let mut many = 0;
                let units = directory.open();
                events.reserve(all.len());
                for (index, mut fix) in (0..).zip(all) {
                    many += 1;
                    fix.unit = units.settled(fix.unit);
                    match fixes.judge(fix.unit, fix.at) {
                        Known::New => {}
                        Known::Duplicate => {
                            duplicates.push(index);
                            continue;
                        }
                        Known::Doubtful => self.doubts.push((fix.unit, fix.at)),
                    }
                    events.push(Event::Position(fix));
                }
                Part::Positions(many, duplicates)
            }
            Submission::Act(act) => {
                events.push(Event::Act(act));
                Part::Other
            }
            Submission::Rules { rules, from_file } => {
                if from_file {
                    self.draft.audit.push(rules_file::entry(&rules));
                    self.rules_of_file = Some(Arc::clone(&rules));
                }
                events.push(Event::Rules(rules));
                Part::Other
            }
            Submission::Forget(forget) => {
                events.push(Event::Forget(forget));
                Part::Other
            }
            Submission::EraseTexts(erasure) => {
                events.push(Event::EraseTexts(erasure));
                Part::Other
            }
            Submission::Clock(to) => {
                self.clock = Some(to);
                events.push(Event::Tick);
                Part::Other
            }
        };
        self.waiting.push(Waiting::new(sender, part));
    }
}

impl Of {
    const fn has(self, submission: &Submission) -> bool {
        match self {
            Self::All => true,
            Self::Patient => submission.can_wait(),
            Self::Impatient => !submission.can_wait(),
            Self::Urgent => !submission.can_wait() && !submission.removes(),
        }
    }
}
