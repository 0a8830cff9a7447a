//! The key figures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Provenance;

/// What the channel `stats` carries, about once a second, whole each time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatsFrame {
    /// The server's time, ms since 1970: what the pages' clock shows.
    pub at: i64,
    /// Start of today in the region's time zone, ms since 1970.
    pub day_start: i64,
    /// How long ago, ms, a batch last became durable or it was seen that one would:
    /// far below 5,000 unless the store fails or hangs. What was reported since then
    /// is not in the picture.
    pub stored_ago_ms: i64,
    /// Whether the machine's clock is not believed, or the log ends in the future: what
    /// follows from the time may be wrong; `/readyz` says why.
    pub clock_doubted: bool,
    /// The revision of the rules in force: when it is not that of the region as
    /// it was read ([`super::RegionView::rules_revision`]), read that again.
    pub rules: String,
    /// Incidents that occurred today.
    pub incidents_today: u32,
    /// … by code of the jurisdiction of the region’s level.
    pub by_jurisdiction: BTreeMap<String, u32>,
    /// … by matter code.
    pub by_matter: BTreeMap<String, u32>,
    /// Incidents in the live window.
    pub incidents_live: u32,
    /// Units with a fix of the last five minutes.
    pub units_on_duty: u32,
    /// … by code of the agency’s jurisdiction of that level.
    pub units_by_jurisdiction: BTreeMap<String, u32>,
    /// Alerts open or fading.
    pub alerts_open: u32,
    /// … that nobody answers for yet.
    pub alerts_unacknowledged: u32,
    /// When the oldest of those was raised, ms since 1970.
    #[schema(required)]
    pub oldest_unacknowledged: Option<i64>,
    /// The kinds of provenance among what is shown, other than `live`.
    pub provenance: Vec<Provenance>,
}
