//! The lives of the alerts: raised, updated, fading, cleared, reopened, merged, split.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::alert::Acknowledgement;
use crate::domain::{Alert, AlertId, AlertState, AlertStep, Change, Rule, Time};

use super::hull::{Hull, grain};
use super::portrait::{self, Ground};
use super::record::Record;
use super::split::{self, Broke};
use super::watch::{Touched, Watch};
use super::window::Window;

/// Every alert that is not yet forgotten.
#[derive(Debug)]
pub(super) struct Alerts {
    pub(super) records: BTreeMap<AlertId, Record>,
    pub(super) next: u64,
    /// When something happens to each by itself, and when each ended one is
    /// forgotten.
    dues: BTreeSet<(Time, AlertId)>,
    forgets: BTreeSet<(Time, AlertId)>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { records: BTreeMap::new(), next: 1, dues: BTreeSet::new(), forgets: BTreeSet::new() }
    }
}

impl Alerts {
    /// When something happens by itself next.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.dues.first().map(|&(due, _)| due)
    }

    /// Forgets what ended long ago.
    pub(super) fn forget(&mut self, now: Time) {
        while let Some(&(due, id)) = self.forgets.first().filter(|(due, _)| *due <= now) {
            self.forgets.remove(&(due, id));
            self.records.remove(&id);
        }
    }

    /// Keeps a record as it now stands.
    pub(super) fn put(&mut self, record: Record) {
        let id = record.alert.id;
        if let Some(before) = self.records.get(&id) {
            before.due().map(|due| self.dues.remove(&(due, id)));
            before.forgotten_at().map(|due| self.forgets.remove(&(due, id)));
        }
        record.due().map(|due| self.dues.insert((due, id)));
        record.forgotten_at().map(|due| self.forgets.insert((due, id)));
        self.records.insert(id, record);
    }

    /// Keeps a record as it now stands and tells so.
    fn tell(&mut self, record: Record, step: AlertStep, out: &mut Vec<Change>) {
        self.tell_of(record, step, Vec::new(), out);
    }

    /// The same of a step that is about other alerts too.
    fn tell_of(
        &mut self,
        record: Record,
        step: AlertStep,
        others: Vec<AlertId>,
        out: &mut Vec<Change>,
    ) {
        out.push(Change::Alert { step, alert: Arc::clone(&record.alert), others });
        self.put(record);
    }

    /// Lets time pass: clears the alerts that faded long enough; those that fade
    /// without a cluster grow older.
    pub(super) fn pass(&mut self, watches: &mut [Watch], now: Time, out: &mut Vec<Change>) {
        while let Some(&(_, id)) = self.dues.first().filter(|(due, _)| *due <= now) {
            let Some(mut record) = self.records.get(&id).cloned() else { return };
            if record.clears_at().is_none_or(|due| due > now) {
                record.grow_older(now);
                self.tell(record, AlertStep::Aged, out);
                continue;
            }
            let rule = &record.alert.rule;
            let watch = watches.iter_mut().find(|watch| watch.rule().id == *rule);
            if let (Some(watch), Some(cluster)) = (watch, record.cluster.take()) {
                let tally = watch.tally_mut(cluster);
                tally.alerts.retain(|&other| other != id);
                (tally.hull, tally.roll) = (None, None);
            }
            let alert = Arc::make_mut(&mut record.alert);
            (alert.state, alert.fading_since) = (AlertState::Cleared, None);
            (alert.ended_at, alert.updated_at) = (Some(now), now);
            self.tell(record, AlertStep::Cleared, out);
        }
    }

    /// Somebody answers for an alert. Nothing if it has ended, or if the same was
    /// said before by the same.
    pub(super) fn acknowledge(
        &mut self,
        id: AlertId,
        made: Acknowledgement,
        out: &mut Vec<Change>,
    ) {
        let Some(mut record) = self.standing(id) else { return };
        let same = |known: &Acknowledgement| {
            known.by == made.by && known.signer == made.signer && known.note == made.note
        };
        if record.alert.acknowledged.as_ref().is_some_and(same) {
            return;
        }
        let alert = Arc::make_mut(&mut record.alert);
        (alert.updated_at, alert.withdrawn) = (made.at, None);
        record.replaced = alert.acknowledged.replace(made);
        self.tell(record, AlertStep::Acknowledged, out);
    }

    /// Whoever answers for an alert takes back what was said at an instant; whoever
    /// answered before does again. Nothing if it was another, or too long ago. Parts
    /// that broke off meanwhile, and have it from this alert, lose it too.
    pub(super) fn withdraw(
        &mut self,
        id: AlertId,
        account: Option<u64>,
        acknowledged_at: Time,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        let Some(record) = self.standing(id) else { return };
        let Some(made) = record.alert.acknowledged.clone() else { return };
        if made.at != acknowledged_at || !made.can_be_withdrawn(account, now) {
            return;
        }
        let inherited = |part: &&Record| {
            let alert = &part.alert;
            part.lives()
                && alert.split_from == Some(id)
                && alert.acknowledged.as_ref() == Some(&made)
        };
        let parts: Vec<_> = self.records.values().filter(inherited).cloned().collect();
        for mut record in std::iter::once(record.clone()).chain(parts) {
            let alert = Arc::make_mut(&mut record.alert);
            alert.acknowledged = record.replaced.take();
            (alert.withdrawn, alert.updated_at) = (Some(made.clone()), now);
            self.tell(record, AlertStep::Withdrawn, out);
        }
    }

    fn standing(&self, id: AlertId) -> Option<Record> {
        self.records.get(&id).filter(|record| record.lives()).cloned()
    }

    /// Lets the alerts follow what happened to a rule's clusters: every alert is
    /// told of at most once.
    pub(super) fn follow(
        &mut self,
        watch: &mut Watch,
        ground: Ground<'_>,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        let Touched { clusters, aged, splits, mut orphans } = watch.take_touched();
        let broken_off = split::hand_down(watch, &splits);

        let is_there = |watch: &Watch, cluster| watch.tally(cluster).members > 0;
        let mut rising: Vec<u32> = clusters
            .iter()
            .copied()
            .filter(|&cluster| is_there(watch, cluster))
            .filter(|&cluster| watch.tally(cluster).alerts.is_empty())
            .filter(|&cluster| portrait::alarming_border(watch, cluster, ground.atlas).is_some())
            .collect();
        if rising.len() > 1 {
            rising.sort_by_cached_key(|&cluster| watch.oldest_core(cluster));
        }
        let mut parts: BTreeMap<AlertId, Vec<AlertId>> = BTreeMap::new();
        for cluster in rising {
            let from = broken_off.iter().find(|(part, _)| *part == cluster).map(|&(_, id)| id);
            let risen = self.rise(watch, cluster, from, ground, now, out);
            if let (Some(from), Some(risen)) = (from, risen) {
                parts.entry(from).or_default().push(risen);
            }
        }

        let mut alerted: Vec<(AlertId, u32)> = Vec::new();
        for &cluster in &clusters {
            let tally = watch.tally_mut(cluster);
            if tally.members == 0 {
                orphans.append(&mut tally.alerts);
                continue;
            }
            tally.alerts.sort_unstable();
            alerted.extend(tally.alerts.first().map(|&oldest| (oldest, cluster)));
        }
        alerted.sort_unstable();
        for (id, cluster) in alerted {
            let broke = parts.remove(&id).map_or(Broke::Not, Broke::Into);
            self.keep(watch, (id, cluster), broke, ground, now, out);
        }
        for cluster in aged {
            if let Some(&id) = watch.tally(cluster).alerts.first() {
                self.age(id, (&*watch, cluster), ground, now, out);
            }
        }
        orphans.sort_unstable();
        for id in orphans {
            if let Some(record) = self.records.get(&id).cloned() {
                self.orphan(record, ground.window, now, out);
            }
        }
    }

    /// A cluster without an alert alarms, perhaps as it broke off `from` that of
    /// another alert: an old alert of the same place comes back, or a new one is
    /// raised. Gives which.
    fn rise(
        &mut self,
        watch: &mut Watch,
        cluster: u32,
        from: Option<AlertId>,
        ground: Ground<'_>,
        now: Time,
        out: &mut Vec<Change>,
    ) -> Option<AlertId> {
        let from = from.and_then(|id| self.records.get(&id));
        let from = from.map(|record| Arc::clone(&record.alert));
        if let Some(id) = self.free_one_at(watch, cluster, ground, now) {
            watch.tally_mut(cluster).alerts.push(id);
            let broke = from.map_or(Broke::Not, Broke::From);
            self.keep(watch, (id, cluster), broke, ground, now, out);
            return Some(id);
        }
        let id = AlertId(self.next);
        let blank = portrait::blank(watch, cluster, id, now)?;
        let mut alert = portrait::portray(watch, cluster, &blank, ground)?;
        self.next += 1;
        watch.tally_mut(cluster).alerts.push(id);
        if let Some(from) = &from {
            split::inherit(&mut alert, from);
        }
        let Rule { hold_ms, cooldown_ms, .. } = *watch.rule();
        let record = Record {
            alert: Arc::new(alert),
            cluster: Some(cluster),
            recent: Arc::default(),
            replaced: None,
            hold_ms,
            cooldown_ms,
        };
        let others = from.iter().map(|from| from.id).collect();
        self.tell_of(record, AlertStep::Raised, others, out);
        Some(id)
    }

    /// The oldest free alert at the place of a cluster; one that fades before one
    /// that is over.
    fn free_one_at(
        &self,
        watch: &Watch,
        cluster: u32,
        ground: Ground<'_>,
        now: Time,
    ) -> Option<AlertId> {
        let rule = watch.rule();
        let free = |record: &&Record| record.alert.rule == rule.id && record.is_free(now);
        let at_its_place = |record: &&Record| {
            let hull = Hull::of(record.alert.hull.iter().copied().map(grain).collect());
            let facts = watch.members(cluster).filter_map(|slot| ground.window.facts(slot));
            facts.map(|facts| facts.incident.point).any(|point| hull.within(point, rule.eps_m))
        };
        let found = self.records.values().filter(free).filter(at_its_place);
        let over = |record: &Record| record.alert.state == AlertState::Cleared;
        found.min_by_key(|record| (over(record), record.alert.id)).map(|record| record.alert.id)
    }

    /// Brings the alerts of a cluster up to date: the oldest stays, the others
    /// end in it.
    fn keep(
        &mut self,
        watch: &mut Watch,
        (id, cluster): (AlertId, u32),
        broke: Broke,
        ground: Ground<'_>,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        let others = watch.tally_mut(cluster).alerts.split_off(1);
        let Some(mut record) = self.records.get(&id).cloned() else { return };
        let before = Arc::clone(&record.alert);
        (record.cluster, record.recent) = (Some(cluster), Arc::default());
        let alarming = portrait::alarming_border(watch, cluster, ground.atlas).is_some();
        if let Some(mut alert) = portrait::portray(watch, cluster, &before, ground) {
            let step = turn(&mut alert, alarming, now);
            let (step, parts) = split::after(step, &mut alert, broke);
            if alert == *before {
                self.put(record);
            } else {
                alert.updated_at = now;
                record.alert = Arc::new(alert);
                self.tell_of(record, step, parts, out);
            }
        }
        for other in others {
            let Some(mut record) = self.records.get(&other).cloned() else { continue };
            record.cluster = None;
            let alert = Arc::make_mut(&mut record.alert);
            (alert.state, alert.merged_into) = (AlertState::Merged, Some(id));
            (alert.ended_at, alert.fading_since, alert.updated_at) = (Some(now), None, now);
            self.tell_of(record, AlertStep::Merged, vec![id], out);
        }
    }

    /// Time passed, and an alert's trend may be another, and its severity with it.
    fn age(
        &mut self,
        id: AlertId,
        (watch, cluster): (&Watch, u32),
        ground: Ground<'_>,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        let tally = watch.tally(cluster);
        let aged = |record: &&mut Record| record.alert.trend != tally.trend();
        let Some(record) = self.records.get_mut(&id).filter(aged) else { return };
        let alert = Arc::make_mut(&mut record.alert);
        let regraded = portrait::age(alert, watch, tally, ground);
        if regraded {
            alert.updated_at = now;
        }
        let step = if regraded { AlertStep::Updated } else { AlertStep::Aged };
        let alert = Arc::clone(&record.alert);
        out.push(Change::Alert { step, alert, others: Vec::new() });
    }

    /// An alert has no cluster any more: it fades, with the members last seen.
    pub(super) fn orphan(
        &mut self,
        mut record: Record,
        window: &Window,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        record.detach(window);
        let aged = record.grow_older(now);
        if record.alert.state == AlertState::Open {
            let alert = Arc::make_mut(&mut record.alert);
            (alert.state, alert.fading_since) = (AlertState::Fading, Some(now));
            alert.updated_at = now;
            self.tell(record, AlertStep::Faded, out);
        } else if aged {
            self.tell(record, AlertStep::Aged, out);
        } else {
            self.put(record);
        }
    }
}

/// What an alert becomes when its cluster alarms or does not, and how to call it.
fn turn(alert: &mut Alert, alarming: bool, now: Time) -> AlertStep {
    let before = alert.state;
    if !alarming {
        if before == AlertState::Open {
            (alert.state, alert.fading_since) = (AlertState::Fading, Some(now));
            return AlertStep::Faded;
        }
    } else if before != AlertState::Open {
        (alert.state, alert.fading_since) = (AlertState::Open, None);
        if before == AlertState::Fading {
            return AlertStep::Recovered;
        }
        (alert.ended_at, alert.alarming_since) = (None, now);
        alert.reopened += 1;
        (alert.acknowledged, alert.withdrawn, alert.split_from) = (None, None, None);
        return AlertStep::Reopened;
    }
    AlertStep::Updated
}
