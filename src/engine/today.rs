//! How many incidents of a day there are, counted as they come.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::Time;

/// What of the window occurred from an instant on.
#[derive(Clone, Debug, Default)]
pub(super) struct Today {
    /// Since when it counts.
    pub from: Time,
    pub incidents: u32,
    /// By the numbers of their matters and places; none is zero.
    pub matters: BTreeMap<u16, u32>,
    pub places: BTreeMap<u32, u32>,
}

impl Today {
    /// None yet.
    pub(super) fn since(from: Time) -> Self {
        Self { from, ..Self::default() }
    }

    /// Counts one in, if it is of the day.
    pub(super) fn enter(&mut self, occurred_at: Time, matter: u16, place: u32) {
        if occurred_at >= self.from {
            self.incidents += 1;
            *self.matters.entry(matter).or_default() += 1;
            *self.places.entry(place).or_default() += 1;
        }
    }

    /// Counts one out.
    pub(super) fn forget(&mut self, occurred_at: Time, matter: u16, place: u32) {
        if occurred_at >= self.from {
            self.incidents -= 1;
            less(&mut self.matters, matter);
            less(&mut self.places, place);
        }
    }
}

fn less<K: Ord>(counts: &mut BTreeMap<K, u32>, key: K) {
    if let Entry::Occupied(mut of) = counts.entry(key) {
        *of.get_mut() -= 1;
        if *of.get() == 0 {
            of.remove();
        }
    }
}
