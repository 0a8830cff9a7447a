//! What is counted of a cluster, step by step.

use std::collections::BTreeSet;

use crate::domain::{AlertId, Code, Level, LngLat, Members, Time};

use super::hull::{Hull, QUARTER, ROUND, mean};
use super::window::Facts;

/// A day, in which a trend counts.
pub(super) const DAY_MS: i64 = 86_400_000;

/// How often each of a few things occurs; in no order.
#[derive(Clone, Debug)]
pub(super) struct Counts<K>(Vec<(K, u32)>);

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord> Counts<K> {
    fn add(&mut self, key: K) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count += 1,
            None => self.0.push((key, 1)),
        }
    }

    fn subtract(&mut self, key: K) {
        if let Some(at) = self.0.iter().position(|&(known, _)| known == key) {
            self.0[at].1 -= 1;
            if self.0[at].1 == 0 {
                self.0.swap_remove(at);
            }
        }
    }

    pub(super) fn get(&self, key: K) -> u32 {
        self.0.iter().find(|(known, _)| *known == key).map_or(0, |&(_, count)| count)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, u32)> {
        self.0.iter().copied()
    }
}

/// A distance from a border as a number of the same order, and whose it is.
type Reach = (u64, u32);

/// What is counted of a cluster. Every figure is whole, so that it is the same by
/// whatever steps the members came.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub members: u32,
    pub cores: u32,
    pub sides: Counts<Code>,
    /// The counties within the sides, where these are wider.
    pub counties: Counts<Code>,
    pub matters: Counts<u16>,
    pub zones: Counts<u16>,
    /// By [`crate::domain::Provenance`].
    pub provenance: [u32; 3],
    /// Of the members' places, in grains.
    pub sum: [i64; 2],
    /// How many of them lie west of 0°, and the sum of their longitudes.
    west: (i64, i64),
    /// Members of the last day, and of the one before.
    trend: [u32; 2],
    /// The borders near its cores: the distance of each core in reach.
    borders: Vec<(u32, BTreeSet<Reach>)>,
    /// The alerts it has; more than one only until a merge is told.
    pub alerts: Vec<AlertId>,
    /// Of the members, while known; kept only with an alert.
    pub hull: Option<Hull>,
    /// The members' numbers, while known; kept only with an alert.
    pub roll: Option<Members>,
}

impl Tally {
    /// Counts a member in; `now` is the instant of the trend.
    pub(super) fn join(&mut self, facts: &Facts<'_>, level: Level, now: Time) {
        self.members += 1;
        if let Some(side) = facts.side(level) {
            self.sides.add(side);
        }
        if let Some(county) = facts.county_within(level) {
            self.counties.add(county);
        }
        self.matters.add(facts.matter);
        for &zone in &facts.place.zones {
            self.zones.add(zone);
        }
        self.provenance[facts.incident.provenance as usize] += 1;
        let grain = facts.grain();
        self.sum = [self.sum[0] + grain[0], self.sum[1] + grain[1]];
        if grain[0] < 0 {
            self.west = (self.west.0 + 1, self.west.1 + grain[0]);
        }
        if let Some(day) = days_ago(facts.incident.occurred_at, now) {
            self.trend[day] += 1;
        }
        if let Some(hull) = &mut self.hull {
            hull.extend(grain);
        }
        if let Some(roll) = &mut self.roll {
            roll.insert(facts.incident.id);
        }
    }

    /// Counts a member out.
    pub(super) fn leave(&mut self, facts: &Facts<'_>, level: Level, now: Time) {
        self.members -= 1;
        if let Some(side) = facts.side(level) {
            self.sides.subtract(side);
        }
        if let Some(county) = facts.county_within(level) {
            self.counties.subtract(county);
        }
        self.matters.subtract(facts.matter);
        for &zone in &facts.place.zones {
            self.zones.subtract(zone);
        }
        self.provenance[facts.incident.provenance as usize] -= 1;
        let grain = facts.grain();
        self.sum = [self.sum[0] - grain[0], self.sum[1] - grain[1]];
        if grain[0] < 0 {
            self.west = (self.west.0 - 1, self.west.1 - grain[0]);
        }
        if let Some(day) = days_ago(facts.incident.occurred_at, now) {
            self.trend[day] -= 1;
        }
        if self.hull.as_mut().is_some_and(|hull| hull.lose(grain)) {
            self.hull = None;
        }
        if let Some(roll) = &mut self.roll {
            roll.remove(facts.incident.id);
        }
    }

