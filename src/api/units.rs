//! `/api/v1/units`: patrols and where they are.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Deed, Sight};
use crate::domain::{Position, Time, Unit, UnitId};
use crate::wire::{UnitRow, UnitView};

use super::answers::{PAGE_BYTES, bytes_of};
use super::caching::wants_geojson;
use super::geojson;
use super::params::{Params, fitting, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Fixes a page, if nobody says, and at most: a day at one a second.
const USUAL_FIXES: usize = 10_000;
const MOST_FIXES: usize = 86_400;

/// Bytes of a fix in an answer, about.
const FIX_BYTES: usize = 160;

/// Units a page.
const UNITS: usize = 10_000;

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
    /// `from` of the page with later ones; null if there are none.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    next: Option<Time>,
}

/// Answers every unit with its newest fix, in the order of registration; a page that is
/// not the last names the next in a `Link` (RFC 8288).
#[utoipa::path(
    get, path = "/api/v1/units",
    operation_id = "listUnits", tag = "picture",
    params(
        ("cursor" = Option<u32>, Query, description = "Only units with higher numbers"),
        ("limit" = Option<u32>, Query, description = "At most 10,000, as if not named")
    ),
    responses((status = 200, description = "The units.", body = Vec<UnitNow>))
)]
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
) -> Result<Response, ApiError> {
    let params = params.only(&["cursor", "limit"])?;
    let asked = params.limit(UNITS, UNITS)?;
    let after: u32 = params.get("cursor")?.unwrap_or(0);
    let share = app.answers.share(&pass).await?;
    let units = app.inlet.ask(move |engine| {
        let now = |(unit, fix): (&Arc<Unit>, Option<&Position>)| (Arc::clone(unit), fix.copied());
        engine.units().filter(|(unit, _)| unit.id.0 > after).map(now).collect::<Vec<_>>()
    });
    let mut units = units.await?;
    let tell = move || {
        units.retain(|(unit, fix)| sees(&app, pass.sight(), unit, fix.as_ref()));
        let limit = fitting(&units, asked, PAGE_BYTES, |(unit, _)| bytes(unit));
        let (told, next) = page(&units, limit, |(last, _)| last.id.0.to_string());
        let told = told.iter().map(|(unit, fix)| UnitNow::of(unit, fix.as_ref()));
        let mut response = geojson::json(&told.collect::<Vec<_>>());
        let link = |next| format!("</api/v1/units?cursor={next}&limit={asked}>; rel=\"next\"");
        let next = next.map(link);
        // Digits are a header's value.
        if let Some(Ok(next)) = next.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::LINK, next);
        }
        response
    };
    share.answer(tell).await
}

/// Bytes of a unit in an answer, about.
fn bytes(unit: &Unit) -> usize {
    bytes_of(&unit.code) + bytes_of(&unit.name) + 300
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
/// another's those that lie where the viewer sees. A page that is not the last names
/// the time from which to ask on. Where somebody was is told to
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
    let limit = params.limit(USUAL_FIXES, MOST_FIXES)?.min(PAGE_BYTES / FIX_BYTES);
    if to < from {
        return Err(ApiError::field("to", "is before from"));
    }
    if to.ms().saturating_sub(from.ms()) > LONGEST_MS {
        return Err(ApiError::field("to", "is more than seven days after from"));
    }
    let target = format!("unit {code}");
    let share = app.answers.share(&pass).await?;
    // One more than is told, to see whether there is a next page.
    let found = seen_track(&app, pass.sight(), &code, from, to, limit + 1).await?;
    let Some((unit, fixes)) = found else {
        let word = Deed::SeeHistory.word();
        app.gate.denied(&pass.viewer, &pass.knock.whence, word, &target).await;
        return Err(unknown(&code));
    };
    let (told, later) = fixes.split_at(fixes.len().min(limit));
    let next = later.first().map(|fix| fix.at);
    let mut entry = pass.entry(&app, Deed::SeeHistory, &target);
    entry.about = Some(unit.agency);
    entry.after = Some(serde_json::json!({"from": from, "to": to, "fixes": told.len()}));
    app.gate.record(entry).await?;
    let (told, geo) = (told.to_vec(), wants_geojson(&headers));
    let tell = move || {
        if geo {
            let next = next.map(|at| at.to_string());
            return geojson::page(std::iter::once(line(&code, &told)), next.as_deref());
        }
        geojson::json(&TrackView { unit: code, fixes: told.iter().map(Fix::of).collect(), next })
    };
    share.answer(tell).await
}

/// A track as a line with times.
fn line(unit: &str, fixes: &[Position]) -> serde_json::Value {
    let line: Vec<_> = fixes.iter().map(|fix| [fix.point.lng(), fix.point.lat()]).collect();
    let times: Vec<_> = fixes.iter().map(|fix| fix.at).collect();
    // A line needs two points.
    let geometry =
        (line.len() > 1).then(|| serde_json::json!({"type": "LineString", "coordinates": line}));
    serde_json::json!({
        "type": "Feature",
        "properties": {"unit": unit, "times": times},
        "geometry": geometry,
    })
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
