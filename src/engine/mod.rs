//! The live picture: fleet, sliding window, clusters, border alerts.
//!
//! A state machine without clock or chance: equal events at equal times give
//! equal changes, byte for byte. Nothing in it can fail: what comes in was
//! checked at the door.
//!
//! An incident goes through it so: [`window`] remembers it and asks the atlas
//! where it lies; every rule that sees its matter ([`watch`]) takes it into its
//! clusters ([`density`]) and counts what that changes ([`tally`]); [`alerts`]
//! compares the clusters that were touched with the rule's threshold and moves
//! alerts along their lives, each painted anew by [`portrait`].

mod alerts;
mod attach;
mod checkpoint;
mod density;
mod effort;
mod figures;
mod fleet;
mod hull;
mod plausible;
mod portrait;
mod prepare;
mod read;
mod record;
mod slab;
mod split;
mod tally;
mod today;
mod watch;
mod window;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::atlas::Atlas;
use crate::domain::alert::Acknowledgement;
use crate::domain::{Act, Change, Event, Grading, Incident, Rule, RuleSet, Time};

pub use checkpoint::{Frozen, RestoreError, VERSION};
pub use figures::{Figures, ON_DUTY_MS};
pub use plausible::Doubt;
pub use prepare::{Preparation, Prepared, Spent};
pub use read::Labelled;

use alerts::Alerts;
use fleet::Fleet;
use portrait::Ground;
use watch::Watch;
use window::Window;

/// Incidents are remembered at least so long by the time they occurred: the
/// longest day there is, so that those of today can be counted.
const REMEMBER_MS: i64 = 25 * 3_600_000;

/// The live picture.
pub struct Engine {
    atlas: Arc<Atlas>,
    rules: Arc<RuleSet>,
    grading: Grading,
    now: Time,
    fleet: Fleet,
    /// Of the event that was applied last.
    doubt: Option<Doubt>,
    window: Window,
    /// One a rule, in their order.
    watches: Vec<Watch>,
    alerts: Alerts,
    /// Rules made ready to hold, and what is left of those that no longer do.
    prepared: Option<Prepared>,
    spent: Spent,
}

impl Engine {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(atlas: Arc<Atlas>, rules: Arc<RuleSet>) -> Self {
        let mut engine = Self {
            atlas,
            rules: Arc::default(),
            grading: Grading::default(),
            now: Time::default(),
            fleet: Fleet::default(),
            doubt: None,
            window: Window::default(),
            watches: Vec::new(),
            alerts: Alerts::default(),
            prepared: None,
            spent: Spent::default(),
        };
        engine.rule(rules, &mut Vec::new());
        engine
    }

    /// Grades alerts so from now on. Set it before anything happens: equal logs give
    /// equal changes only under an equal grading.
    #[must_use]
    pub const fn with_grading(mut self, grading: Grading) -> Self {
        self.grading = grading;
        self
    }

    /// Lets an event happen at an instant (or now, if that is later), after all
    /// that is due until then. What follows is put at the end of `out`.
    pub fn apply(&mut self, event: &Event, at: Time, out: &mut Vec<Change>) {
        self.advance(at, out);
        self.doubt = None;
        match event {
            Event::Tick => {}
            Event::Incident(incident) => self.report(incident, out),
            Event::Unit(unit) => self.fleet.register(unit, out),
            Event::Position(position) => self.doubt = self.fleet.fix(position, out),
            Event::Act(act) => self.act(act, out),
            Event::Forget(forget) => self.fleet.forget(forget, out),
            Event::EraseTexts(erasure) => self.window.erase_texts(erasure),
            Event::Rules(rules) => {
                out.push(Change::Rules(Arc::clone(rules)));
                self.rule(Arc::clone(rules), out);
            }
        }
    }

    /// Lets time pass: all that is due until `to` happens in order, each at its
    /// own time.
    pub fn advance(&mut self, to: Time, out: &mut Vec<Change>) {
        while let Some(due) = self.next_due().filter(|due| *due <= to) {
            self.now = self.now.max(due);
            let ground = Ground::new(&self.window, &self.atlas, self.grading);
            for watch in &mut self.watches {
                if watch.next_due().is_some_and(|due| due <= self.now) {
                    watch.pass(&self.window, &self.atlas, self.now);
                    self.alerts.follow(watch, ground, self.now, out);
                }
            }
            self.alerts.pass(&mut self.watches, self.now, out);
        }
        if to > self.now {
            self.now = to;
            self.window.forget(to - self.remember_ms());
            self.alerts.forget(to);
        }
    }

