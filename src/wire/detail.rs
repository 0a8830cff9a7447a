//! What is told of one thing when it is asked for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{AlertStep, Provenance};

use super::{AlertView, RuleView, SignerView, UnitRow, UnitView};

/// What `GET /api/v1/alerts/{id}` answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertDetail {
    /// The alert as it stands.
    pub alert: AlertView,
    /// The rule that raised it, if it is still in force.
    #[schema(required)]
    pub rule: Option<RuleView>,
    /// Its newest members, or those before `members_before`; oldest first.
    pub members: Vec<IncidentView>,
    /// `members_before` of the page with older ones; null if there are none.
    #[schema(required)]
    pub members_next: Option<String>,
    /// What happened to it last, or before `history_before`; oldest first.
    pub history: Vec<StepView>,
    /// `history_before` of the page with older steps; null if there are none.
    #[schema(required)]
    pub history_next: Option<String>,
}

/// An incident, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    /// Our number.
    pub id: u64,
    /// The system it came from.
    pub source: String,
    /// That system's own key.
    pub external_id: String,
    /// Matter code.
    pub matter: String,
    /// Degrees, WGS-84.
    pub lon: f64,
    /// Degrees, WGS-84.
    pub lat: f64,
    /// ms since 1970.
    pub occurred_at: i64,
    /// 1 (minor) to 4 (major).
    pub severity: u8,
    /// In the reporter's words; may be empty.
    pub description: String,
    /// References to pictures and films.
    pub media: Vec<String>,
    /// Whether it comes from the field.
    pub provenance: Provenance,
    /// Codes of the jurisdictions it lies in, the widest first.
    pub jurisdictions: Vec<String>,
    /// Codes of the zones it lies in.
    pub zones: Vec<String>,
}

/// One step in the life of an alert, as its history tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StepView {
    /// What happened.
    pub step: AlertStep,
    /// When, ms since 1970.
    pub at: i64,
    /// How grave it was after it, 1 (minor) to 4 (major).
    pub severity: u8,
    /// How many members it had.
    pub members: u32,
    /// How many of them were core.
    pub cores: u32,
    /// Members by the code of the side.
    pub sides: Vec<(String, u32)>,
    /// Display name of who answered for it; of the step `withdrawn`, of who took that
    /// back.
    #[schema(required)]
    pub by: Option<String>,
    /// The account of `by`, if there was one.
    #[schema(required)]
    pub signer: Option<SignerView>,
    /// With what remark.
    #[schema(required)]
    pub note: Option<String>,
    /// The other alerts of this step: those that broke off from it, that from which
    /// it broke off, or that which took it up.
    pub others: Vec<u64>,
}

/// What `GET /api/v1/alerts/{id}/units` answers: those who could go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearUnits {
    /// How far was looked, metres from the alert's center.
    pub radius_m: f64,
    /// By the sides of the alert, in their order.
    pub sides: Vec<SideUnits>,
}

/// The units of one side that are near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SideUnits {
    /// Division code of the side.
    pub code: String,
    /// The nearest first.
    pub units: Vec<NearUnit>,
}

/// A unit that is near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearUnit {
    /// Which.
    pub unit: UnitView,
    /// Its newest fix.
    pub fix: UnitRow,
    /// Metres on the ground.
    pub distance_m: f64,
}
