//! `/api/v1/units`: patrols and where they are.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Deed, Sight};
use crate::domain::{Position, Time, Unit, UnitId};
use crate::wire::{UnitRow, UnitView};

use super::caching::wants_geojson;
use super::geojson;
use super::params::Params;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Fixes an answer, if nobody says, and at most: a day at one a second.
const USUAL_FIXES: usize = 10_000;
const MOST_FIXES: usize = 86_400;

/// The longest time a track is told of, milliseconds: a week.
const LONGEST_MS: i64 = 7 * 86_400_000;

/// A unit and its newest fix.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitNow {
    unit: UnitView,
    fix: Option<UnitRow>,
}

/// One fix of a track.
#[derive(Debug, Serialize, ToSchema)]
struct Fix {
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    lon: f64,
    lat: f64,
    speed_mps: Option<f32>,
    course_deg: Option<f32>,
    accuracy_m: Option<f32>,
}

/// Where a unit was.
#[derive(Debug, Serialize, ToSchema)]
struct TrackView {
    unit: String,
    fixes: Vec<Fix>,
}

/// Answers every unit with its newest fix.
#[utoipa::path(
    get, path = "/api/v1/units",
    operation_id = "listUnits", tag = "picture",
    responses((status = 200, description = "The units.", body = Vec<UnitNow>))
)]
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Json<Vec<UnitNow>>, ApiError> {
    params.only(&[])?;
    let units = app.inlet.ask(|engine| {
        let now = |(unit, fix): (&Arc<_>, Option<&Position>)| (Arc::clone(unit), fix.copied());
        engine.units().map(now).collect::<Vec<_>>()
    });
    let mut units = units.await?;
    units.retain(|(unit, fix)| sees(&app, pass.sight(), unit, fix.as_ref()));
    Ok(Json(units.iter().map(|(unit, fix)| UnitNow::of(unit, fix.as_ref())).collect()))
}

fn sees(app: &AppState, sight: Sight, unit: &Unit, fix: Option<&Position>) -> bool {
    sight.sees_of(|| app.names.homes_of_unit(unit.agency, fix.map(|fix| fix.point)))
}

/// Answers one unit by its code.
#[utoipa::path(
    get, path = "/api/v1/units/{code}",
    operation_id = "getUnit", tag = "picture",
    params(("code" = String, Path, description = "The agency's own key")),
    responses((status = 200, description = "The unit.", body = UnitNow))
)]
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(code): Path<String>,
) -> Result<Json<UnitNow>, ApiError> {
    let (unit, fix) = one(&app, &code).await?;
    if !sees(&app, pass.sight(), &unit, fix.as_ref()) {
        return Err(unknown(&code));
    }
    Ok(Json(UnitNow::of(&unit, fix.as_ref())))
}

/// Answers a unit's fixes taken `from` a time to before another (`to`), both
/// RFC 3339, oldest first: of a unit of the viewer's own jurisdiction all, of
/// another's those that lie where the viewer sees. Where somebody was is told to
/// nobody without an entry in the audit log.
#[utoipa::path(
    get, path = "/api/v1/units/{code}/track",
    operation_id = "getTrack", tag = "picture",
    params(
        ("code" = String, Path, description = "The agency's own key"),
        ("from" = String, Query, description = "RFC 3339"),
        ("to" = String, Query, description = "RFC 3339; at most seven days later"),
        ("limit" = Option<u32>, Query, description = "At most 86,400; 10,000 if not named")
    ),
    responses(
        (
            status = 200,
            description = "The fixes.",
            content((TrackView = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn track(
    State(app): State<AppState>,
    pass: Pass,
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
    let target = format!("unit {code}");
    let Some((unit, fixes)) = seen_track(&app, pass.sight(), &code, from, to, limit).await? else {
        let word = Deed::SeeHistory.word();
        app.gate.denied(&pass.viewer, &pass.knock.whence, word, &target).await;
        return Err(unknown(&code));
    };
    let mut entry = pass.entry(&app, Deed::SeeHistory, &target);
    entry.about = Some(unit.agency);
    entry.after = Some(serde_json::json!({"from": from, "to": to, "fixes": fixes.len()}));
    app.gate.record(entry).await?;
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
    let fixes = fixes.iter().map(Fix::of).collect();
    Ok(geojson::json(&TrackView { unit: code, fixes }))
}

/// The first `limit` fixes of a unit that are seen; `None` if there is no such unit, or
/// it is another's and nothing of it is seen. What is not seen counts nowhere, so that
/// no limit tells how much there is of it.
async fn seen_track(
    app: &AppState,
    sight: Sight,
    code: &str,
    mut from: Time,
    to: Time,
    limit: usize,
) -> Result<Option<(Arc<Unit>, Vec<Position>)>, ApiError> {
    let Some(id) = app.inlet.directory().get(code) else { return Ok(None) };
    let unit = app.inlet.ask(move |engine| engine.unit(id).map(|(unit, _)| Arc::clone(unit)));
    let Some(unit) = unit.await? else { return Ok(None) };
    let own = sight.takes_part(&app.names.homes_of_unit(unit.agency, None));
    let mut seen = Vec::new();
    loop {
        let page = app.store.track(id, from, to, USUAL_FIXES).await?;
        let last = page.last().map(|fix| fix.at).filter(|_| page.len() == USUAL_FIXES);
        seen.extend(page.into_iter().filter(|fix| own || sight.sees(&app.names.homes(fix.point))));
        match last {
            Some(last) if seen.len() < limit => from = last + 1,
            _ => break,
        }
    }
    seen.truncate(limit);
    Ok((own || !seen.is_empty()).then_some((unit, seen)))
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

impl UnitNow {
    fn of(unit: &Unit, fix: Option<&Position>) -> Self {
        let fix = fix.map(|fix| UnitRow::of(fix, unit.agency, unit.kind));
        Self { unit: UnitView::of(unit), fix }
    }
}

/// A unit of the live picture and its newest fix.
pub(super) async fn one(
    app: &AppState,
    code: &str,
) -> Result<(Arc<Unit>, Option<Position>), ApiError> {
    let id: UnitId = app.inlet.directory().get(code).ok_or_else(|| unknown(code))?;
    let found = app.inlet.ask(move |engine| {
        let (unit, fix) = engine.unit(id)?;
        Some((Arc::clone(unit), fix.copied()))
    });
    found.await?.ok_or_else(|| unknown(code))
}

pub(super) fn unknown(code: &str) -> ApiError {
    ApiError::not_found(format!("unit “{code}”"))
}
