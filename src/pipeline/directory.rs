//! The units by their codes, for the doors.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::FxHashMap;

use crate::domain::{Code, NewUnit, Unit, UnitId, text};
use crate::store::Verdict;

/// Numbers from here on are not the store's: they stand for units that only the spool
/// knows, downwards from the highest.
const AWAITED: UnitId = UnitId(1 << 31);

/// Which number a unit's code stands for, and whose the unit is.
///
/// The pipeline alone writes, once a batch of registrations; the doors read once
/// a request, so the lock is hardly ever waited for.
#[derive(Debug, Default)]
pub struct Directory(RwLock<Units>);

#[derive(Debug, Default)]
struct Units {
    /// Whoever registers chooses the codes: hashed with a key.
    known: HashMap<Arc<str>, (UnitId, Code)>,
    codes: FxHashMap<UnitId, Arc<str>>,
    /// How many units were ever awaited.
    awaited: u32,
}

/// The directory as it stands, for a request's many look-ups; hold it briefly.
#[derive(Debug)]
pub struct Page<'a>(RwLockReadGuard<'a, Units>);

impl Directory {
    /// Opens it for many look-ups.
    #[must_use]
    pub fn open(&self) -> Page<'_> {
        Page(self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The unit of one code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<UnitId> {
        self.open().get(code)
    }

    pub(super) fn enter<'a>(&self, units: impl IntoIterator<Item = &'a Unit>) {
        let mut units = units.into_iter().peekable();
        if units.peek().is_some() {
            let mut book = self.write();
            units.for_each(|unit| book.put(&unit.code, unit.id, unit.agency));
        }
    }

    /// Enters units that are registered here, but not in the store yet, so that their
    /// fixes are taken: each under a number that stands for it meanwhile.
    pub(super) fn await_units(&self, units: &[NewUnit]) {
        if units.is_empty() {
            return;
        }
        let mut book = self.write();
        for NewUnit { code, agency, .. } in units {
            if !book.known.contains_key(code) {
                let id = UnitId(u32::MAX - book.awaited);
                book.awaited += 1;
                book.put(code, id, *agency);
            }
        }
    }

    /// Enters units that were awaited as the store has numbered them. Of others it has
    /// said itself whose they are.
    pub(super) fn settle(&self, units: &[NewUnit], verdicts: &[Verdict]) {
        if units.is_empty() {
            return;
        }
        let mut book = self.write();
        for (unit, verdict) in units.iter().zip(verdicts) {
            let id = UnitId(u32::try_from(verdict.number()).unwrap_or(u32::MAX));
            if book.known.get(&unit.code).is_none_or(|(known, _)| *known >= AWAITED) {
                book.put(&unit.code, id, unit.agency);
            }
        }
    }

    fn write(&self) -> RwLockWriteGuard<'_, Units> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Units {
    fn put(&mut self, code: &Arc<str>, id: UnitId, agency: Code) {
        self.known.insert(Arc::clone(code), (id, agency));
        self.codes.insert(id, Arc::clone(code));
    }
}

impl Page<'_> {
    /// The unit of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<UnitId> {
        self.find(code).map(|(id, _)| id)
    }

    /// The unit of a code, and its agency: of the code as it is, or else in the form
    /// in which codes are kept.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<(UnitId, Code)> {
        let known = |code: &str| self.0.known.get(code).copied();
        known(code).or_else(|| {
            let kept = text::nfkc(code.trim());
            if kept == code { None } else { known(&kept) }
        })
    }

    /// Whether there is a unit of exactly this code.
    #[must_use]
    pub fn holds(&self, code: &str) -> bool {
        self.0.known.contains_key(code)
    }

    /// The code of a unit.
    pub(super) fn code(&self, id: UnitId) -> Option<Arc<str>> {
        self.0.codes.get(&id).cloned()
    }

    /// The store's number for a code; none while it is awaited.
    pub(super) fn stored(&self, code: &str) -> Option<UnitId> {
        self.get(code).filter(|id| *id < AWAITED)
    }

    /// The store's number for a unit that may have been awaited when it was looked up.
    pub(super) fn settled(&self, id: UnitId) -> UnitId {
        if id < AWAITED {
            return id;
        }
        self.0.codes.get(&id).and_then(|code| self.stored(code)).unwrap_or(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::tests::world::unit;

    #[test]
    fn a_code_is_found_as_it_is_or_as_it_is_kept() {
        let directory = Directory::default();
        directory.enter([&unit("A1").numbered(UnitId(1)), &unit("Ｂ1").numbered(UnitId(2))]);
        let page = directory.open();
        for (code, id) in [("A1", Some(1)), ("Ａ1", Some(1)), (" A1", Some(1)), ("Ｂ1", Some(2))]
        {
            assert_eq!(page.get(code), id.map(UnitId), "{code}");
        }
        assert_eq!((page.get("B1"), page.holds("Ａ1"), page.holds("Ｂ1")), (None, false, true));
    }

    #[test]
    fn a_unit_that_is_awaited_has_a_number_that_becomes_the_stores() {
        let directory = Directory::default();
        directory.enter([&unit("a").numbered(UnitId(1))]);
        directory.await_units(&[unit("a"), unit("b"), unit("c"), unit("b")]);
        let (b, c) = (directory.get("b").unwrap(), directory.get("c").unwrap());
        assert_eq!((directory.get("a"), b == c), (Some(UnitId(1)), false));
        assert_eq!(directory.open().code(b).as_deref(), Some("b"));
        assert_eq!((directory.open().stored("b"), directory.open().settled(b)), (None, b));
        directory.settle(&[unit("b")], &[Verdict::Accepted(2)]);
        assert_eq!(directory.open().stored("b"), Some(UnitId(2)));
        let others = NewUnit { agency: "320500".parse().unwrap(), ..unit("b") };
        directory.settle(&[others], &[Verdict::Duplicate(2)]);
        assert_eq!(directory.open().find("b"), Some((UnitId(2), unit("b").agency)));
        assert_eq!(directory.open().settled(b), UnitId(2));
        assert_eq!(directory.open().settled(UnitId(7)), UnitId(7));
    }
}
