//! Units as the stream and HTTP carry them.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{Provenance, UnitKind};

use super::schema::row;

/// One unit's newest fix, as an array: unit number, longitude, latitude, course
/// in whole degrees, speed in m/s (one decimal), time of the fix (ms since
/// 1970), agency code, kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitRow(
    pub u32,
    pub f64,
    pub f64,
    pub Option<u16>,
    pub Option<f32>,
    pub i64,
    pub String,
    pub UnitKind,
);

impl ToSchema for UnitRow {}

impl PartialSchema for UnitRow {
    fn schema() -> RefOr<Schema> {
        row(&[
            u32::schema(),
            f64::schema(),
            f64::schema(),
            Option::<u16>::schema(),
            Option::<f32>::schema(),
            i64::schema(),
            String::schema(),
            UnitKind::schema(),
        ])
    }
}

/// What a channel `units:…` carries: with `reset`, every unit in the cell;
/// without, those that moved in it or left it since the last frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitFrame {
    /// The server's time, ms since 1970.
    pub at: i64,
    /// Forget what you had of this cell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
    /// Newest fixes.
    pub rows: Vec<UnitRow>,
    /// Units that left the cell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<u32>,
}

/// A unit's particulars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitView {
    /// Our number.
    pub id: u32,
    /// The agency's own key.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What moves.
    pub kind: UnitKind,
    /// The jurisdiction whose agency it belongs to.
    pub agency: String,
    /// Whether it is of the field.
    pub provenance: Provenance,
}
