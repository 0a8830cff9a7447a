//! One rule at work: its clusters, what is counted of each, and who is due to
//! leave.

use std::collections::BTreeMap;
use std::ops::Bound;

use rustc_hash::FxHashMap;

use crate::atlas::Atlas;
use crate::domain::{AlertId, IncidentId, Rule, Time};

use super::density::{Age, Density, Shift};
use super::tally::{DAY_MS, Tally};
use super::window::Window;

/// A rule and the clusters it sees.
#[derive(Debug)]
pub(super) struct Watch {
    rule: Rule,
    density: Density,
    /// Its points, the oldest first: that is the order in which they leave.
    by_age: BTreeMap<Age, u32>,
    /// By the numbers of the clusters; empty where there is none.
    tallies: Vec<Tally>,
    /// Of the cores in reach of a border: which, and how far.
    near: FxHashMap<u32, Box<[(u32, f64)]>>,
    /// The instant at which the trends are right.
    trend_at: Time,
    /// When the next incident leaves or grows a day older.
    due: Option<Time>,
    /// What happened since it was last asked.
    touched: Vec<u32>,
    aged: Vec<u32>,
    splits: Vec<(u32, u32)>,
    orphans: Vec<AlertId>,
    shifts: Vec<Shift>,
}

/// What happened to the clusters of a rule.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// The clusters that changed or are no more, each once.
    pub clusters: Vec<u32>,
    /// Those with an alert whose members grew a day older, each once.
    pub aged: Vec<u32>,
    /// Which broke off from which, in order.
    pub splits: Vec<(u32, u32)>,
    /// Alerts whose cluster is no more.
    pub orphans: Vec<AlertId>,
}

impl Watch {
    /// A rule, with those of the remembered incidents that it sees.
    pub(super) fn new(rule: Rule, window: &Window, atlas: &Atlas, now: Time) -> Self {
        let mut watch = Self {
            density: Density::new(rule.eps_m, rule.min_points),
            rule,
            by_age: BTreeMap::new(),
            tallies: Vec::new(),
            near: FxHashMap::default(),
            trend_at: now,
            due: None,
            touched: Vec::new(),
            aged: Vec::new(),
            splits: Vec::new(),
            orphans: Vec::new(),
            shifts: Vec::new(),
        };
        let sees: Vec<u32> = window
            .by_age()
            .filter(|(_, facts)| watch.rule.matters.contains(&facts.incident.matter))
            .map(|(slot, _)| slot)
            .collect();
        for slot in sees {
            watch.insert(slot, window, atlas, now);
        }
        watch
    }

    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Goes on under a rule that sees the same clusters.
    pub(super) fn follow_rule(&mut self, rule: Rule) {
        self.rule = rule;
    }

    /// Takes in the incident of a slot, unless its time is over.
    pub(super) fn insert(&mut self, slot: u32, window: &Window, atlas: &Atlas, now: Time) {
        let Some(facts) = window.facts(slot) else { return };
        let age = facts.age();
        if age.0 + self.rule.window_ms <= now {
            return;
        }
        self.grow_older(now);
        let here = facts.incident.point.into();
        let point = self.density.insert(here, age, slot, &mut self.shifts);
        self.by_age.insert(age, point);
        let turns = self.turns().map(|after| age.0 + after).into_iter();
        self.due = turns.filter(|at| *at > now).chain(self.due).min();
        self.follow(window, atlas);
    }

    /// The same, unless the rule does not see it.
    pub(super) fn insert_seen(&mut self, slot: u32, window: &Window, atlas: &Atlas, now: Time) {
        let facts = window.facts(slot);
        if facts.is_some_and(|facts| self.rule.matters.contains(&facts.incident.matter)) {
            self.insert(slot, window, atlas, now);
        }
    }

    /// Lets those go that are there, before their time; `window` still has them.
    pub(super) fn leave(&mut self, ages: &[Age], window: &Window, atlas: &Atlas) {
        for age in ages {
            if let Some(point) = self.by_age.remove(age) {
                self.density.remove(point, &mut self.shifts);
                self.follow(window, atlas);
            }
        }
    }

    /// When something happens by itself next.
    pub(super) const fn next_due(&self) -> Option<Time> {
        self.due
    }

    /// Lets time pass: those grow older that do, and those leave whose time is over.
    pub(super) fn pass(&mut self, window: &Window, atlas: &Atlas, now: Time) {
        self.grow_older(now);
        while let Some(oldest) = self.by_age.first_entry() {
            if oldest.key().0 + self.rule.window_ms > now {
                break;
            }
            self.density.remove(oldest.remove(), &mut self.shifts);
            self.follow(window, atlas);
        }
        let next = |after: i64| {
            let done = (now - after, IncidentId(u64::MAX));
            let mut others = self.by_age.range((Bound::Excluded(done), Bound::Unbounded));
            others.next().map(|(age, _)| age.0 + after)
        };
        self.due = self.turns().into_iter().filter_map(next).min();
    }

    /// After how long something happens to an incident by itself: it is a day old,
    /// or two, or leaves.
    const fn turns(&self) -> [i64; 3] {
        [DAY_MS, 2 * DAY_MS, self.rule.window_ms]
    }

