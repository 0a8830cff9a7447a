//! `GET /api/v1/locate`: where a point lies.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::atlas::{Side, datum};
use crate::domain::lng_lat::InvalidLngLat;
use crate::domain::{Code, Datum, Level, LngLat};

use super::params::Params;
use super::problem::ApiError;
use super::state::AppState;

/// Where a point lies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Located {
    /// Degrees, WGS-84.
    lon: f64,
    lat: f64,
    province: Option<Named>,
    city: Option<Named>,
    county: Option<Named>,
    township: Option<Named>,
    zones: Vec<NamedZone>,
    /// The nearest border of the level, within 5 km.
    nearest_border: Option<Near>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LocatedIn)]
struct Named {
    #[schema(value_type = String)]
    code: Code,
    name: String,
    name_en: String,
    approximate: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LocatedZone)]
struct NamedZone {
    code: String,
    kind: crate::domain::ZoneKind,
    name: String,
    name_en: String,
    approximate: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearBorder)]
struct Near {
    code: String,
    level: Level,
    name: String,
    name_en: String,
    #[schema(value_type = String)]
    left: Code,
    #[schema(value_type = String)]
    right: Code,
    /// Metres on the ground, to a centimetre.
    distance_m: f64,
    /// On which side the point lies.
    side: &'static str,
}

/// Answers where a point lies: `lon`, `lat`, and if wanted `datum` (WGS-84 if
/// not named) and `level` of the border (the region's own if not named).
#[utoipa::path(
    get, path = "/api/v1/locate",
    operation_id = "locate", tag = "map",
    params(
        ("lon" = f64, Query, description = "Degrees"),
        ("lat" = f64, Query, description = "Degrees"),
        ("datum" = Option<Datum>, Query, description = "Of the numbers; `wgs84` if not named"),
        (
            "level" = Option<Level>,
            Query,
            description = "Of the border; the region's own if not named"
        )
    ),
    responses((status = 200, description = "Where it lies.", body = Located))
)]
pub async fn get(State(app): State<AppState>, params: Params) -> Result<Json<Located>, ApiError> {
    let params = params.only(&["lon", "lat", "datum", "level"])?;
    let (lon, lat) = (params.need("lon")?, params.need("lat")?);
    let datum = params.get::<Datum>("datum")?.unwrap_or_default();
    let level = params.level("level")?.unwrap_or(app.region.level);
    let point = datum::to_wgs84(datum, lon, lat).map_err(|why| match why {
        InvalidLngLat::Lng(_) => ApiError::field("lon", why),
        InvalidLngLat::Lat(_) => ApiError::field("lat", why),
    })?;
    Ok(Json(Located::of(&app, point, level)))
}

impl Located {
    fn of(app: &AppState, point: LngLat, level: Level) -> Self {
        let atlas = &app.region.atlas;
        let location = atlas.locate(point, level);
        let place = location.place;
        let named = |code: Option<Code>| {
            let of = atlas.jurisdiction(code?)?;
            let (name, name_en) = (of.name.clone(), of.name_en.clone());
            Some(Named { code: of.code, name, name_en, approximate: of.approximate })
        };
        let zone = |at: &u16| {
            let zone = &atlas.zones()[usize::from(*at)];
            NamedZone {
                code: zone.code.clone(),
                kind: zone.kind,
                name: zone.name.clone(),
                name_en: zone.name_en.clone(),
                approximate: zone.approximate,
            }
        };
        let near = location.border.map(|near| {
            let border = &atlas.borders(level)[near.border as usize];
            Near {
                code: border.code.clone(),
                level,
                name: border.name.clone(),
                name_en: border.name_en.clone(),
                left: border.left,
                right: border.right,
                distance_m: (near.distance_m * 100.0).round() / 100.0,
                side: match near.side {
                    Side::Left => "left",
                    Side::Right => "right",
                },
            }
        });
        Self {
            lon: point.lng(),
            lat: point.lat(),
            province: named(place.province),
            city: named(place.city),
            county: named(place.county),
            township: named(place.township),
            zones: place.zones.iter().map(zone).collect(),
            nearest_border: near,
        }
    }
}
