//! What is played in a region: a file beside its boundaries.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de};

use crate::domain::text::without_mark;

/// The plan of a region's demonstration; see `data/simulation.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What happens anywhere.
    pub background: BackgroundPlan,
    /// What units are called, by kind.
    pub unit_names: UnitNames,
    /// Who answers for alerts; nobody by default.
    #[serde(default)]
    pub duty: Option<DutyPlan>,
    /// What is staged, with its truth.
    #[serde(default, rename = "scenario")]
    pub scenarios: Vec<Scenario>,
}

/// The incidents of every day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundPlan {
    /// The description of every incident; `{place}` and `{matter}` are filled in.
    pub describe: String,
    /// The share of incidents that fall into the region's view, 0 to 1.
    pub focus: f64,
    /// Curves of the day: a weight for each of the 24 local hours.
    pub rhythms: BTreeMap<String, [f64; 24]>,
    /// How often each matter occurs, and by which curve.
    pub matters: BTreeMap<String, MatterPlan>,
}

/// How often a matter occurs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterPlan {
    /// Its share among the weights of all.
    pub weight: f64,
    /// The name of its curve.
    pub rhythm: String,
}

/// What units are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitNames {
    /// Cars.
    pub car: String,
    /// Foot teams.
    pub foot: String,
    /// Boats.
    pub boat: String,
    /// Drones.
    pub drone: String,
}

/// Duty officers who answer for some of the alerts, where a service has no accounts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyPlan {
    /// By these names in turn; at least one.
    pub names: Vec<String>,
    /// How long an alert waits for them, ms.
    #[serde(deserialize_with = "span")]
    pub after: i64,
    /// Of so many alerts, by their numbers, the last one is left for whoever looks on;
    /// at least 1, which leaves all.
    pub leaves_each: u64,
}

/// A staged course of events whose outcome is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its key.
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// When it begins, from the moment the demonstration goes live; may be
    /// negative: then it has begun by then.
    #[serde(deserialize_with = "span")]
    pub start: i64,
    /// After how long it is staged again; 0 for never.
    #[serde(default, deserialize_with = "span")]
    pub every: i64,
    /// Its incidents.
    #[serde(rename = "burst")]
    pub bursts: Vec<Burst>,
    /// How many alerts it must raise, by rule.
    #[serde(rename = "truth")]
    pub truths: Vec<Truth>,
}

/// Some incidents close together on named sides of a border.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// What they are about.
    pub matter: String,
    /// When the first can occur, ms after the scenario's start.
    #[serde(deserialize_with = "span")]
    pub after: i64,
    /// Within how long they all occur, ms.
    #[serde(deserialize_with = "span")]
    pub over: i64,
    /// The border, by its two codes, `left-right` in either order.
    pub border: String,
    /// A point, lon and lat in degrees; the burst lies at the border's point
    /// nearest to it.
    pub near: [f64; 2],
    /// No incident lies further from that point, metres.
    pub radius_m: f64,
    /// How many lie on each side, by jurisdiction.
    pub sides: BTreeMap<String, u32>,
}

/// What must come of a scenario where it is staged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// By this rule
    pub rule: String,
    /// so many alerts are raised;
    pub raised: usize,
    /// so many of them are later taken up by another.
    #[serde(default)]
    pub merged: usize,
}

/// Why a plan cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPlan {
    /// It is no such file.
    #[error(transparent)]
    Form(#[from] toml::de::Error),
    /// A matter names a curve that is not there.
    #[error("background matter {matter}: there is no rhythm “{rhythm}”")]
    Rhythm {
        /// The matter.
        matter: String,
        /// The curve it names.
        rhythm: String,
    },
    /// A number that cannot be.
    #[error("{place}: {why}")]
    Value {
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A scenario asked for by name is not there.
    #[error("there is no scenario “{0}”")]
    NoScenario(String),
}

impl Plan {
    /// Reads and checks the text of a plan.
    pub fn parse(text: &str) -> Result<Self, InvalidPlan> {
        let plan: Self = toml::from_str(without_mark(text))?;
        let value = |place: String, why| Err(InvalidPlan::Value { place, why });
        if !(0.0..=1.0).contains(&plan.background.focus) {
            return value("background.focus".to_owned(), "must be within 0 to 1");
        }
        for (name, curve) in &plan.background.rhythms {
            if !curve.iter().all(|&hour| hour >= 0.0) || curve.iter().sum::<f64>() <= 0.0 {
                return value(format!("rhythm {name}"), "must not be negative, nor all zero");
            }
        }
        for (matter, of) in &plan.background.matters {
            if !plan.background.rhythms.contains_key(&of.rhythm) {
                let (matter, rhythm) = (matter.clone(), of.rhythm.clone());
                return Err(InvalidPlan::Rhythm { matter, rhythm });
            }
            if !(of.weight >= 0.0 && of.weight.is_finite()) {
                return value(format!("background matter {matter}"), "weight must not be negative");
            }
        }
        if let Some(duty) = &plan.duty {
            if duty.names.is_empty() || duty.leaves_each == 0 {
                return value("duty".to_owned(), "names and leaves_each must not be empty or 0");
            }
            if duty.after < 0 {
                return value("duty".to_owned(), "after must not be negative");
            }
        }
        for scenario in &plan.scenarios {
            let place = || format!("scenario {}", scenario.name);
            if scenario.every < 0 {
                return value(place(), "every must not be negative");
            }
            for burst in &scenario.bursts {
                if burst.after < 0 || burst.over < 0 {
                    return value(place(), "after and over must not be negative");
                }
                if !(burst.radius_m > 0.0 && burst.radius_m <= 50_000.0) {
                    return value(place(), "radius_m must be above 0 and at most 50 000");
                }
            }
        }
        Ok(plan)
    }

    /// Keeps only the named scenarios, in the order of the names.
    pub fn only(mut self, names: &[String]) -> Result<Self, InvalidPlan> {
        let find = |name: &String| {
            self.scenarios
                .iter()
                .find(|scenario| scenario.name == *name)
                .cloned()
                .ok_or_else(|| InvalidPlan::NoScenario(name.clone()))
        };
        self.scenarios = names.iter().map(find).collect::<Result<_, _>>()?;
        Ok(self)
    }
}

/// A span of time like `90m`, `-30h` or `1h 30m`, as milliseconds.
fn span<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let text = String::deserialize(from)?;
    let span: SignedDuration = text.parse().map_err(de::Error::custom)?;
    i64::try_from(span.as_millis()).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELTA: &str = include_str!("../../data/simulation.toml");

    #[test]
    fn the_plan_that_is_shipped_can_be_played() {
        let plan = Plan::parse(DELTA).unwrap();
        assert!(plan.scenarios.len() >= 5);
    }

    #[test]
    fn a_scenario_is_chosen_by_name() {
        let plan = Plan::parse(DELTA).unwrap();
        let name = plan.scenarios[1].name.clone();
        assert_eq!(plan.clone().only(std::slice::from_ref(&name)).unwrap().scenarios[0].name, name);
        let unknown = plan.only(&["nothing".to_owned()]).unwrap_err();
        assert_eq!(unknown.to_string(), "there is no scenario “nothing”");
    }

    #[test]
    fn a_matter_without_its_curve_is_refused() {
        let text = DELTA.replacen("rhythm = \"day\"", "rhythm = \"noon\"", 1);
        assert!(matches!(Plan::parse(&text), Err(InvalidPlan::Rhythm { .. })));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let text = DELTA.replacen("focus =", "fokus =", 1);
        assert!(matches!(Plan::parse(&text), Err(InvalidPlan::Form(_))));
    }
}