    /// The mean of the members' places; across 180° too, where longitudes leap.
    pub(super) fn center(&self) -> Option<LngLat> {
        let [mut lng, lat] = self.sum;
        let (west, west_sum) = self.west;
        // A cluster is a few kilometres wide: with members on both sides of a meridian,
        // it is that of 0° or that of 180°.
        let from_zero = lng - 2 * west_sum;
        if west > 0 && from_zero > QUARTER * i64::from(self.members) {
            lng += west * ROUND;
        }
        mean([lng, lat], self.members)
    }

    /// Counts a core in, with its distances from the borders in reach.
    pub(super) fn add_core(&mut self, point: u32, near: &[(u32, f64)]) {
        self.cores += 1;
        for &(border, metres) in near {
            let reach = (metres.to_bits(), point);
            match self.borders.iter_mut().find(|(known, _)| *known == border) {
                Some((_, cores)) => drop(cores.insert(reach)),
                None => self.borders.push((border, BTreeSet::from([reach]))),
            }
        }
    }

    /// Counts a core out.
    pub(super) fn subtract_core(&mut self, point: u32, near: &[(u32, f64)]) {
        self.cores -= 1;
        for &(border, metres) in near {
            if let Some(at) = self.borders.iter().position(|(known, _)| *known == border) {
                self.borders[at].1.remove(&(metres.to_bits(), point));
                if self.borders[at].1.is_empty() {
                    self.borders.swap_remove(at);
                }
            }
        }
    }

    /// The borders within reach of a core, each with the distance of the nearest.
    pub(super) fn borders(&self) -> impl Iterator<Item = (u32, f64)> {
        let nearest =
            |cores: &BTreeSet<Reach>| cores.first().map(|&(bits, _)| f64::from_bits(bits));
        self.borders.iter().filter_map(move |(border, cores)| Some((*border, nearest(cores)?)))
    }

    /// Members of the last day, and of the one before.
    pub(super) const fn trend(&self) -> (u32, u32) {
        (self.trend[0], self.trend[1])
    }

    /// A member of an age of `from` days is from now on one of `from + 1`.
    pub(super) fn grow_older(&mut self, from: usize) {
        self.trend[from] -= 1;
        if from == 0 {
            self.trend[1] += 1;
        }
    }
}

/// The last day is 0, the one before 1; none before that.
fn days_ago(occurred_at: Time, now: Time) -> Option<usize> {
    if occurred_at > now - DAY_MS {
        Some(0)
    } else if occurred_at > now - 2 * DAY_MS {
        Some(1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn center(longitudes: &[i64]) -> f64 {
        let degree = ROUND / 360;
        let mut tally = Tally::default();
        for &tenth in longitudes {
            let lng = tenth * degree / 10;
            tally.members += 1;
            tally.sum[0] += lng;
            if lng < 0 {
                tally.west = (tally.west.0 + 1, tally.west.1 + lng);
            }
        }
        tally.center().unwrap().lng()
    }

    #[test]
    fn the_middle_of_a_cluster_lies_among_its_members_at_every_meridian() {
        for (tenths, middle) in [
            (&[1799, -1799][..], 180.0),
            (&[1799, 1798, -1799], 179.933_333_333_333_3),
            (&[1799, -1798, -1798], -179.9),
            (&[1800, -1800], 180.0),
            (&[1, -1], 0.0),
            (&[-3, 1], -0.1),
            (&[-1201, -1203], -120.2),
            (&[1209, 1211], 121.0),
        ] {
            assert!((center(tenths) - middle).abs() < 1e-9, "{tenths:?}: {}", center(tenths));
        }
    }
}
