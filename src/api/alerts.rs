//! `/api/v1/alerts`: border alerts, and who could go there.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Sight;
use crate::domain::{Alert, AlertId, AlertState, Code, LngLat, Time, UnitId};
use crate::engine::ON_DUTY_MS;
use crate::wire::{AlertView, AlertsPage, NearUnit, NearUnits, SideUnits, UnitRow, UnitView};

use super::answers::{PAGE_BYTES, bytes_of};
use super::caching::wants_geojson;
use super::filter::Filter;
use super::geojson;
use super::params::{Params, fitting, number, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Alerts a page, if nobody says, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;

/// Ended alerts read at once, and looked at for one answer.
const AT_ONCE: u32 = 200;
const MOST_LOOKED_AT: usize = 4_000;

/// How far is looked for units if nobody says, metres.
const RADIUS_M: f64 = 10_000.0;

/// Units looked at for one alert, and named a side.
const UNITS_SEEN: usize = 2_000;
const UNITS_A_SIDE: usize = 5;

/// Answers the alerts of the live picture, the newest first; with `state=ended`
/// those that are over, newest end first. A page that is not the last names the
/// `cursor` of the next.
#[utoipa::path(
    get, path = "/api/v1/alerts",
    operation_id = "listAlerts", tag = "alerts",
    params(
        (
            "state" = Option<String>,
            Query,
            description = "`open`, `fading`, `unacknowledged` or `ended`"
        ),
        ("bbox" = Option<String>, Query, description = "`west,south,east,north`, degrees"),
        ("since" = Option<String>, Query, description = "Not over before it; RFC 3339"),
        ("until" = Option<String>, Query, description = "Raised before it; RFC 3339"),
        ("matter" = Option<String>, Query, description = "A matter's code"),
        ("jurisdiction" = Option<String>, Query, description = "Its code, of any level"),
        ("zone" = Option<String>, Query, description = "Its code"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "At most 1,000; 100 if not named")
    ),
    responses(
        (
            status = 200,
            description = "A page.",
            content((AlertsPage = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&[&Filter::PARAMS[..], &["state", "cursor", "limit"]].concat())?;
    let limit = params.limit(PAGE, LARGEST_PAGE)?;
    let filter = Filter::read(&params, &app)?;
    let geo = wants_geojson(&headers);
    let state = params.get::<String>("state")?;
    let wanted: fn(&Alert) -> bool = match state.as_deref() {
        None => |_| true,
        Some("open") => |alert| alert.state == AlertState::Open,
        Some("fading") => |alert| alert.state == AlertState::Fading,
        Some("unacknowledged") => |alert| lives(alert) && alert.acknowledged.is_none(),
        Some("ended") => {
            let after = params.get("cursor")?.unwrap_or(Ended::LATEST);
            let share = app.answers.share(&pass).await?;
            // One more than is told, to see whether there is a next page.
            let (ended, reached) = ended(&app, pass.sight(), &filter, after, limit + 1).await?;
            let reached = reached.map(|reached| reached.to_string());
            let tell =
                move || tell(&app, &ended, limit, |last| Ended::of(last).to_string(), reached, geo);
            return share.answer(tell).await;
        }
        Some(other) => {
            let reason = format!("“{other}” is none of open, fading, unacknowledged, ended");
            return Err(ApiError::field("state", reason));
        }
    };
    let after = params.get("cursor")?.map_or(AlertId(u64::MAX), AlertId);
    let share = app.answers.share(&pass).await?;
    let alerts: Vec<_> = app.inlet.ask(|engine| engine.alerts().cloned().collect()).await?;
    let tell = move || {
        let newest_first = alerts.into_iter().rev();
        let page: Vec<_> = newest_first
            .filter(|alert| alert.id < after && wanted(alert))
            .filter(|alert| is_told(&app, pass.sight(), &filter, alert))
            .take(limit + 1)
            .collect();
        tell(&app, &page, limit, |last| last.id.0.to_string(), None, geo)
    };
    share.answer(tell).await
}

/// Where a page of ended alerts stops: `MS.NUMBER`.
#[derive(Clone, Copy, Debug)]
struct Ended {
    at: Time,
    id: AlertId,
}

impl Ended {
    const LATEST: Self = Self { at: Time::from_ms(i64::MAX), id: AlertId(u64::MAX) };

    fn of(alert: &Alert) -> Self {
        Self { at: alert.ended_at.unwrap_or_default(), id: alert.id }
    }
}

impl Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.ms(), self.id.0)
    }
}

impl FromStr for Ended {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (at, id) = text.split_once('.')?;
            Some(Self { at: Time::from_ms(at.parse().ok()?), id: AlertId(id.parse().ok()?) })
        };
        read().ok_or("is no cursor of ended alerts")
    }
}

