//! Rules made ready beside the live picture, so that to let them hold takes but a
//! moment.
//!
//! What a rule sees follows from the incidents alone. So its clusters can be found
//! from a copy of those, somewhere else and however long that takes, and then be
//! brought up to what has come and gone meanwhile. Whether that was done makes no
//! difference to what follows: a replay finds the clusters when the rules come.

use std::fmt;
use std::sync::Arc;

use crate::atlas::Atlas;
use crate::domain::{Rule, RuleSet, Time};

use super::density::Age;
use super::portrait;
use super::watch::Watch;
use super::window::Window;
use super::{Engine, sees_the_same};

/// Rules to be made ready, with a copy of what they see.
pub struct Preparation {
    atlas: Arc<Atlas>,
    rules: Arc<RuleSet>,
    window: Window,
    now: Time,
    /// Of each rule, whether it sees otherwise than one in force.
    anew: Vec<bool>,
}

/// Rules that are ready.
pub struct Prepared {
    rules: Arc<RuleSet>,
    window: Window,
    watches: Vec<Option<Watch>>,
}

/// What rules that hold no longer have left behind: it may take long to let go.
#[derive(Default)]
pub struct Spent {
    #[expect(dead_code, reason = "it is only let go")]
    watches: Vec<Watch>,
    #[expect(dead_code, reason = "it is only let go")]
    prepared: Option<Prepared>,
}

/// What came and went between two windows.
#[derive(Debug)]
pub(super) struct Unlike {
    /// By age.
    pub gone: Vec<Age>,
    /// By slot, the oldest first.
    pub come: Vec<u32>,
}

impl Engine {
    /// Begins to make rules ready: copies what they see.
    #[must_use]
    pub fn prepare(&self, rules: &Arc<RuleSet>) -> Preparation {
        let known = |rule: &Rule| self.watches.iter().any(|of| sees_the_same(of.rule(), rule));
        Preparation {
            atlas: Arc::clone(&self.atlas),
            rules: Arc::clone(rules),
            window: self.window.clone(),
            now: self.now,
            anew: rules.rules().iter().map(|rule| !known(rule)).collect(),
        }
    }

    /// Takes rules that are ready; when they are to hold they do so at once.
    pub fn adopt(&mut self, prepared: Prepared) {
        self.prepared = Some(prepared);
    }

    /// What the rules before have left behind, to be let go elsewhere.
    #[must_use]
    pub fn take_spent(&mut self) -> Spent {
        std::mem::take(&mut self.spent)
    }
}

impl Preparation {
    /// For how many incidents each rule that sees otherwise than one in force must find
    /// the neighbours, all such rules together.
    #[must_use]
    pub fn effort(&self) -> usize {
        let anew = self.rules.rules().iter().zip(&self.anew).filter(|&(_, &anew)| anew);
        anew.map(|(rule, _)| {
            let since = self.window.since(self.now - rule.window_ms);
            since.filter(|facts| rule.matters.contains(&facts.incident.matter)).count()
        })
        .sum()
    }

    /// Finds the clusters.
    #[must_use]
    pub fn build(self) -> Prepared {
        let Self { atlas, rules, window, now, anew } = self;
        let watch = |(rule, &anew): (&Rule, &bool)| {
            anew.then(|| {
                let mut watch = Watch::new(rule.clone(), &window, &atlas, now);
                portrait::know_alarming(&mut watch, &window, &atlas);
                watch.take_touched();
                watch
            })
        };
        let watches = rules.rules().iter().zip(&anew).map(watch).collect();
        Prepared { rules, window, watches }
    }
}

impl Prepared {
    pub(super) fn is_of(&self, rules: &RuleSet) -> bool {
        *self.rules == *rules
    }

    /// How a window has changed since.
    pub(super) fn unlike(&self, window: &Window) -> Unlike {
        self.window.unlike(window)
    }

    /// What the nth rule sees in a window, if it was made ready.
    pub(super) fn watch(
        &mut self,
        nth: usize,
        unlike: &Unlike,
        window: &Window,
        atlas: &Atlas,
        now: Time,
    ) -> Option<Watch> {
        let mut watch = self.watches.get_mut(nth)?.take()?;
        watch.leave(&unlike.gone, &self.window, atlas);
        for &slot in &unlike.come {
            watch.insert_seen(slot, window, atlas, now);
        }
        watch.pass(window, atlas, now);
        watch.take_touched();
        Some(watch)
    }
}

impl Spent {
    pub(super) const fn of(watches: Vec<Watch>, prepared: Option<Prepared>) -> Self {
        Self { watches, prepared }
    }
}

impl fmt::Debug for Preparation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preparation").field("anew", &self.anew).finish_non_exhaustive()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("rules", &self.rules.rules().len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spent").finish_non_exhaustive()
    }
}
