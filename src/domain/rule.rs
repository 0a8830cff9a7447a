//! When incidents make a cluster, and a cluster an alert.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use super::{Level, MatterCode, Severity};

/// The key of a rule in its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub Arc<str>);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One rule: the incidents it watches, what is dense, and when that alarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its key.
    pub id: RuleId,
    /// Name in Chinese (or the region's own language).
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// The matters it watches together; never empty.
    pub matters: Vec<MatterCode>,
    /// How long an incident counts, in ms.
    pub window_ms: i64,
    /// The reach of a neighbourhood in metres on the ground.
    pub eps_m: f64,
    /// Points within `eps_m`, itself included, that make a point core.
    pub min_points: u32,
    /// The level of jurisdiction that must be crossed.
    pub level: Level,
    /// Members a side must have, on at least two sides.
    pub min_per_side: u32,
    /// How near a core must lie to the border between those sides, in metres.
    pub border_distance_m: f64,
    /// How long it must stay below the threshold before the alert clears, in ms.
    pub hold_ms: i64,
    /// How long after clearing the same alert may reopen, in ms.
    pub cooldown_ms: i64,
    /// The severity before anything lifts it.
    pub severity: Severity,
}

/// The rules in force; ids are unique, values possible.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleSet {
    rules: Vec<Rule>,
}

/// Why a rule cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("rule {rule}: {field}: {why}")]
pub struct InvalidRule {
    /// Which rule.
    pub rule: RuleId,
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl RuleSet {
    /// Checks and takes the rules.
    pub fn new(rules: Vec<Rule>) -> Result<Self, InvalidRule> {
        for (at, rule) in rules.iter().enumerate() {
            rule.check()?;
            if rules[..at].iter().any(|other| other.id == rule.id) {
                return Err(rule.invalid("id", "used twice"));
            }
        }
        Ok(Self { rules })
    }

    /// The rules, in the order of their file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A short text that differs when the rules do.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hasher = FxHasher::default();
        // Plain data: writing it to memory cannot fail.
        hasher.write(&postcard::to_stdvec(self).unwrap_or_default());
        format!("{:016x}", hasher.finish())
    }
}

impl Rule {
    fn check(&self) -> Result<(), InvalidRule> {
        let positive = |field, ok: bool| {
            if ok { Ok(()) } else { Err(self.invalid(field, "must be above zero")) }
        };
        if self.matters.is_empty() {
            return Err(self.invalid("matters", "must name at least one"));
        }
        positive("window", self.window_ms > 0)?;
        if !(1.0..=50_000.0).contains(&self.eps_m) {
            return Err(self.invalid("eps_m", "must be 1 to 50 000"));
        }
        positive("min_points", self.min_points > 0)?;
        positive("min_per_side", self.min_per_side > 0)?;
        positive("border_distance_m", self.border_distance_m > 0.0)?;
        if self.border_distance_m > 50_000.0 {
            return Err(self.invalid("border_distance_m", "must be at most 50 000"));
        }
        if self.hold_ms < 0 {
            return Err(self.invalid("hold", "must not be negative"));
        }
        if self.cooldown_ms < 0 {
            return Err(self.invalid("cooldown", "must not be negative"));
        }
        Ok(())
    }

    fn invalid(&self, field: &'static str, why: &str) -> InvalidRule {
        InvalidRule { rule: self.id.clone(), field, why: why.to_owned() }
    }
}
