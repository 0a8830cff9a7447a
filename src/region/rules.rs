//! The rules as their file holds them.

use jiff::SignedDuration;
use serde::Deserialize;

use super::error::RulesError;
use crate::domain::rule::shortened;
use crate::domain::text::without_mark;
use crate::domain::whole::integer;
use crate::domain::{Catalogue, Level, MatterCode, Rule, RuleId, RuleSet, Severity};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    #[serde(default)]
    rule: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: RuleId,
    name: String,
    name_en: String,
    matters: Vec<MatterCode>,
    window: String,
    eps_m: f64,
    #[serde(deserialize_with = "integer")]
    min_points: u32,
    level: Level,
    #[serde(deserialize_with = "integer")]
    min_per_side: u32,
    border_distance_m: f64,
    hold: String,
    cooldown: String,
    severity: Severity,
}

/// Reads rules from TOML, a `[[rule]]` each.
///
/// # Errors
/// Names the rule and the field, or the line.
pub fn rules_from_toml(text: &str, catalogue: &Catalogue) -> Result<RuleSet, RulesError> {
    let sheet: Sheet =
        toml::from_str(without_mark(text)).map_err(|why| RulesError::Shape(why.to_string()))?;
    sheet.rules(catalogue)
}

/// Reads rules from JSON of the same shape: `{"rule": [{…}, …]}`.
///
/// # Errors
/// Names the rule and the field, or the line.
pub fn rules_from_json(text: &str, catalogue: &Catalogue) -> Result<RuleSet, RulesError> {
    let sheet: Sheet = serde_json::from_str(without_mark(text))
        .map_err(|why| RulesError::Shape(why.to_string()))?;
    sheet.rules(catalogue)
}

impl Sheet {
    fn rules(self, catalogue: &Catalogue) -> Result<RuleSet, RulesError> {
        if self.rule.is_empty() {
            return Err(RulesError::None);
        }
        let rules = self.rule.into_iter().map(|row| row.rule(catalogue));
        Ok(RuleSet::new(rules.collect::<Result<_, _>>()?)?)
    }
}

impl Row {
    fn rule(self, catalogue: &Catalogue) -> Result<Rule, RulesError> {
        if let Some(matter) =
            self.matters.iter().find(|code| catalogue.get(code.as_str()).is_none())
        {
            let (rule, matter) = (shortened(&self.id.0), shortened(matter.as_str()));
            return Err(RulesError::UnknownMatter { rule, matter });
        }
        let ms = |field, text: &str| {
            let duration: Option<SignedDuration> = text.parse().ok();
            let ms = duration.and_then(|duration| i64::try_from(duration.as_millis()).ok());
            ms.ok_or_else(|| RulesError::Duration {
                rule: shortened(&self.id.0),
                field,
                text: shortened(text),
            })
        };
        Ok(Rule {
            window_ms: ms("window", &self.window)?,
            hold_ms: ms("hold", &self.hold)?,
            cooldown_ms: ms("cooldown", &self.cooldown)?,
            id: self.id,
            name: self.name,
            name_en: self.name_en,
            matters: self.matters,
            eps_m: self.eps_m,
            min_points: self.min_points,
            level: self.level,
            min_per_side: self.min_per_side,
            border_distance_m: self.border_distance_m,
            severity: self.severity,
        })
    }
}
