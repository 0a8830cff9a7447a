//! What a page must know of its region before it draws.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Level, ZoneKind};

use super::schema;

/// A jurisdiction by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JurisdictionView {
    /// Division code.
    pub code: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Its level.
    pub level: Level,
    /// Code of the jurisdiction above it.
    #[schema(required)]
    pub parent: Option<String>,
    /// Where to write its name, `[lng, lat]`; a point inside it.
    #[schema(schema_with = schema::position)]
    pub label: [f64; 2],
}

/// A zone by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ZoneView {
    /// Its key.
    pub code: String,
    /// Its kind.
    pub kind: ZoneKind,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// `[west, south, east, north]`.
    #[schema(schema_with = schema::bbox)]
    pub bbox: [f64; 4],
    /// Whether its lines are approximations.
    pub approximate: bool,
}

/// A class of matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassView {
    /// Its key.
    pub code: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// A matter of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MatterView {
    /// Its key.
    pub code: String,
    /// Key of its class.
    pub class: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
}

/// A rule by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    /// Its key.
    pub id: String,
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Matters it watches.
    pub matters: Vec<String>,
    /// The level whose borders it watches.
    pub level: Level,
    /// Live window, hours.
    pub window_h: f64,
    /// Neighbourhood, metres.
    pub eps_m: f64,
    /// Points that make a core.
    pub min_points: u32,
    /// Members a side must have.
    pub min_per_side: u32,
    /// From border to core at most, metres.
    pub border_distance_m: f64,
}

/// A map layer as the pages draw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisplayLayer {
    /// Which of the region's layers.
    pub layer: String,
    /// Its file at `/api/v1/map/`; another one when anything in it is another, so that it
    /// may be kept for ever.
    pub file: String,
}

/// What `GET /api/v1/region` answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RegionView {
    /// Name in the region's language.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// `[west, south, east, north]` of what to show first.
    #[schema(schema_with = schema::bbox)]
    pub view: [f64; 4],
    /// The level that is this region's “province” on the pages: whose borders
    /// are strongest, by which colours and figures are split.
    pub level: Level,
    /// The longest live window of the rules, ms.
    pub window_ms: i64,
    /// Every jurisdiction down to county (townships come with their layer).
    pub jurisdictions: Vec<JurisdictionView>,
    /// Every zone.
    pub zones: Vec<ZoneView>,
    /// Every class of matters.
    pub classes: Vec<ClassView>,
    /// Every matter.
    pub matters: Vec<MatterView>,
    /// The rules in force.
    pub rules: Vec<RuleView>,
    /// Changes with the rules in force; the stream's `stats` carry it too.
    pub rules_revision: String,
    /// Map layers to be had at `/api/v1/map/{layer}.geojson`.
    pub layers: Vec<String>,
    /// The same layers with fewer points, as the pages draw them.
    pub display: Vec<DisplayLayer>,
    /// A tile source set by the operator, if any.
    #[schema(required)]
    pub tiles: Option<TilesView>,
    /// Whether time is driven from outside (replay, simulation) and not the
    /// machine's own.
    pub driven_clock: bool,
    /// Which build serves: another one may have other pages.
    pub build: String,
    /// Where the boundaries are from, in one sentence, in the region's language.
    pub attribution: String,
    /// The same in English.
    pub attribution_en: String,
}

/// A tile source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TilesView {
    /// `raster` or `vector`.
    pub kind: String,
    /// URL template with `{z}/{x}/{y}` (XYZ, WMTS) or a PMTiles/TileJSON URL.
    pub url: String,
    /// Tile size in pixels.
    pub tile_size: u16,
    /// What must be written on the map.
    pub attribution: String,
}
