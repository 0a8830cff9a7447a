//! What lifts an alert above the severity of its rule.

use serde::{Deserialize, Serialize};

use super::{Rule, Severity, ZoneKind};

/// What lifts an alert above the severity of its rule: a zone that its members touch,
/// and their number. Both count only while there are reports of the last 24 h, so that
/// an alert in which nothing happens any more goes back to the severity of its rule.
///
/// It stands in the region's `region.toml` and not in the rules, whose shape stands in
/// the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grading {
    /// Grades that an 省际毗邻区 lifts by, 0 or 1.
    pub interprovincial_border_area: u8,
    /// Grades that a 示范区 lifts by, 0 or 1.
    pub demonstration_zone: u8,
    /// Grades that a 先行启动区 lifts by, 0 or 1.
    pub pilot_startup_area: u8,
    /// Grades that a 重大活动保障区 lifts by, 0 or 1.
    pub event_perimeter: u8,
    /// So many times the `min_points` of its rule make an alert large, which lifts it by
    /// one grade; 0 for never, otherwise at least 2.
    pub large: u32,
}

/// A grading that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct InvalidGrading {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A graded alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graded {
    /// Its severity.
    pub severity: Severity,
    /// Whether the zone lifted it.
    pub by_zone: bool,
    /// Whether the number of its members lifted it.
    pub by_size: bool,
}

impl Default for Grading {
    /// Border areas and the demonstration zone are where border alerts are at home:
    /// what nearly all of them touch tells none from another, so these lift by nothing.
    fn default() -> Self {
        Self {
            interprovincial_border_area: 0,
            demonstration_zone: 0,
            pilot_startup_area: 1,
            event_perimeter: 1,
            large: 3,
        }
    }
}

impl Grading {
    /// Checks the numbers.
    ///
    /// # Errors
    /// Names the field.
    pub fn check(&self) -> Result<(), InvalidGrading> {
        let zones = [
            ("interprovincial_border_area", self.interprovincial_border_area),
            ("demonstration_zone", self.demonstration_zone),
            ("pilot_startup_area", self.pilot_startup_area),
            ("event_perimeter", self.event_perimeter),
        ];
        if let Some(&(field, _)) = zones.iter().find(|(_, lift)| *lift > 1) {
            return Err(InvalidGrading { field, why: "must be 0 or 1" });
        }
        if self.large == 1 {
            return Err(InvalidGrading { field: "large", why: "must be 0 or at least 2" });
        }
        Ok(())
    }

    /// A short text that differs when the grading does.
    #[must_use]
    pub fn revision(&self) -> String {
        let Self {
            interprovincial_border_area,
            demonstration_zone,
            pilot_startup_area,
            event_perimeter,
            large,
        } = self;
        format!(
            "{interprovincial_border_area}{demonstration_zone}{pilot_startup_area}\
             {event_perimeter}.{large}"
        )
    }

    /// Grades an alert of a rule by the most important kind of zone it touches, its
    /// members, and how many of them are of the last 24 h.
    #[must_use]
    pub fn grade(self, rule: &Rule, zone: Option<ZoneKind>, members: u32, new: u32) -> Graded {
        let own = rule.severity;
        if new == 0 {
            return Graded { severity: own, by_zone: false, by_size: false };
        }
        let zoned = own.lifted(zone.map_or(0, |kind| self.lift(kind)));
        let large = self.large > 0 && members >= rule.min_points.saturating_mul(self.large);
        let severity = zoned.lifted(u8::from(large));
        Graded { severity, by_zone: zoned > own, by_size: severity > zoned }
    }

    const fn lift(self, kind: ZoneKind) -> u8 {
        match kind {
            ZoneKind::InterprovincialBorderArea => self.interprovincial_border_area,
            ZoneKind::DemonstrationZone => self.demonstration_zone,
            ZoneKind::PilotStartupArea => self.pilot_startup_area,
            ZoneKind::EventPerimeter => self.event_perimeter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_lifts_by_one_at_most_and_a_wrong_field_is_named() {
        assert_eq!(Grading::default().check(), Ok(()));
        let two = Grading { pilot_startup_area: 2, ..Grading::default() };
        assert_eq!(two.check().unwrap_err().to_string(), "pilot_startup_area: must be 0 or 1");
        let small = Grading { large: 1, ..Grading::default() };
        assert_eq!(small.check().unwrap_err().field, "large");
    }

    #[test]
    fn another_grading_has_another_revision() {
        let none = Grading { pilot_startup_area: 0, ..Grading::default() };
        let event = Grading { event_perimeter: 0, ..Grading::default() };
        let large = Grading { large: 4, ..Grading::default() };
        let all = [Grading::default(), none, event, large].map(|grading| grading.revision());
        assert!((1..all.len()).all(|at| !all[..at].contains(&all[at])), "{all:?}");
    }
}
