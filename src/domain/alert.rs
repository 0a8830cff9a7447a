//! Border alerts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::act::{Signer, WITHDRAW_MS};
use super::{Code, LngLat, MatterCode, Members, Provenance, RuleId, Severity, Time};

/// The number of an alert, from 1, in the order they were raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub u64);

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The cluster alarms.
    Open,
    /// The cluster is below the threshold since some time; not yet cleared.
    Fading,
    /// Over; what rises again within the cool-down reopens it.
    Cleared,
    /// Taken up by an older alert with which its cluster merged.
    Merged,
}

/// One side of an alert: what lies in one jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The jurisdiction, of the rule's level.
    pub jurisdiction: Code,
    /// Members in it.
    pub members: u32,
    /// The county in it with the most members (ties by code); the jurisdiction
    /// itself if that is no wider than a county.
    pub place: Code,
}

/// Somebody answers for the alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Display name of who acknowledged.
    pub by: String,
    /// Account of who acknowledged; `None` of a service without accounts, and of
    /// what an older build logged.
    pub signer: Option<Signer>,
    /// When.
    pub at: Time,
    /// A remark; may be empty.
    pub note: String,
}

impl Acknowledgement {
    /// Whether an account may take it back now. Where there are no accounts, all
    /// who sit at the machine are one.
    #[must_use]
    pub fn can_be_withdrawn(&self, account: Option<u64>, now: Time) -> bool {
        let signer = self.signer.as_ref().map(|signer| signer.account);
        signer == account && now - self.at <= WITHDRAW_MS
    }
}

/// A border alert as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Its number.
    pub id: AlertId,
    /// The rule that raised it.
    pub rule: RuleId,
    /// Where it stands.
    pub state: AlertState,
    /// How grave, lifted by what it touches.
    pub severity: Severity,
    /// Code of the zone that lifted it above the rule's own severity, if one did.
    pub lifted_by: Option<String>,
    /// Whether the number of its members lifted it (further).
    #[serde(default)]
    pub lifted_by_size: bool,
    /// The border, as an index into the atlas's borders of the rule's level.
    pub border: u32,
    /// Every jurisdiction with members, the most members first (ties by code).
    pub sides: Vec<Side>,
    /// The members, in the order of their ids; the last known ones once cleared.
    pub members: Members,
    /// How many of them are core.
    pub cores: u32,
    /// The matters among the members, most frequent first (ties by code).
    pub matters: Vec<(MatterCode, u32)>,
    /// Codes of the zones its members lie in, the most important kind first.
    pub zones: Vec<String>,
    /// The mean of the members.
    pub center: LngLat,
    /// The convex hull of the members, counter-clockwise, not closed; one or
    /// two points when the members are no wider.
    pub hull: Vec<LngLat>,
    /// The distance from the border to the nearest core, in metres.
    pub border_distance_m: f64,
    /// Members that occurred in the last 24 h, and in the 24 h before those; as
    /// they were when it ended.
    pub trend: (u32, u32),
    /// Whether any member is not of the field.
    pub provenance: Provenance,
    /// When it was first raised.
    pub raised_at: Time,
    /// Since when its members alarm: since it was raised or last reopened, or, if
    /// it broke off from another, since that one's do.
    pub alarming_since: Time,
    /// When it last changed, its trend aside.
    pub updated_at: Time,
    /// Since when the cluster is below the threshold, while fading.
    pub fading_since: Option<Time>,
    /// When it cleared, or merged.
    pub ended_at: Option<Time>,
    /// The alert that took it up, once merged.
    pub merged_into: Option<AlertId>,
    /// The alert from which it broke off.
    pub split_from: Option<AlertId>,
    /// How often it was reopened.
    pub reopened: u32,
    /// Who answers for it: at first who did for the alert it broke off from; asked
    /// anew when it reopens.
    pub acknowledged: Option<Acknowledgement>,
    /// The acknowledgement that was last taken back, until another is made.
    pub withdrawn: Option<Acknowledgement>,
}
