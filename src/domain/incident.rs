//! Incidents: one reported issue each.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::{LngLat, MatterCode, Original, Provenance, Time, Whole};

/// Our number for an incident, given when it is accepted; rises by acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

/// How grave an incident or alert is, 1 (minor) to 4 (major).
///
/// The four grades of China's emergency plans, counted upwards: 4 is Ⅰ级 (red),
/// 3 Ⅱ级 (orange), 2 Ⅲ级 (yellow), 1 Ⅳ级 (blue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "u8")]
pub struct Severity(u8);

/// A severity outside 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("severity {0} is not within 1 to 4")]
pub struct InvalidSeverity(u8);

impl Severity {
    /// The lowest.
    pub const MINOR: Self = Self(1);
    /// The highest.
    pub const MAJOR: Self = Self(4);

    /// From its number, 1 to 4.
    pub fn new(grade: u8) -> Result<Self, InvalidSeverity> {
        if (1..=4).contains(&grade) { Ok(Self(grade)) } else { Err(InvalidSeverity(grade)) }
    }

    /// Its number, 1 to 4.
    #[must_use]
    pub const fn grade(self) -> u8 {
        self.0
    }

    /// Lifted by some grades, at most to [`Severity::MAJOR`].
    #[must_use]
    pub fn lifted(self, by: u8) -> Self {
        Self(self.0.saturating_add(by).min(Self::MAJOR.0))
    }
}

impl TryFrom<u8> for Severity {
    type Error = InvalidSeverity;
    fn try_from(grade: u8) -> Result<Self, InvalidSeverity> {
        Self::new(grade)
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let grade = if from.is_human_readable() {
            Whole::deserialize(from)?.within(Self::MINOR.0, Self::MAJOR.0)
        } else {
            Ok(u8::deserialize(from)?)
        };
        Self::new(grade.map_err(de::Error::custom)?).map_err(de::Error::custom)
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.0
    }
}

/// One accepted report. `(source, external_id)` names it: a second report of
/// the same name is a duplicate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Our number.
    pub id: IncidentId,
    /// The system it came from.
    pub source: Arc<str>,
    /// That system's own key.
    pub external_id: Arc<str>,
    /// What it is about.
    pub matter: MatterCode,
    /// Where, in WGS-84.
    pub point: LngLat,
    /// Where, as reported, unless that was WGS-84.
    pub original: Option<Original>,
    /// When it happened.
    pub occurred_at: Time,
    /// How grave.
    pub severity: Severity,
    /// In the reporter's words; may be empty.
    pub description: Arc<str>,
    /// References to pictures and films (URLs or keys of the source).
    pub media: Vec<String>,
    /// Whether it comes from the field.
    pub provenance: Provenance,
}

/// A report that is not accepted yet: an [`Incident`] without our number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewIncident {
    /// The system it comes from.
    pub source: Arc<str>,
    /// That system's own key.
    pub external_id: Arc<str>,
    /// What it is about.
    pub matter: MatterCode,
    /// Where, in WGS-84.
    pub point: LngLat,
    /// Where, as reported, unless that was WGS-84.
    pub original: Option<Original>,
    /// When it happened.
    pub occurred_at: Time,
    /// How grave.
    pub severity: Severity,
    /// In the reporter's words; may be empty.
    pub description: Arc<str>,
    /// References to pictures and films (URLs or keys of the source).
    pub media: Vec<String>,
    /// Whether it comes from the field.
    pub provenance: Provenance,
}

impl Incident {
    /// Whether it has words of the reporter's, or references to pictures.
    #[must_use]
    pub fn has_texts(&self) -> bool {
        !self.description.is_empty() || !self.media.is_empty()
    }
}

impl NewIncident {
    /// Accepted under a number.
    #[must_use]
    pub fn numbered(self, id: IncidentId) -> Incident {
        Incident {
            id,
            source: self.source,
            external_id: self.external_id,
            matter: self.matter,
            point: self.point,
            original: self.original,
            occurred_at: self.occurred_at,
            severity: self.severity,
            description: self.description,
            media: self.media,
            provenance: self.provenance,
        }
    }
}