/// Alerts that ended, newest end first, as far as they are seen; and how far was looked,
/// if that was far enough for one answer.
async fn ended(
    app: &AppState,
    sight: Sight,
    filter: &Filter,
    mut after: Ended,
    most: usize,
) -> Result<(Vec<Arc<Alert>>, Option<Ended>), ApiError> {
    let mut found = Vec::new();
    for _ in 0..MOST_LOOKED_AT / AT_ONCE as usize {
        let page = app.store.ended_alerts((after.at, after.id), AT_ONCE).await?;
        let last = page.len() < AT_ONCE as usize;
        after = page.last().map_or(after, Ended::of);
        let seen = page.into_iter().filter(|alert| is_told(app, sight, filter, alert));
        found.extend(seen.map(Arc::new));
        if last || found.len() >= most {
            found.truncate(most);
            return Ok((found, None));
        }
    }
    Ok((found, Some(after)))
}

/// Whether an alert is asked for, and seen.
fn is_told(app: &AppState, sight: Sight, filter: &Filter, alert: &Alert) -> bool {
    filter.takes_alert(alert, &*app.names) && sight.sees_of(|| app.names.homes_of_alert(alert))
}

/// Answers the units on duty nearest to an alert, by the sides of its border.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}/units",
    operation_id = "listUnitsNearAlert", tag = "alerts",
    params(
        ("id" = u64, Path, description = "Its number"),
        ("radius_m" = Option<f64>, Query, description = "Metres; 10,000 if not named")
    ),
    responses((status = 200, description = "The units.", body = NearUnits))
)]
pub async fn units(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<NearUnits>, ApiError> {
    let params = params.only(&["radius_m"])?;
    let radius_m = params.get("radius_m")?.unwrap_or(RADIUS_M);
    if !(radius_m > 0.0 && radius_m <= 100_000.0) {
        return Err(ApiError::field("radius_m", "must be above 0 and at most 100 000"));
    }
    let (alert, _) = app.alert(&pass, alert_id(&id)?).await?;
    let center = alert.center;
    let now = app.inlet.now();
    let near = app.inlet.ask(move |engine| {
        let since = now.unwrap_or_else(|| engine.now()) - ON_DUTY_MS;
        let near = engine.units_near(center, radius_m, since, UNITS_SEEN).into_iter();
        let known = near.filter_map(|(id, distance_m): (UnitId, f64)| {
            let (unit, fix) = engine.unit(id)?;
            let point = fix?.point;
            let fix = UnitRow::of(fix?, unit.agency, unit.kind);
            Some((unit.agency, point, NearUnit { unit: UnitView::of(unit), fix, distance_m }))
        });
        known.collect::<Vec<(Code, LngLat, NearUnit)>>()
    });
    let mut near = near.await?;
    near.retain(|(agency, at, _)| {
        pass.sight().sees_of(|| app.names.homes_of_unit(*agency, Some(*at)))
    });
    let level = app.level_of(&alert);
    let of_side = |agency, side| app.region.atlas.ancestor(agency, level) == Some(side);
    let sides = alert.sides.iter().map(|side| SideUnits {
        code: side.jurisdiction.to_string(),
        units: near
            .iter()
            .filter(|(agency, ..)| of_side(*agency, side.jurisdiction))
            .map(|(.., unit)| unit.clone())
            .take(UNITS_A_SIDE)
            .collect(),
    });
    Ok(Json(NearUnits { radius_m, sides: sides.collect() }))
}

pub(super) const fn lives(alert: &Alert) -> bool {
    matches!(alert.state, AlertState::Open | AlertState::Fading)
}

pub(super) fn over(id: AlertId) -> ApiError {
    ApiError::conflict(format!("alert {} is over", id.0))
}

pub(super) fn alert_id(text: &str) -> Result<AlertId, ApiError> {
    number("alert", text).map(AlertId)
}

/// Tells a page of alerts, and where the next begins if more were found, or not all was
/// looked at.
fn tell(
    app: &AppState,
    found: &[Arc<Alert>],
    limit: usize,
    cursor: impl Fn(&Alert) -> String,
    reached: Option<String>,
    geo: bool,
) -> Response {
    let limit = fitting(found, limit, PAGE_BYTES, |alert| bytes(alert));
    let (told, next) = page(found, limit, |last| cursor(last));
    let next = next.or(reached);
    let views = told.iter().map(|alert| AlertView::of(alert, &*app.names));
    if geo {
        geojson::page(views.map(|view| geojson::alert(&view)), next.as_deref())
    } else {
        geojson::json(&AlertsPage { alerts: views.collect(), next })
    }
}

/// Bytes of an alert in an answer, about.
fn bytes(alert: &Alert) -> usize {
    let ack = alert.acknowledged.as_ref().map_or(0, |ack| bytes_of(&ack.by) + bytes_of(&ack.note));
    let lists = alert.zones.len() + alert.sides.len() * 8 + alert.matters.len();
    1_500 + ack + 40 * alert.hull.len() + 40 * lists
}
