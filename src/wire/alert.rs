//! Border alerts as the outside sees them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{AlertState, AlertStep, Provenance};

use super::{AgencyView, schema};

/// One side of an alert or border.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SideView {
    /// Division code.
    pub code: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Members of the alert on this side.
    pub members: u32,
    /// Code of the county on this side with the most of them; the side's own if
    /// it is no wider than a county.
    pub place: String,
}

/// The border an alert lies on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BorderView {
    /// Codes of its left and right jurisdictions, `left-right`.
    pub code: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// Account that acknowledged an alert, as it was then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SignerView {
    /// Number of the account.
    pub account: u64,
    /// Name the account signs in with.
    pub name: String,
    /// Its agency.
    pub agency: AgencyView,
}

/// Who answers for an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AckView {
    /// Display name, which people choose for themselves: show `signer` with it.
    pub by: String,
    /// The account; null of a service without accounts, and of what an older build
    /// logged.
    #[schema(required)]
    pub signer: Option<SignerView>,
    /// When, ms since 1970.
    pub at: i64,
    /// A remark; may be empty.
    pub note: String,
}

/// A border alert as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertView {
    /// Its number.
    pub id: u64,
    /// Where it stands.
    pub state: AlertState,
    /// 1 (minor) to 4 (major).
    pub severity: u8,
    /// Code of the zone that lifted it above the rule's own severity, if one did.
    #[schema(required)]
    pub lifted_by: Option<String>,
    /// Whether the number of its members lifted it (further).
    pub lifted_by_size: bool,
    /// Key of the rule.
    pub rule: String,
    /// The border.
    pub border: BorderView,
    /// Every side with members, most members first.
    pub sides: Vec<SideView>,
    /// How many members.
    pub members: u32,
    /// How many of them are core.
    pub cores: u32,
    /// Matter codes with their counts, most frequent first.
    pub matters: Vec<(String, u32)>,
    /// Codes of the zones touched, the most important kind first.
    pub zones: Vec<String>,
    /// Codes of the jurisdictions whose agencies take part in it and may acknowledge
    /// it, ascending: its sides with all above them, and the parts of a side where it
    /// lies.
    pub parties: Vec<String>,
    /// Mean of the members, `[lng, lat]`.
    #[schema(schema_with = schema::position)]
    pub center: [f64; 2],
    /// Convex hull of the members, not closed; one or two points when no wider.
    #[schema(schema_with = schema::positions)]
    pub hull: Vec<[f64; 2]>,
    /// From the border to the nearest core, metres.
    pub border_distance_m: f64,
    /// Members of the last 24 h; at its end, once it has ended.
    pub last_24h: u32,
    /// Members of the 24 h before those.
    pub previous_24h: u32,
    /// Whether any member is not of the field.
    pub provenance: Provenance,
    /// ms since 1970.
    pub raised_at: i64,
    /// Since when its members alarm, ms since 1970: since it was raised or last
    /// reopened, or, if it broke off from another, since that one's do.
    pub alarming_since: i64,
    /// When it last changed, its trend aside, ms since 1970.
    pub updated_at: i64,
    /// ms since 1970, while fading.
    #[schema(required)]
    pub fading_since: Option<i64>,
    /// ms since 1970, once cleared or merged.
    #[schema(required)]
    pub ended_at: Option<i64>,
    /// The alert that took it up.
    #[schema(required)]
    pub merged_into: Option<u64>,
    /// The alert from which it broke off.
    #[schema(required)]
    pub split_from: Option<u64>,
    /// How often it was reopened.
    pub reopened: u32,
    /// Who answers for it.
    #[schema(required)]
    pub acknowledged: Option<AckView>,
}

/// One step in the life of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlertChange {
    /// What happened.
    pub step: AlertStep,
    /// The alert after it.
    pub alert: AlertView,
    /// The other alerts of this step: those that broke off from it, that from which
    /// it broke off, or that which took it up.
    pub others: Vec<u64>,
}

/// What the channel `alerts` carries: a snapshot on subscribing, then changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AlertFrame {
    /// Every alert that has not ended, and those ended within the last day.
    Snapshot {
        /// The server's time, ms since 1970.
        at: i64,
        /// The alerts, oldest first.
        alerts: Vec<AlertView>,
    },
    /// What happened in one committed batch.
    Changes {
        /// The server's time, ms since 1970.
        at: i64,
        /// In order.
        changes: Vec<AlertChange>,
    },
}
