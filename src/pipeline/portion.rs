//! From the spool to the next batch.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::domain::{Event, NewUnit, Time};
use crate::spool::Record;
use crate::store::Entry;

use super::directory::{Directory, Page};
use super::fixes::{Fixes, Known};
use super::gather::{EVENTS, NUMBERED, Sealed};

/// A part of the spool that goes into one batch.
#[derive(Debug, Default)]
pub struct Portion {
    /// The number of its last record.
    pub upto: u64,
    /// How many things.
    pub items: u64,
    /// The units registered in it.
    pub units: Vec<NewUnit>,
    /// What the audit log is to say of it, each with the number of its record.
    pub entries: Vec<(u64, Entry)>,
    /// Its record, if it has but one.
    pub alone: Option<Record>,
}

impl Portion {
    /// As many of the oldest records as go into a batch, at least one.
    pub fn seal(
        found: Vec<(u64, Record)>,
        at: Time,
        fixes: &mut Fixes,
        directory: &Directory,
    ) -> (Self, Sealed) {
        fixes.begin();
        let units = directory.open();
        let (mut portion, mut sealed) = (Self::default(), Sealed::empty(at));
        if let [(_, record)] = &*found {
            portion.alone = Some(record.clone());
        }
        for (number, record) in found {
            if portion.upto > 0 && !portion.has_room_for(&record, &sealed, &units) {
                break;
            }
            portion.upto = number;
            portion.items += record.items() as u64;
            portion.units.extend_from_slice(&record.units);
            portion.entries.extend(record.entries().map(|entry| (number, entry)));
            sealed.add(record, fixes, &units);
        }
        (portion, sealed)
    }

    fn has_room_for(&self, record: &Record, sealed: &Sealed, units: &Page<'_>) -> bool {
        // A unit registered in this batch has no number yet.
        let waits = || record.codes.iter().any(|(_, code)| units.stored(code).is_none());
        sealed.events() + record.items() <= EVENTS
            && sealed.draft.incidents.len() + record.incidents.len() <= NUMBERED
            && sealed.draft.units.len() + record.units.len() <= NUMBERED
            && (self.units.is_empty() || !waits())
    }
}

impl Sealed {
    fn add(&mut self, record: Record, fixes: &mut Fixes, units: &Page<'_>) {
        self.draft.owners.extend(record.owners());
        self.draft.units.extend(record.units);
        self.draft.incidents.extend(record.incidents);
        let numbers: FxHashMap<_, _> =
            record.codes.iter().filter_map(|(id, code)| Some((*id, units.stored(code)?))).collect();
        let mut strangers = FxHashSet::default();
        for mut fix in record.fixes {
            let Some(&unit) = numbers.get(&fix.unit) else {
                strangers.insert(fix.unit);
                continue;
            };
            fix.unit = unit;
            match fixes.judge(unit, fix.at) {
                Known::Duplicate => continue,
                Known::New => {}
                Known::Doubtful => self.doubts.push((unit, fix.at)),
            }
            self.draft.events.push(Event::Position(fix));
        }
        if !strangers.is_empty() {
            let left = record.codes.iter().filter(|(id, _)| strangers.contains(id));
            let units: Vec<_> = left.map(|(_, code)| &**code).collect();
            tracing::error!(
                ?units,
                "the store does not know the units of fixes in the spool; they are left out: was \
                 it put back to an earlier state?"
            );
        }
    }
}
