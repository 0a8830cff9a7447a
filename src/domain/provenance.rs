//! Where a record comes from, so that no screen shows an exercise as the field.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a record comes from the field.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// From the field, now.
    #[default]
    Live,
    /// Made up by a simulator; shown as 演示数据.
    Simulated,
    /// Real, but of another time; shown as 历史数据回放.
    Replay,
}