    /// When something happens by itself next.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        let leaves = self.watches.iter().filter_map(Watch::next_due).min();
        leaves.into_iter().chain(self.alerts.next_due()).min()
    }

    /// How long an incident is remembered after it occurred, ms: at least a day,
    /// and as long as any rule's window. A rule with a longer one than those
    /// before it sees what is still remembered.
    fn remember_ms(&self) -> i64 {
        let windows = self.rules.rules().iter().map(|rule| rule.window_ms);
        windows.max().unwrap_or(0).max(REMEMBER_MS)
    }

    fn act(&mut self, act: &Act, out: &mut Vec<Change>) {
        let at = self.now;
        match act {
            Act::Acknowledge { alert, by, note } => {
                let (by, note) = (by.clone(), note.clone());
                let made = Acknowledgement { by, signer: None, at, note };
                self.alerts.acknowledge(*alert, made, out);
            }
            Act::AcknowledgeBy { alert, by, signer, note } => {
                let (by, signer, note) = (by.clone(), signer.clone(), note.clone());
                self.alerts.acknowledge(*alert, Acknowledgement { by, signer, at, note }, out);
            }
            Act::Withdraw { alert, account, acknowledged_at } => {
                self.alerts.withdraw(*alert, *account, *acknowledged_at, at, out);
            }
        }
    }

    fn report(&mut self, incident: &Incident, out: &mut Vec<Change>) {
        if incident.occurred_at + self.remember_ms() <= self.now {
            return;
        }
        let Some(slot) = self.window.enter(incident, &self.atlas) else { return };
        if let Some(facts) = self.window.facts(slot) {
            out.push(Change::Incident(Arc::clone(facts.incident)));
        }
        let ground = Ground::new(&self.window, &self.atlas, self.grading);
        for watch in &mut self.watches {
            if watch.rule().matters.contains(&incident.matter) {
                watch.insert(slot, &self.window, &self.atlas, self.now);
                self.alerts.follow(watch, ground, self.now, out);
            }
        }
    }

    /// Other rules hold. What a rule sees is found anew only if it sees otherwise;
    /// alerts stay with the clusters that have most of their members.
    fn rule(&mut self, rules: Arc<RuleSet>, out: &mut Vec<Change>) {
        let mut before = std::mem::take(&mut self.watches);
        let mut ready = self.prepared.take().filter(|ready| ready.is_of(&rules));
        let unlike = ready.as_ref().map(|ready| ready.unlike(&self.window));
        let mut spent = Vec::new();
        let ground = Ground::new(&self.window, &self.atlas, self.grading);
        for (nth, rule) in rules.rules().iter().enumerate() {
            let at = before.iter().position(|watch| watch.rule().id == rule.id);
            let mut watch = match at.map(|at| before.swap_remove(at)) {
                Some(mut watch) if sees_the_same(watch.rule(), rule) => {
                    watch.follow_rule(rule.clone());
                    watch
                }
                former => {
                    let ready = ready.as_mut().zip(unlike.as_ref()).and_then(|(ready, unlike)| {
                        ready.watch(nth, unlike, &self.window, &self.atlas, self.now)
                    });
                    let mut watch = ready.unwrap_or_else(|| {
                        Watch::new(rule.clone(), &self.window, &self.atlas, self.now)
                    });
                    if former.as_ref().is_none_or(|former| former.rule().level == rule.level) {
                        self.alerts.attach(&mut watch, &self.window);
                    } else {
                        // Its alerts are about borders of another kind.
                        self.alerts.detach(&mut watch);
                    }
                    spent.extend(former);
                    watch
                }
            };
            self.alerts.keep_times(rule);
            watch.touch_all();
            self.alerts.follow(&mut watch, ground, self.now, out);
            self.watches.push(watch);
        }
        self.alerts.without_rule(&rules, &self.window, self.now, out);
        self.rules = rules;
        spent.append(&mut before);
        self.spent = Spent::of(spent, ready);
    }
}

/// Whether two rules of one name see the same clusters.
fn sees_the_same(a: &Rule, b: &Rule) -> bool {
    let sees = |rule: &Rule| {
        let Rule { window_ms, eps_m, min_points, level, border_distance_m, .. } = *rule;
        (window_ms, eps_m, min_points, level, border_distance_m)
    };
    a.id == b.id && a.matters == b.matters && sees(a) == sees(b)
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("now", &self.now)
            .field("incidents", &self.window.len())
            .field("alerts", &self.alerts.records.len())
            .finish_non_exhaustive()
    }
}