    /// What happened since this was last asked: any number of departures, or one
    /// arrival.
    pub(super) fn take_touched(&mut self) -> Touched {
        self.density.release();
        let each_once = |clusters: &mut Vec<u32>| {
            let mut clusters = std::mem::take(clusters);
            clusters.sort_unstable();
            clusters.dedup();
            clusters
        };
        Touched {
            clusters: each_once(&mut self.touched),
            aged: each_once(&mut self.aged),
            splits: std::mem::take(&mut self.splits),
            orphans: std::mem::take(&mut self.orphans),
        }
    }

    /// An alert of its own has no cluster any more.
    pub(super) fn orphan(&mut self, alert: AlertId) {
        self.orphans.push(alert);
    }

    /// Has every cluster looked at again.
    pub(super) fn touch_all(&mut self) {
        self.touched.extend(self.clusters());
    }

    /// Every cluster.
    pub(super) fn clusters(&self) -> Vec<u32> {
        let all = (0..).zip(&self.tallies);
        all.filter(|(_, tally)| tally.members > 0).map(|(cluster, _)| cluster).collect()
    }

    pub(super) fn tally(&self, cluster: u32) -> &Tally {
        &self.tallies[cluster as usize]
    }

    pub(super) fn tally_mut(&mut self, cluster: u32) -> &mut Tally {
        &mut self.tallies[cluster as usize]
    }

    /// The slots of a cluster's members, in no order.
    pub(super) fn members(&self, cluster: u32) -> impl Iterator<Item = u32> {
        self.density.members(cluster).iter().map(|&point| self.density.tag(point))
    }

    /// The age of a cluster's oldest core.
    pub(super) fn oldest_core(&self, cluster: u32) -> Option<Age> {
        self.density.oldest_core(cluster)
    }

    /// The cluster of an incident, and whether it is core; nothing if the rule
    /// does not see it.
    pub(super) fn label(&self, age: Age) -> Option<(Option<u32>, bool)> {
        self.by_age.get(&age).map(|&point| self.density.label(point))
    }

    /// Every incident it sees with its cluster and whether it is core, the oldest
    /// first.
    pub(super) fn labels(&self) -> impl Iterator<Item = (Age, Option<u32>, bool)> {
        self.by_age.iter().map(|(&age, &point)| {
            let (cluster, core) = self.density.label(point);
            (age, cluster, core)
        })
    }

    /// Brings the trends to an instant.
    fn grow_older(&mut self, now: Time) {
        let before = std::mem::replace(&mut self.trend_at, now);
        if now <= before {
            return;
        }
        for (days, passed) in [DAY_MS, 2 * DAY_MS].into_iter().enumerate() {
            let last = IncidentId(u64::MAX);
            let from = Bound::Excluded((before - passed, last));
            let to = Bound::Included((now - passed, last));
            for &point in self.by_age.range((from, to)).map(|(_, point)| point) {
                if let (Some(cluster), _) = self.density.label(point) {
                    let tally = &mut self.tallies[cluster as usize];
                    tally.grow_older(days);
                    if !tally.alerts.is_empty() {
                        self.aged.push(cluster);
                    }
                }
            }
        }
    }

    /// Counts what the clusters' shifts say.
    fn follow(&mut self, window: &Window, atlas: &Atlas) {
        let mut shifts = std::mem::take(&mut self.shifts);
        for shift in shifts.drain(..) {
            match shift {
                Shift::Member { .. } => self.count(shift, window, atlas),
                Shift::Merged { from, into } => {
                    let mut gone = std::mem::take(self.touch(from));
                    self.touch(into).alerts.append(&mut gone.alerts);
                }
                Shift::Split { from, part } => {
                    self.touch(from);
                    *self.touch(part) = Tally::default();
                    self.splits.push((from, part));
                }
            }
        }
        self.shifts = shifts;
    }

    fn count(&mut self, shift: Shift, window: &Window, atlas: &Atlas) {
        let Shift::Member { point, tag, from, to, was_core, core } = shift else { return };
        let Some(facts) = window.facts(tag) else { return };
        let (level, now) = (self.rule.level, self.trend_at);
        if let Some(from) = from {
            if was_core {
                let near = self.near.get(&point).cloned().unwrap_or_default();
                self.touch(from).subtract_core(point, &near);
            }
            if to != Some(from) {
                self.touch(from).leave(&facts, level, now);
            }
        }
        if was_core && !core {
            self.near.remove(&point);
        } else if core && !was_core {
            let mut near = Vec::new();
            let within_m = self.rule.border_distance_m;
            atlas.borders_within(facts.incident.point, level, within_m, &mut near);
            if !near.is_empty() {
                self.near.insert(point, near.into_boxed_slice());
            }
        }
        if let Some(to) = to {
            if from != Some(to) {
                self.touch(to).join(&facts, level, now);
            }
            if core {
                let near = self.near.get(&point).cloned().unwrap_or_default();
                self.touch(to).add_core(point, &near);
            }
        }
    }

    fn touch(&mut self, cluster: u32) -> &mut Tally {
        let at = cluster as usize;
        if self.tallies.len() <= at {
            self.tallies.resize_with(at + 1, Tally::default);
        }
        if self.touched.last() != Some(&cluster) {
            self.touched.push(cluster);
        }
        &mut self.tallies[at]
    }
}
