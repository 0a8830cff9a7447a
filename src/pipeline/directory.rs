//! The units by their codes, for the doors.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rustc_hash::FxHashMap;

use crate::domain::{Code, Unit, UnitId};

/// Which number a unit's code stands for, and whose the unit is.
///
/// The pipeline alone writes, once a batch of registrations; the doors read once
/// a request, so the lock is hardly ever waited for.
#[derive(Debug, Default)]
pub struct Directory(RwLock<Units>);

type Units = FxHashMap<Arc<str>, (UnitId, Code)>;

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
        if units.peek().is_none() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(units.map(|unit| (Arc::clone(&unit.code), (unit.id, unit.agency))));
    }
}

impl Page<'_> {
    /// The unit of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<UnitId> {
        self.find(code).map(|(id, _)| id)
    }

    /// The unit of a code, and its agency.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<(UnitId, Code)> {
        self.0.get(code).copied()
    }
}
