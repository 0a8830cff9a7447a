//! What of devices was refused, or is not believed: so that who looks after them finds
//! the one whose receiver is broken. Kept in memory, since the service started.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::domain::{Code, Position, Time, UnitId};
use crate::engine::Doubt;

use super::clock::wall;

/// Units and senders of which faults are kept, each; 20 MB at most.
const MOST: usize = 10_000;
/// Faults told of each, the newest.
const TOLD: usize = 5;

/// Why something of a device counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When it came in, by the machine's clock.
    pub at: Time,
    /// The field at fault; none if it is the item as a whole.
    pub field: Option<Cow<'static, str>>,
    /// What is wrong.
    pub reason: Cow<'static, str>,
    /// Whether it was taken, and only not believed.
    pub kept: bool,
}

/// What was wrong with the items of one unit or sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Items refused.
    pub refused: u64,
    /// Fixes that are in the track and not believed.
    pub doubted: u64,
    /// The newest, the last first.
    pub last: VecDeque<Fault>,
}

impl Faults {
    fn note(&mut self, fault: Fault) {
        *(if fault.kept { &mut self.doubted } else { &mut self.refused }) += 1;
        self.last.truncate(TOLD - 1);
        self.last.push_front(fault);
    }
}

/// Who hands in: the name of a token or account, and its agency; none where nobody
/// has to say who they are.
pub type SenderName = (Arc<str>, Option<Code>);

/// What was refused and doubted, by unit and by sender.
#[derive(Debug)]
pub struct Devices {
    since: Time,
    all: Mutex<All>,
}

#[derive(Clone, Debug, Default)]
struct All {
    units: FxHashMap<UnitId, Faults>,
    senders: FxHashMap<SenderName, Faults>,
    beyond: u64,
}

/// What was refused and doubted, as it stands.
#[derive(Clone, Debug)]
pub struct Told {
    /// Since when it is counted, by the machine's clock.
    pub since: Time,
    /// By unit; only those with faults.
    pub units: Vec<(UnitId, Faults)>,
    /// By sender; only those with faults.
    pub senders: Vec<(SenderName, Faults)>,
    /// Faults of further ones, that are not kept.
    pub beyond: u64,
}

impl Default for Devices {
    fn default() -> Self {
        Self { since: wall(), all: Mutex::default() }
    }
}

impl Devices {
    /// Notes an item that was refused: of which sender, and of which unit if that is
    /// known.
    pub fn refused(
        &self,
        sender: &SenderName,
        unit: Option<UnitId>,
        field: Option<Cow<'static, str>>,
        reason: Cow<'static, str>,
    ) {
        let fault = Fault { at: wall(), field, reason, kept: false };
        let mut all = self.lock();
        let All { units, senders, beyond } = &mut *all;
        if let Some(unit) = unit {
            note(units, unit, fault.clone(), beyond);
        }
        note(senders, sender.clone(), fault, beyond);
    }

    /// Notes a fix that was taken and is not believed.
    pub(super) fn doubted(&self, fix: &Position, doubt: Doubt) {
        let field = match doubt {
            Doubt::TooFast => "lon",
            Doubt::TooCoarse => "accuracy_m",
        };
        let fault = Fault {
            at: wall(),
            field: Some(field.into()),
            reason: doubt.reason().into(),
            kept: true,
        };
        let mut all = self.lock();
        let All { units, beyond, .. } = &mut *all;
        note(units, fix.unit, fault, beyond);
    }

    /// Forgets what was noted while the log was replayed.
    pub(super) fn begin(&self) {
        *self.lock() = All::default();
    }

    /// All of it.
    #[must_use]
    pub fn tell(&self) -> Told {
        let All { units, senders, beyond } = self.lock().clone();
        Told {
            since: self.since,
            units: units.into_iter().collect(),
            senders: senders.into_iter().collect(),
            beyond,
        }
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note<K: std::hash::Hash + Eq>(
    of: &mut FxHashMap<K, Faults>,
    key: K,
    fault: Fault,
    beyond: &mut u64,
) {
    if of.len() >= MOST && !of.contains_key(&key) {
        *beyond += 1;
        return;
    }
    of.entry(key).or_default().note(fault);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(devices: &Devices, sender: &str, unit: Option<u32>, reason: &'static str) {
        let sender: SenderName = (sender.into(), None);
        devices.refused(&sender, unit.map(UnitId), None, reason.into());
    }

    #[test]
    fn the_newest_faults_of_each_are_told_and_all_are_counted() {
        let devices = Devices::default();
        for reason in ["a", "b", "c", "d", "e", "f"] {
            refuse(&devices, "s", Some(1), reason);
        }
        refuse(&devices, "t", None, "g");
        let Told { units, senders, beyond, since } = devices.tell();
        assert_eq!((units.len(), senders.len(), beyond), (1, 2, 0));
        let (unit, faults) = &units[0];
        assert_eq!((*unit, faults.refused, faults.doubted), (UnitId(1), 6, 0));
        let reasons: Vec<&str> = faults.last.iter().map(|fault| &*fault.reason).collect();
        assert_eq!(reasons, ["f", "e", "d", "c", "b"]);
        assert!(faults.last.iter().all(|fault| fault.at >= since && !fault.kept));
    }

    #[test]
    fn memory_is_bounded_by_the_number_of_units() {
        let devices = Devices::default();
        for unit in 0..u32::try_from(MOST).unwrap() + 7 {
            refuse(&devices, "s", Some(unit), "x");
        }
        let Told { units, beyond, .. } = devices.tell();
        assert_eq!((units.len(), beyond), (MOST, 7));
    }
}
