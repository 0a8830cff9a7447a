//! Priority zones.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of zone a polygon is, the most important last.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// 省际毗邻区
    InterprovincialBorderArea,
    /// 示范区
    DemonstrationZone,
    /// 先行启动区
    PilotStartupArea,
    /// 重大活动保障区
    EventPerimeter,
}
