//! Units on duty and where they are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Code, LngLat, Original, Provenance, Time};

/// Our number for a unit, given at its first registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(pub u32);

/// What moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    /// 巡逻车
    Car,
    /// 徒步组
    Foot,
    /// 巡逻艇
    Boat,
    /// 无人机
    Drone,
}

/// A patrol car, a foot team, a boat, a drone; its `code` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Our number.
    pub id: UnitId,
    /// The agency's own key, unique.
    pub code: Arc<str>,
    /// What people call it.
    pub name: Arc<str>,
    /// What moves.
    pub kind: UnitKind,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// Whether it is of the field.
    pub provenance: Provenance,
}

/// One fix of a unit. `(unit, at)` names it: a second fix of the same name is a
/// duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Whose.
    pub unit: UnitId,
    /// When it was taken.
    pub at: Time,
    /// Where, in WGS-84.
    pub point: LngLat,
    /// Where, as reported, unless that was WGS-84.
    pub original: Option<Original>,
    /// Ground speed in m/s.
    pub speed_mps: Option<f32>,
    /// Course over ground in degrees clockwise from north, 0 to 360.
    pub course_deg: Option<f32>,
    /// Radius of the 68 % circle in metres.
    pub accuracy_m: Option<f32>,
}

/// A registration that is not accepted yet: a [`Unit`] without our number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUnit {
    /// The agency's own key, unique.
    pub code: Arc<str>,
    /// What people call it.
    pub name: Arc<str>,
    /// What moves.
    pub kind: UnitKind,
    /// The jurisdiction whose agency it belongs to.
    pub agency: Code,
    /// Whether it is of the field.
    pub provenance: Provenance,
}

impl NewUnit {
    /// Registered under a number.
    #[must_use]
    pub fn numbered(self, id: UnitId) -> Unit {
        Unit {
            id,
            code: self.code,
            name: self.name,
            kind: self.kind,
            agency: self.agency,
            provenance: self.provenance,
        }
    }
}
