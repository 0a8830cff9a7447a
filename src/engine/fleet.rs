//! The units and where they were last.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::atlas::ground::Ecef;
use crate::domain::{Change, Forget, LngLat, Position, Provenance, Time, Unit, UnitId};

/// Every unit known, in the order in which they became so.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    units: Vec<(Arc<Unit>, Option<Position>)>,
    by_id: FxHashMap<UnitId, usize>,
    provenance: [u32; 3],
}

impl Fleet {
    /// A unit is known, or known otherwise.
    pub(super) fn register(&mut self, unit: &Unit, out: &mut Vec<Change>) {
        let new = Arc::new(unit.clone());
        self.provenance[unit.provenance as usize] += 1;
        if let Some(&at) = self.by_id.get(&unit.id) {
            let known = &mut self.units[at].0;
            self.provenance[known.provenance as usize] -= 1;
            if **known == *unit {
                return;
            }
            *known = Arc::clone(&new);
        } else {
            self.by_id.insert(unit.id, self.units.len());
            self.units.push((Arc::clone(&new), None));
        }
        out.push(Change::Unit(new));
    }

    /// A unit is elsewhere, unless the fix is no newer than what is known.
    pub(super) fn fix(&mut self, position: &Position, out: &mut Vec<Change>) {
        let Some(&at) = self.by_id.get(&position.unit) else { return };
        let newest = &mut self.units[at].1;
        if newest.is_some_and(|newest| position.at <= newest.at) {
            return;
        }
        let from = newest.map(|newest| newest.point);
        *newest = Some(*position);
        out.push(Change::Moved { position: *position, from });
    }

    /// Where units were last is forgotten, if that is meant.
    pub(super) fn forget(&mut self, forget: &Forget, out: &mut Vec<Change>) {
        for (unit, newest) in &mut self.units {
            if newest.take_if(|newest| forget.means(newest)).is_some() {
                out.push(Change::Forgotten { unit: unit.id });
            }
        }
    }

    pub(super) fn get(&self, id: UnitId) -> Option<(&Arc<Unit>, Option<&Position>)> {
        self.by_id.get(&id).map(|&at| (&self.units[at].0, self.units[at].1.as_ref()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<Unit>, Option<&Position>)> {
        self.units.iter().map(|(unit, position)| (unit, position.as_ref()))
    }

    /// Whether any unit is of this provenance.
    pub(super) fn has(&self, provenance: Provenance) -> bool {
        self.provenance[provenance as usize] > 0
    }

    /// The units whose newest fix, no older than `since`, lies within some metres,
    /// the nearest first (ties by number), each with its distance.
    pub(super) fn near(
        &self,
        point: LngLat,
        radius_m: f64,
        since: Time,
        limit: usize,
    ) -> Vec<(UnitId, f64)> {
        // A degree of latitude is at least 110 km long, its chord at least 70 km
        // even from pole to pole: whoever is further off in latitude alone needs
        // no closer look.
        let lat_reach = radius_m / 70_000.0;
        let here = Ecef::from(point);
        let mut near: Vec<(UnitId, f64)> = self
            .units
            .iter()
            .filter_map(|(_, position)| position.as_ref())
            .filter(|position| position.at >= since)
            .filter(|position| (position.point.lat() - point.lat()).abs() <= lat_reach)
            .map(|position| (position.unit, here.distance2(position.point.into()).sqrt()))
            .filter(|&(_, metres)| metres <= radius_m)
            .collect();
        near.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        near.truncate(limit);
        near
    }
}
