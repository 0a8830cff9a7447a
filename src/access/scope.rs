//! What a token may be used for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What can be handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Reports.
    Incident,
    /// Fixes.
    Position,
    /// Registrations of units.
    Unit,
}

/// One scope of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Scope {
    /// `ingest:incident`
    IngestIncident,
    /// `ingest:position`
    IngestPosition,
    /// `ingest:unit`
    IngestUnit,
    /// `read:features`: incidents, units and where they are now.
    ReadFeatures,
    /// `read:alerts`
    ReadAlerts,
    /// `read:history`: the tracks of units.
    ReadHistory,
    /// `read:metrics`: what the service measures of itself.
    ReadMetrics,
    /// `stream`: the live stream.
    Stream,
    /// `set:clock`: a driven clock, for simulations and replays.
    SetClock,
}

/// A text that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is none of ingest:incident, ingest:position, ingest:unit, read:features, \
     read:alerts, read:history, read:metrics, stream, set:clock"
)]
pub struct InvalidScope(String);

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 9] = [
        Self::IngestIncident,
        Self::IngestPosition,
        Self::IngestUnit,
        Self::ReadFeatures,
        Self::ReadAlerts,
        Self::ReadHistory,
        Self::ReadMetrics,
        Self::Stream,
        Self::SetClock,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::IngestIncident => "ingest:incident",
            Self::IngestPosition => "ingest:position",
            Self::IngestUnit => "ingest:unit",
            Self::ReadFeatures => "read:features",
            Self::ReadAlerts => "read:alerts",
            Self::ReadHistory => "read:history",
            Self::ReadMetrics => "read:metrics",
            Self::Stream => "stream",
            Self::SetClock => "set:clock",
        }
    }
}

impl From<Scope> for &'static str {
    fn from(scope: Scope) -> Self {
        scope.word()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let found = Self::ALL.into_iter().find(|scope| scope.word() == text);
        found.ok_or_else(|| InvalidScope(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;
    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}
