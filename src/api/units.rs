//! `/api/v1/units`: patrols and where they are.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use crate::domain::{Position, Time, UnitId};
use crate::wire::{UnitRow, UnitView};

use super::caching::wants_geojson;
use super::geojson;
use super::params::Params;
use super::problem::ApiError;
use super::state::AppState;

/// Fixes an answer, if nobody says, and at most: a day at one a second.
const USUAL_FIXES: usize = 10_000;
const MOST_FIXES: usize = 86_400;

/// The longest time a track is told of, milliseconds: a week.
const LONGEST_MS: i64 = 7 * 86_400_000;

/// A unit and its newest fix.
#[derive(Debug, Serialize)]
pub struct UnitNow {
    unit: UnitView,
    fix: Option<UnitRow>,
}

/// One fix of a track.
#[derive(Debug, Serialize)]
struct Fix {
    at: Time,
    lon: f64,
    lat: f64,
    speed_mps: Option<f32>,
    course_deg: Option<f32>,
    accuracy_m: Option<f32>,
}

/// Answers every unit with its newest fix.
pub async fn list(
    State(app): State<AppState>,
    params: Params,
) -> Result<Json<Vec<UnitNow>>, ApiError> {
    params.only(&[])?;
    let units = app.inlet.ask(|engine| {
        let now = |(unit, fix): (&std::sync::Arc<_>, Option<&Position>)| {
            (std::sync::Arc::clone(unit), fix.copied())
        };
        engine.units().map(now).collect::<Vec<_>>()
    });
    let now = |(unit, fix): (std::sync::Arc<crate::domain::Unit>, Option<Position>)| UnitNow {
        fix: fix.map(|fix| UnitRow::of(&fix, unit.agency, unit.kind)),
        unit: UnitView::of(&unit),
    };
    Ok(Json(units.await?.into_iter().map(now).collect()))
}

/// Answers one unit by its code.
pub async fn get(
    State(app): State<AppState>,
    Path(code): Path<String>,
) -> Result<Json<UnitNow>, ApiError> {
    let id = number(&app, &code)?;
    let found = app.inlet.ask(move |engine| {
        let (unit, fix) = engine.unit(id)?;
        let fix = fix.map(|fix| UnitRow::of(fix, unit.agency, unit.kind));
        Some(UnitNow { unit: UnitView::of(unit), fix })
    });
    found.await?.map(Json).ok_or_else(|| ApiError::not_found(format!("unit “{code}”")))
}

/// Answers a unit's fixes taken `from` a time to before another (`to`), both
/// RFC 3339, oldest first.
pub async fn track(
    State(app): State<AppState>,
    Path(code): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&["from", "to", "limit"])?;
    let (from, to): (Time, Time) = (params.need("from")?, params.need("to")?);
    let limit = params.limit(USUAL_FIXES, MOST_FIXES)?;
    if to < from {
        return Err(ApiError::field("to", "is before from"));
    }
    if to.ms().saturating_sub(from.ms()) > LONGEST_MS {
        return Err(ApiError::field("to", "is more than seven days after from"));
    }
    let id = number(&app, &code)?;
    let fixes = app.store.track(id, from, to, limit).await?;
    if wants_geojson(&headers) {
        let line: Vec<_> = fixes.iter().map(|fix| [fix.point.lng(), fix.point.lat()]).collect();
        let times: Vec<_> = fixes.iter().map(|fix| fix.at).collect();
        // A line needs two points.
        let geometry = (line.len() > 1)
            .then(|| serde_json::json!({"type": "LineString", "coordinates": line}));
        let feature = serde_json::json!({
            "type": "Feature",
            "properties": {"unit": code, "times": times},
            "geometry": geometry,
        });
        return Ok(geojson::collection(std::iter::once(feature)));
    }
    let fixes: Vec<Fix> = fixes.iter().map(Fix::of).collect();
    Ok(geojson::json(&serde_json::json!({ "unit": code, "fixes": fixes })))
}

impl Fix {
    fn of(fix: &Position) -> Self {
        Self {
            at: fix.at,
            lon: fix.point.lng(),
            lat: fix.point.lat(),
            speed_mps: fix.speed_mps,
            course_deg: fix.course_deg,
            accuracy_m: fix.accuracy_m,
        }
    }
}

fn number(app: &AppState, code: &str) -> Result<UnitId, ApiError> {
    let id = app.inlet.directory().get(code);
    id.ok_or_else(|| ApiError::not_found(format!("unit “{code}”")))
}
