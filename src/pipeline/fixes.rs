//! Which fixes are there already. `(unit, at)` names a fix.

use std::collections::{HashMap, HashSet};

use crate::domain::{Offset, Position, Time, UnitId};

/// Times remembered a unit, at least and before the older half is forgotten.
const KEPT: usize = 32;

/// Every fix of lately, and what is needed to ask the store about the others.
///
/// For each unit it knows **every** fix from `times[0]` on. An older one is new
/// only if it is neither among the `older`, which may not be in tracks yet, nor
/// in the store's tracks.
#[derive(Debug, Default)]
pub struct Fixes {
    units: Vec<Recent>,
    older: HashMap<(UnitId, Time), Offset>,
    /// What was judged since the last [`Fixes::begin`]: the batch being made.
    batch: HashSet<(UnitId, Time)>,
}

#[derive(Clone, Debug, Default)]
struct Recent {
    /// Ascending; never empty once something was forgotten.
    times: Vec<Time>,
    /// Whether anything older than `times[0]` was ever accepted and forgotten.
    forgot: bool,
}

/// What is known of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is new.
    New,
    /// It is there, or in the batch being made.
    Duplicate,
    /// Only the store's tracks can tell.
    Doubtful,
}

impl Fixes {
    /// Begins to judge another batch; whatever was judged before is either
    /// [`Fixes::committed`] or refused.
    pub fn begin(&mut self) {
        self.batch.clear();
    }

    /// What is known of a fix that is to go into the batch.
    pub fn judge(&mut self, unit: UnitId, at: Time) -> Known {
        if !self.batch.insert((unit, at)) {
            return Known::Duplicate;
        }
        let Some(Recent { times, forgot }) = self.units.get(unit.0 as usize) else {
            return Known::New;
        };
        if times.last().is_none_or(|newest| at > *newest) {
            return Known::New;
        }
        match times.binary_search(&at) {
            Ok(_) => return Known::Duplicate,
            Err(0) if *forgot => {}
            Err(_) => return Known::New,
        }
        if self.older.contains_key(&(unit, at)) { Known::Duplicate } else { Known::Doubtful }
    }

    /// Remembers a fix that stands in the log.
    pub fn committed(&mut self, offset: Offset, fix: &Position) {
        let at = fix.unit.0 as usize;
        if self.units.len() <= at {
            self.units.resize_with(at + 1, Recent::default);
        }
        let recent = &mut self.units[at];
        let place = match recent.times.last() {
            Some(newest) if fix.at <= *newest => match recent.times.binary_search(&fix.at) {
                Ok(_) => return,
                Err(place) => place,
            },
            _ => recent.times.len(),
        };
        if place == 0 && recent.forgot {
            self.older.insert((fix.unit, fix.at), offset);
            return;
        }
        recent.times.insert(place, fix.at);
        if recent.times.len() >= 2 * KEPT {
            recent.forgot = true;
            // None of them is of a later batch than this, and so all are in
            // tracks when this is.
            self.older.extend(recent.times.drain(..KEPT).map(|at| ((fix.unit, at), offset)));
        }
    }

    /// A unit of which nothing but its newest fix is known here.
    pub fn meet(&mut self, unit: UnitId, newest: Option<Time>) {
        let at = unit.0 as usize;
        if self.units.len() <= at {
            self.units.resize_with(at + 1, Recent::default);
        }
        self.units[at] = Recent { times: newest.into_iter().collect(), forgot: newest.is_some() };
    }

    /// All up to this batch is in the store's tracks; how many are kept here because
    /// they are not.
    pub fn compacted(&mut self, upto: Offset) -> usize {
        self.older.retain(|_, offset| *offset > upto);
        self.older.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LngLat;

    fn fix(at: i64) -> Position {
        Position {
            unit: UnitId(1),
            at: Time::from_ms(at),
            point: LngLat::new(121.0, 31.0).unwrap(),
            original: None,
            speed_mps: None,
            course_deg: None,
            accuracy_m: None,
        }
    }

    fn judge(fixes: &mut Fixes, at: i64) -> Known {
        fixes.begin();
        fixes.judge(UnitId(1), Time::from_ms(at))
    }

    #[test]
    fn a_fix_is_new_once() {
        let mut fixes = Fixes::default();
        assert_eq!(judge(&mut fixes, 10), Known::New);
        assert_eq!(fixes.judge(UnitId(1), Time::from_ms(10)), Known::Duplicate, "twice in a batch");
        fixes.committed(Offset(1), &fix(10));
        assert_eq!(judge(&mut fixes, 10), Known::Duplicate);
        assert_eq!(judge(&mut fixes, 4), Known::New, "late, but nothing was forgotten");
    }

    #[test]
    fn what_was_refused_is_new_again() {
        let mut fixes = Fixes::default();
        assert_eq!(judge(&mut fixes, 10), Known::New);
        assert_eq!(judge(&mut fixes, 10), Known::New);
    }

    #[test]
    fn what_was_forgotten_must_be_asked_for() {
        let mut fixes = Fixes::default();
        for at in 0..64 {
            fixes.committed(Offset(1), &fix(at * 10));
        }
        assert_eq!(judge(&mut fixes, 320), Known::Duplicate);
        assert_eq!(judge(&mut fixes, 325), Known::New);
        assert_eq!(judge(&mut fixes, 310), Known::Duplicate, "not in tracks yet");
        assert_eq!(fixes.compacted(Offset(0)), 32);
        assert_eq!(fixes.compacted(Offset(1)), 0);
        assert_eq!(judge(&mut fixes, 310), Known::Doubtful);
        assert_eq!(judge(&mut fixes, 311), Known::Doubtful);
        fixes.committed(Offset(7), &fix(311));
        assert_eq!(judge(&mut fixes, 311), Known::Duplicate, "not in tracks yet");
        fixes.compacted(Offset(7));
        assert_eq!(judge(&mut fixes, 311), Known::Doubtful, "tracks know it now");
    }

    #[test]
    fn of_a_unit_met_at_the_start_only_the_newest_is_known() {
        let mut fixes = Fixes::default();
        fixes.meet(UnitId(1), Some(Time::from_ms(50)));
        assert_eq!(judge(&mut fixes, 51), Known::New);
        assert_eq!(judge(&mut fixes, 50), Known::Duplicate);
        assert_eq!(judge(&mut fixes, 49), Known::Doubtful);
        fixes.meet(UnitId(1), None);
        assert_eq!(judge(&mut fixes, 49), Known::New, "it never had one");
    }
}
