//! Incidents as the stream carries them.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::Provenance;

use super::schema::row;

/// One incident, as an array: id, longitude, latitude, matter code, time it
/// occurred (ms since 1970), severity, county code (or province code where no
/// county is known, or empty), provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidentRow(
    pub u64,
    pub f64,
    pub f64,
    pub String,
    pub i64,
    pub u8,
    pub String,
    pub Provenance,
);

impl ToSchema for IncidentRow {}

impl PartialSchema for IncidentRow {
    fn schema() -> RefOr<Schema> {
        row(&[
            u64::schema(),
            f64::schema(),
            f64::schema(),
            String::schema(),
            i64::schema(),
            u8::schema(),
            String::schema(),
            Provenance::schema(),
        ])
    }
}

/// What a channel `incidents:…` carries: with `reset`, everything in the live
/// window; without, what one committed batch added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentFrame {
    /// The server's time, ms since 1970.
    pub at: i64,
    /// Forget what you had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
    /// The incidents.
    pub rows: Vec<IncidentRow>,
}
