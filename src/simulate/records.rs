//! What the public doors take, as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{LngLat, Provenance, Time, UnitKind};

/// One incident, as `POST /api/v1/incidents` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentIn {
    /// The system it comes from.
    pub source: String,
    /// That system's key.
    pub external_id: String,
    /// Code of its matter.
    pub matter: String,
    /// Degrees east, WGS-84.
    pub lon: f64,
    /// Degrees north, WGS-84.
    pub lat: f64,
    /// When it happened.
    pub occurred_at: Time,
    /// In words; not sent when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Never `live`.
    pub provenance: Provenance,
}

/// An incident and when its report reaches the door.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// When it is sent.
    pub at: Time,
    /// What is sent.
    pub incident: IncidentIn,
}

/// One fix, as `POST /api/v1/positions` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PositionIn<'a> {
    /// Code of the unit.
    pub unit: &'a str,
    /// Degrees east, WGS-84.
    pub lon: f64,
    /// Degrees north, WGS-84.
    pub lat: f64,
    /// When it was taken.
    pub at: Time,
    /// Metres a second.
    pub speed_mps: f64,
    /// Degrees clockwise from north.
    pub course_deg: f64,
    /// Metres.
    pub accuracy_m: f64,
}

/// One unit, as `POST /api/v1/units` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitIn {
    /// Its code, unique.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What moves.
    pub kind: UnitKind,
    /// Code of its agency's jurisdiction.
    pub agency: String,
    /// Never `live`.
    pub provenance: Provenance,
}

/// What the doors answer to a batch; the simulator only counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New to the server.
    pub accepted: u64,
    /// Known to it already: harmless.
    pub duplicates: u64,
    /// Kept for the store, which is away: durable, but not told apart yet.
    pub kept: u64,
    /// Refused, each for a reason that the log tells.
    pub refused: u64,
}

impl Tally {
    /// All that need not be sent again.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.accepted + self.duplicates + self.kept
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.duplicates += other.duplicates;
        self.kept += other.kept;
        self.refused += other.refused;
    }
}

/// The answer of a door; `accepted` is a count for positions, a list otherwise.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    accepted: Count,
    #[serde(default)]
    duplicates: Count,
    #[serde(default)]
    kept: u64,
    #[serde(default)]
    pub(super) refused: Vec<Refusal>,
}

/// Why one item was refused.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    /// Which field.
    #[serde(default)]
    pub(super) field: Option<String>,
    /// In words.
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Count {
    Number(u64),
    List(Vec<serde::de::IgnoredAny>),
}

impl Default for Count {
    fn default() -> Self {
        Self::Number(0)
    }
}

impl Count {
    fn number(&self) -> u64 {
        match self {
            Self::Number(number) => *number,
            Self::List(list) => list.len() as u64,
        }
    }
}

impl Answer {
    /// How many of each.
    pub(super) fn tally(&self) -> Tally {
        Tally {
            accepted: self.accepted.number(),
            duplicates: self.duplicates.number(),
            kept: self.kept,
            refused: self.refused.len() as u64,
        }
    }
}

/// Longitude and latitude rounded to 7 decimals, 1 cm.
#[must_use]
pub fn rounded(point: LngLat) -> (f64, f64) {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    (round(point.lng()), round(point.lat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_answer_is_counted() {
        let list = r#"{"offset":3,"accepted":[{"index":0,"id":7}],"duplicates":[],
            "refused":[{"index":1,"field":"lon","reason":"not a number"}]}"#;
        let tally = serde_json::from_str::<Answer>(list).unwrap().tally();
        assert_eq!(tally, Tally { accepted: 1, refused: 1, ..Tally::default() });
        let count = r#"{"offset":4,"accepted":12,"duplicates":[3],"refused":[]}"#;
        let tally = serde_json::from_str::<Answer>(count).unwrap().tally();
        assert_eq!(tally, Tally { accepted: 12, duplicates: 1, ..Tally::default() });
        let kept = r#"{"kept":7,"refused":[]}"#;
        let tally = serde_json::from_str::<Answer>(kept).unwrap().tally();
        assert_eq!(tally, Tally { kept: 7, ..Tally::default() });
    }
}
