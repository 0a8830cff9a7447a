//! The units and where they were last.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::atlas::ground::Ecef;
use crate::domain::{Change, Forget, LngLat, Position, Provenance, Time, Unit, UnitId, UnitKind};

use super::plausible::{Doubt, ENOUGH, is_coarse, reachable};

/// What is known of where a unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Whereabouts {
    /// The newest fix that is believed.
    newest: Option<Position>,
    /// The newest that says enough to be believed; if it is not `newest`, it is doubted.
    latest: Option<Position>,
    /// When the newest of all was taken.
    last_at: Option<Time>,
    /// How many doubted fixes up to `latest` agree with each other.
    agreed: u8,
}

impl Whereabouts {
    /// Takes in a fix: whether it is believed and newer than what was; or why not.
    fn take(&mut self, kind: UnitKind, fix: &Position) -> Result<bool, Doubt> {
        self.last_at = self.last_at.max(Some(fix.at));
        if is_coarse(fix) {
            return Err(Doubt::TooCoarse);
        }
        let Some(newest) = self.newest else {
            (self.newest, self.latest) = (Some(*fix), Some(*fix));
            return Ok(true);
        };
        if fix.at <= newest.at {
            return Ok(false);
        }
        let latest = self.latest.unwrap_or(newest);
        let is_latest = fix.at > latest.at;
        let mut believed = reachable(kind, &newest, fix);
        if !believed {
            let agrees = is_latest && latest.at > newest.at && reachable(kind, &latest, fix);
            self.agreed = if agrees { self.agreed.saturating_add(1) } else { 1 };
            believed = is_latest && self.agreed >= ENOUGH;
        }
        if is_latest {
            self.latest = Some(*fix);
        }
        if !believed {
            return Err(Doubt::TooFast);
        }
        (self.newest, self.agreed) = (Some(*fix), 0);
        Ok(true)
    }

    /// Takes out what is to be forgotten; whether there was any.
    pub(super) fn forget(&mut self, forget: &Forget, unit: UnitId) -> bool {
        let is_gone =
            |at: &mut Time| *at < forget.before && forget.unit.is_none_or(|named| named == unit);
        let newest = self.newest.take_if(|fix| forget.means(fix)).is_some();
        let latest = self.latest.take_if(|fix| forget.means(fix)).is_some();
        self.last_at.take_if(is_gone).is_some() || newest || latest
    }

    /// When the newest fix of all was taken, believed or not.
    pub(super) const fn last_at(&self) -> Option<Time> {
        self.last_at
    }
}

/// Every unit known, in the order in which they became so.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    units: Vec<(Arc<Unit>, Whereabouts)>,
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
            self.units.push((Arc::clone(&new), Whereabouts::default()));
        }
        out.push(Change::Unit(new));
    }

    /// A unit is elsewhere, unless the fix is no newer than what is known, or cannot
    /// be right; why it cannot.
    pub(super) fn fix(&mut self, position: &Position, out: &mut Vec<Change>) -> Option<Doubt> {
        let &at = self.by_id.get(&position.unit)?;
        let (unit, whereabouts) = &mut self.units[at];
        let from = whereabouts.newest.map(|newest| newest.point);
        match whereabouts.take(unit.kind, position) {
            Ok(true) => out.push(Change::Moved { position: *position, from }),
            Ok(false) => {}
            Err(why) => return Some(why),
        }
        None
    }

    /// Where units were last is forgotten, if that is meant. What was doubted of them was
    /// so for what may now be forgotten, and nobody who has only what is left could
    /// doubt it: so from here on their latest fixes are believed.
    pub(super) fn forget(&mut self, forget: &Forget, out: &mut Vec<Change>) {
        let meant = |unit: &Unit| forget.unit.is_none_or(|named| named == unit.id);
        for (unit, whereabouts) in self.units.iter_mut().filter(|(unit, _)| meant(unit)) {
            let before = whereabouts.newest;
            whereabouts.forget(forget, unit.id);
            (whereabouts.newest, whereabouts.agreed) = (whereabouts.latest, 0);
            match (before, whereabouts.newest) {
                (before, Some(newest)) if before != Some(newest) => {
                    let from = before.map(|before| before.point);
                    out.push(Change::Moved { position: newest, from });
                }
                (Some(_), None) => out.push(Change::Forgotten { unit: unit.id }),
                _ => {}
            }
        }
    }

    /// Takes up what was known of a unit.
    pub(super) fn restore(&mut self, unit: UnitId, whereabouts: Whereabouts) {
        if let Some(&at) = self.by_id.get(&unit) {
            self.units[at].1 = whereabouts;
        }
    }

    /// Every unit, and all that is known of where it is.
    pub(super) fn whereabouts(&self) -> impl Iterator<Item = &(Arc<Unit>, Whereabouts)> {
        self.units.iter()
    }

    pub(super) fn get(&self, id: UnitId) -> Option<(&Arc<Unit>, Option<&Position>)> {
        self.by_id.get(&id).map(|&at| (&self.units[at].0, self.units[at].1.newest.as_ref()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<Unit>, Option<&Position>)> {
        self.units.iter().map(|(unit, whereabouts)| (unit, whereabouts.newest.as_ref()))
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
            .filter_map(|(_, whereabouts)| whereabouts.newest.as_ref())
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
