//! What can be asked of the live picture.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{
    Alert, AlertId, Incident, IncidentId, LngLat, Position, RuleId, RuleSet, Time, Unit, UnitId,
};

use super::{Doubt, Engine};

/// What an incident is to the clusters of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Labelled {
    /// Which incident.
    pub incident: IncidentId,
    /// Its cluster, numbered from 0 by the first member; none is noise.
    pub cluster: Option<u32>,
    /// Whether at least `min_points` incidents, itself included, lie within reach.
    pub core: bool,
}

impl Engine {
    /// The instant up to which everything has happened.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The rules in force.
    #[must_use]
    pub const fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Every alert that lives, ended within the last day, or may still reopen, the
    /// oldest first.
    pub fn alerts(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.alerts.records.values().map(|record| &record.alert)
    }

    /// One alert.
    #[must_use]
    pub fn alert(&self, id: AlertId) -> Option<&Arc<Alert>> {
        self.alerts.records.get(&id).map(|record| &record.alert)
    }

    /// Every incident remembered (as long as any rule's window, and at least 25 h
    /// after it occurred), by number.
    pub fn incidents(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.window.iter().map(|facts| facts.incident)
    }

    /// Those of [`Engine::incidents`] with lower numbers than this, the highest
    /// first.
    pub fn incidents_below(&self, id: IncidentId) -> impl Iterator<Item = &Arc<Incident>> {
        self.window.below(id).map(|facts| facts.incident)
    }

    /// One incident, if it is remembered.
    #[must_use]
    pub fn incident(&self, id: IncidentId) -> Option<&Arc<Incident>> {
        self.window.get(id).map(|facts| facts.incident)
    }

    /// One unit, with its newest fix.
    #[must_use]
    pub fn unit(&self, id: UnitId) -> Option<(&Arc<Unit>, Option<&Position>)> {
        self.fleet.get(id)
    }

    /// Every unit with its newest fix, in the order of registration.
    pub fn units(&self) -> impl Iterator<Item = (&Arc<Unit>, Option<&Position>)> {
        self.fleet.iter()
    }

    /// Every unit, and when its newest fix of all was taken, believed or not.
    pub fn last_fixes(&self) -> impl Iterator<Item = (UnitId, Option<Time>)> {
        self.fleet.whereabouts().map(|(unit, whereabouts)| (unit.id, whereabouts.last_at()))
    }

    /// Why the event that was applied last, a fix, is not believed; it moved nothing.
    #[must_use]
    pub const fn doubt(&self) -> Option<Doubt> {
        self.doubt
    }

    /// At most `limit` units whose newest fix was taken at or after `since` and
    /// lies within `radius_m` metres of a point, the nearest first, each with its
    /// distance in metres.
    #[must_use]
    pub fn units_near(
        &self,
        point: LngLat,
        radius_m: f64,
        since: Time,
        limit: usize,
    ) -> Vec<(UnitId, f64)> {
        self.fleet.near(point, radius_m, since, limit)
    }

    /// Every incident that a rule sees now, the oldest first; nothing if there is
    /// no such rule.
    #[must_use]
    pub fn clusters(&self, rule: &RuleId) -> Option<Vec<Labelled>> {
        let watch = self.watches.iter().find(|watch| watch.rule().id == *rule)?;
        let mut numbers = FxHashMap::default();
        let labelled = watch.labels().map(|((_, incident), cluster, core)| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let cluster = cluster.map(|cluster| *numbers.entry(cluster).or_insert(next));
            Labelled { incident, cluster, core }
        });
        Some(labelled.collect())
    }
}
