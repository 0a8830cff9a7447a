//! Alerts and clusters brought together again: after a change of rules, and after
//! a restart.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{Change, IncidentId, Rule, RuleId, RuleSet, Time};

use super::Engine;
use super::alerts::Alerts;
use super::record::Record;
use super::watch::Watch;
use super::window::Window;

impl Alerts {
    /// Gives the alerts of a rule to the clusters found anew that have most of
    /// their members (of equal ones that with the oldest core).
    pub(super) fn attach(&self, watch: &mut Watch, window: &Window) {
        for record in self.living(&watch.rule().id.clone()) {
            let id = record.alert.id;
            let mut shares: FxHashMap<u32, u32> = FxHashMap::default();
            for &member in record.alert.members.iter() {
                if let Some(cluster) = cluster_of(watch, window, member) {
                    *shares.entry(cluster).or_default() += 1;
                }
            }
            let key = |(cluster, share)| (Reverse(share), watch.oldest_core(cluster));
            match shares.into_iter().min_by_key(|&share| key(share)) {
                Some((cluster, _)) => watch.tally_mut(cluster).alerts.push(id),
                None => watch.orphan(id),
            }
        }
    }

    /// Leaves the alerts of a rule without a cluster.
    pub(super) fn detach(&self, watch: &mut Watch) {
        for record in self.living(&watch.rule().id.clone()) {
            watch.orphan(record.alert.id);
        }
    }

    /// Lets a rule's new times hold for its alerts.
    pub(super) fn keep_times(&mut self, rule: &Rule) {
        let of_rule = self.records.values().filter(|record| record.alert.rule == rule.id);
        for mut record in of_rule.cloned().collect::<Vec<_>>() {
            (record.hold_ms, record.cooldown_ms) = (rule.hold_ms, rule.cooldown_ms);
            self.put(record);
        }
    }

    /// Lets the alerts fade whose rule is no more.
    pub(super) fn without_rule(
        &mut self,
        rules: &RuleSet,
        window: &Window,
        now: Time,
        out: &mut Vec<Change>,
    ) {
        let known = |record: &Record| rules.rules().iter().any(|of| of.id == record.alert.rule);
        let without: Vec<Record> = self
            .records
            .values()
            .filter(|record| record.lives() && !known(record))
            .cloned()
            .collect();
        for record in without {
            self.orphan(record, window, now, out);
        }
    }

    fn living(&self, rule: &RuleId) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| record.lives() && record.alert.rule == *rule)
    }
}

impl Engine {
    /// Takes up rules after a restart: nothing follows from it.
    pub(super) fn resume(&mut self, rules: &Arc<RuleSet>) {
        self.rules = Arc::clone(rules);
        self.watches = rules
            .rules()
            .iter()
            .map(|rule| {
                let mut watch = Watch::new(rule.clone(), &self.window, &self.atlas, self.now);
                watch.take_touched();
                watch
            })
            .collect();
    }

    /// Gives an alert back to the cluster of one of its members, after a restart.
    pub(super) fn reattach(&mut self, record: &Record, member: IncidentId) -> Option<u32> {
        let rule = &record.alert.rule;
        let watch = self.watches.iter_mut().find(|watch| watch.rule().id == *rule)?;
        let cluster = cluster_of(watch, &self.window, member)?;
        watch.tally_mut(cluster).alerts.push(record.alert.id);
        Some(cluster)
    }
}

fn cluster_of(watch: &Watch, window: &Window, member: IncidentId) -> Option<u32> {
    let age = window.get(member)?.age();
    watch.label(age).and_then(|(cluster, _)| cluster)
}
