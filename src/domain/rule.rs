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

/// Rules there may be at once: a region has a handful, and each costs time and
/// memory for every report it sees.
pub const MOST_RULES: usize = 64;

/// Rules that may watch the same matter: each report costs time and memory in as many.
const MOST_OF_MATTER: usize = 16;

/// Characters of a rule's id, and of each of its names: they are told with every alert.
const ID: usize = 64;
const NAME: usize = 100;

/// The longest window, hold and cool-down, ms: 366 days, so that what comes back each
/// year can be seen. Reports are kept in memory for the longest window.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// The farthest reach, metres: what lies farther apart is not one place, and a cluster
/// of such a reach spans a city.
const FARTHEST_M: f64 = 5_000.0;

/// The farthest that a border may be, metres: all borders that near are looked for when a
/// report is dense.
const FARTHEST_BORDER_M: f64 = 10_000.0;

/// The most reports that are asked for to be dense, or of a side: below that all pairs
/// of a neighbourhood are looked at.
const MOST_POINTS: u32 = 1_000;

/// The rules in force; ids are unique, values possible.
///
/// What was in force once may be read back whatever it is: the bounds are kept by
/// [`RuleSet::new`] alone.
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
        if let Some(beyond) = rules.get(MOST_RULES) {
            let why = format!("is one of {}; there may be {MOST_RULES}", rules.len());
            return Err(beyond.invalid("id", &why));
        }
        for (at, rule) in rules.iter().enumerate() {
            rule.check()?;
            if rules[..at].iter().any(|other| other.id == rule.id) {
                return Err(rule.invalid("id", "used twice"));
            }
            for matter in &rule.matters {
                let others = rules[..at].iter().filter(|other| other.matters.contains(matter));
                if others.count() >= MOST_OF_MATTER {
                    let matter = shortened(matter.as_str());
                    let why = format!("{matter} is in more than {MOST_OF_MATTER} rules");
                    return Err(rule.invalid("matters", &why));
                }
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
        for (field, text, most) in
            [("id", &*self.id.0, ID), ("name", &self.name, NAME), ("name_en", &self.name_en, NAME)]
        {
            let many = text.chars().count();
            if text.trim().is_empty() || many > most || text.contains(char::is_control) {
                let why = format!("must be 1 to {most} characters on one line");
                return Err(self.invalid(field, &why));
            }
        }
        if self.matters.is_empty() {
            return Err(self.invalid("matters", "must name at least one"));
        }
        if (1..self.matters.len()).any(|at| self.matters[..at].contains(&self.matters[at])) {
            return Err(self.invalid("matters", "names one twice"));
        }
        positive("window", self.window_ms > 0)?;
        for (field, ms) in
            [("window", self.window_ms), ("hold", self.hold_ms), ("cooldown", self.cooldown_ms)]
        {
            if ms > LONGEST_MS {
                return Err(self.invalid(field, "must be at most 366 days"));
            }
        }
        if !(1.0..=FARTHEST_M).contains(&self.eps_m) {
            return Err(self.invalid("eps_m", "must be 1 to 5 000"));
        }
        for (field, many) in [("min_points", self.min_points), ("min_per_side", self.min_per_side)]
        {
            if !(1..=MOST_POINTS).contains(&many) {
                return Err(self.invalid(field, "must be 1 to 1 000"));
            }
        }
        positive("border_distance_m", self.border_distance_m > 0.0)?;
        if self.border_distance_m > FARTHEST_BORDER_M {
            return Err(self.invalid("border_distance_m", "must be at most 10 000"));
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
        let rule = RuleId(shortened(&self.id.0).into());
        InvalidRule { rule, field, why: why.to_owned() }
    }
}

/// The beginning of a text that may be of any length, to be named in an error.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(ID).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str) -> Rule {
        Rule {
            id: RuleId(id.into()),
            name: "倾倒".into(),
            name_en: "Dumping".into(),
            matters: vec![MatterCode::new("dumping")],
            window_ms: LONGEST_MS,
            eps_m: FARTHEST_M,
            min_points: MOST_POINTS,
            level: Level::Province,
            min_per_side: MOST_POINTS,
            border_distance_m: FARTHEST_BORDER_M,
            hold_ms: LONGEST_MS,
            cooldown_ms: LONGEST_MS,
            severity: Severity::MINOR,
        }
    }

    #[test]
    fn a_rule_out_of_bounds_is_refused_by_its_field() {
        assert!(RuleSet::new(vec![rule(&"倾".repeat(ID))]).is_ok());
        let of = |change: fn(&mut Rule)| {
            let mut rule = rule("dumping");
            change(&mut rule);
            let refused = RuleSet::new(vec![rule]).unwrap_err();
            assert!(refused.to_string().len() < 300, "{refused}");
            refused.field
        };
        assert_eq!(of(|rule| rule.id = RuleId("".into())), "id");
        assert_eq!(of(|rule| rule.id = RuleId("x".repeat(200_000).into())), "id");
        assert_eq!(of(|rule| rule.id = RuleId("a\nb".into())), "id");
        assert_eq!(of(|rule| rule.name = " ".into()), "name");
        assert_eq!(of(|rule| rule.name_en = "x".repeat(NAME + 1)), "name_en");
        assert_eq!(of(|rule| rule.matters.push(MatterCode::new("dumping"))), "matters");
        assert_eq!(of(|rule| rule.window_ms += 1), "window");
        assert_eq!(of(|rule| rule.hold_ms = i64::MAX), "hold");
        assert_eq!(of(|rule| rule.cooldown_ms += 1), "cooldown");
        assert_eq!(of(|rule| rule.eps_m = 5_000.1), "eps_m");
        assert_eq!(of(|rule| rule.eps_m = f64::NAN), "eps_m");
        assert_eq!(of(|rule| rule.min_points += 1), "min_points");
        assert_eq!(of(|rule| rule.min_per_side = 0), "min_per_side");
        assert_eq!(of(|rule| rule.border_distance_m = f64::NAN), "border_distance_m");
        assert_eq!(of(|rule| rule.border_distance_m = 10_000.1), "border_distance_m");
    }

    #[test]
    fn there_are_at_most_64_rules_but_what_was_logged_is_read() {
        let of = |n: usize, matter: usize| {
            let matters = vec![MatterCode::new(&format!("matter-{matter}"))];
            Rule { matters, ..rule(&format!("rule-{n}")) }
        };
        let some = |many: usize| (0..many).map(|n| of(n, n / MOST_OF_MATTER)).collect::<Vec<_>>();
        assert!(RuleSet::new(some(MOST_RULES)).is_ok());
        assert_eq!(RuleSet::new(some(600)).unwrap_err().field, "id");
        let mut one_more = some(MOST_OF_MATTER);
        one_more.push(Rule { matters: one_more[0].matters.clone(), ..of(600, 0) });
        let refused = RuleSet::new(one_more).unwrap_err();
        assert_eq!((&*refused.rule.0, refused.field), ("rule-600", "matters"));
        // As an old log may hold them.
        let mut old = some(600);
        old[0].window_ms = i64::MAX;
        let bytes = postcard::to_stdvec(&old).unwrap();
        let read: RuleSet = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read.rules(), old);
    }
}
