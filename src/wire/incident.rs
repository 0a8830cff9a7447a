//! Incidents as the stream carries them.

use serde::{Deserialize, Serialize};

use crate::domain::Provenance;

/// One incident, as an array: id, longitude, latitude, matter code, time it
/// occurred (ms since 1970), severity, county code (or province code where no
/// county is known, or empty), provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct IncidentRow(
    #[cfg_attr(test, ts(type = "number"))] pub u64,
    pub f64,
    pub f64,
    pub String,
    #[cfg_attr(test, ts(type = "number"))] pub i64,
    pub u8,
    pub String,
    pub Provenance,
);

/// What a channel `incidents:…` carries: with `reset`, everything in the live
/// window; without, what one committed batch added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct IncidentFrame {
    /// The server's time, ms since 1970.
    #[cfg_attr(test, ts(type = "number"))]
    pub at: i64,
    /// Forget what you had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub reset: bool,
    /// The incidents.
    pub rows: Vec<IncidentRow>,
}
