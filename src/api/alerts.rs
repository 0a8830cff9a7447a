//! `/api/v1/alerts`: border alerts, why they were raised, who answers for them.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::access::{Deed, Sight};
use crate::domain::{
    Act, Alert, AlertId, AlertState, Code, Incident, IncidentId, LngLat, Offset, Time, UnitId,
};
use crate::engine::ON_DUTY_MS;
use crate::pipeline::Submission;
use crate::store::PastStep;
use crate::wire::{
    AlertDetail, AlertView, AlertsPage, IncidentView, NearUnit, NearUnits, RuleView, SideUnits,
    StepView, UnitRow, UnitView,
};

use super::answers::PAGE_BYTES;
use super::body::{Body, json as read};
use super::caching::wants_geojson;
use super::filter::Filter;
use super::geojson;
use super::incidents;
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

/// Members and steps of an alert a page.
const MEMBERS: usize = 1_000;
const STEPS: usize = 1_000;

/// Members read at once.
const MEMBERS_AT_ONCE: usize = 64;

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
            let next = |last: &Alert| Ended::of(last).to_string();
            let geo = wants_geojson(&headers);
            let reached = reached.map(|reached| reached.to_string());
            return share.make(move || tell(&app, &ended, limit, next, reached, geo)).await;
        }
        Some(other) => {
            let reason = format!("“{other}” is none of open, fading, unacknowledged, ended");
            return Err(ApiError::field("state", reason));
        }
    };
    let after = params.get("cursor")?.map_or(AlertId(u64::MAX), AlertId);
    let alerts: Vec<_> = app.inlet.ask(|engine| engine.alerts().cloned().collect()).await?;
    let share = app.answers.share(&pass).await?;
    let told = |alert: &Arc<Alert>| is_told(&app, pass.sight(), &filter, alert);
    let newest_first = alerts.into_iter().rev();
    let page: Vec<_> = newest_first
        .filter(|alert| alert.id < after && wanted(alert))
        .filter(told)
        .take(limit + 1)
        .collect();
    let geo = wants_geojson(&headers);
    let next = |last: &Alert| last.id.0.to_string();
    share.make(move || tell(&app, &page, limit, next, None, geo)).await
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

/// Answers one alert with its newest members and steps, a page of each; the older ones
/// by the cursors it names. Who takes part in it sees all members, others those that lie
/// where they see.
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}",
    operation_id = "getAlert", tag = "alerts",
    params(
        ("id" = u64, Path, description = "Its number"),
        (
            "members_before" = Option<String>,
            Query,
            description = "`members_next` of the page before"
        ),
        (
            "history_before" = Option<String>,
            Query,
            description = "`history_next` of the page before"
        )
    ),
    responses(
        (
            status = 200,
            description = "The alert.",
            content((AlertDetail = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&["members_before", "history_before"])?;
    let below = params.get("members_before")?.map_or(IncidentId(u64::MAX), IncidentId);
    let before = params.get("history_before")?.unwrap_or(Step::LATEST);
    let (alert, homes) = app.alert(&pass, alert_id(&id)?).await?;
    let share = app.answers.share(&pass).await?;
    let all = pass.sight().takes_part(&homes);
    let (members, members_next) = members(&app, pass.sight(), &alert, all, below).await?;
    if wants_geojson(&headers) {
        let made = share.make(move || {
            let names = &*app.names;
            let alert = geojson::alert(&AlertView::of(&alert, names));
            let members = members.iter().map(|member| IncidentView::of(member, names));
            let features = members.map(|member| geojson::incident(&member));
            geojson::page(std::iter::once(alert).chain(features), members_next.as_deref())
        });
        return made.await;
    }
    let rules = app.rules().await?;
    let most = u32::try_from(STEPS + 1).unwrap_or(u32::MAX);
    let history = app.store.alert_steps(alert.id, (before.offset, before.nth), most).await?;
    let made = share.make(move || {
        let names = &*app.names;
        let (history, history_next) = page(&history, STEPS, |last| Step::of(last).to_string());
        geojson::json(&AlertDetail {
            alert: AlertView::of(&alert, names),
            rule: rules.rules().iter().find(|rule| rule.id == alert.rule).map(RuleView::of),
            members: members.iter().map(|member| IncidentView::of(member, names)).collect(),
            members_next,
            history: history.iter().rev().map(step).collect(),
            history_next,
        })
    });
    made.await
}

/// The newest members of an alert below a number, the oldest first, as far as they are
/// seen and a page holds them; and where the next page begins, if there are more.
async fn members(
    app: &AppState,
    sight: Sight,
    alert: &Alert,
    all: bool,
    below: IncidentId,
) -> Result<(Vec<Incident>, Option<String>), ApiError> {
    let ids: Vec<IncidentId> = alert.members.below(below).take(MEMBERS + 1).collect();
    let (mut found, mut whole) = (Vec::new(), 0);
    let mut looked_at = 0;
    for some in ids[..ids.len().min(MEMBERS)].chunks(MEMBERS_AT_ONCE) {
        let incidents = app.store.incidents(some.to_vec()).await?;
        let seen = |member: &Incident| all || sight.sees(&app.names.homes(member.point));
        let seen = incidents.into_iter().filter(seen);
        found.extend(seen.inspect(|member| whole += incidents::bytes(member)));
        looked_at += some.len();
        if whole > PAGE_BYTES {
            break;
        }
    }
    found.reverse();
    let last = looked_at.checked_sub(1).filter(|_| looked_at < ids.len());
    Ok((found, last.map(|last| ids[last].0.to_string())))
}

/// Where a page of steps stops: `BATCH.PLACE`.
#[derive(Clone, Copy, Debug)]
struct Step {
    offset: Offset,
    nth: u32,
}

impl Step {
    /// Later than any that a store can hold.
    const LATEST: Self = Self { offset: Offset(i64::MAX.cast_unsigned()), nth: u32::MAX };

    const fn of(past: &PastStep) -> Self {
        Self { offset: past.offset, nth: past.nth }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.offset.0, self.nth)
    }
}

impl FromStr for Step {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (offset, nth) = text.split_once('.')?;
            let offset = i64::from_str(offset).ok().filter(|at| *at >= 0)?;
            Some(Self { offset: Offset(offset.cast_unsigned()), nth: nth.parse().ok()? })
        };
        read().ok_or("is no cursor of steps")
    }
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

/// Who answers for an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    by: Option<String>,
    #[serde(default)]
    note: String,
}

/// Somebody answers for an alert; asked twice by the same one, nothing changes.
/// Who says so last answers for it; its history names all.
/// Where there are accounts it is whoever has signed in, whatever the body says.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/acknowledge",
    operation_id = "acknowledgeAlert", tag = "alerts",
    params(("id" = u64, Path, description = "Its number")),
    request_body = Acknowledgement,
    responses(
        (status = 200, description = "The alert as it stands now.", body = AlertView),
        (status = 409, description = "The alert is over.")
    )
)]
pub async fn acknowledge(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<AlertView>, ApiError> {
    let Acknowledgement { by, note } = read(&body)?;
    let by = match pass.person() {
        Ok(person) => person.display.to_string(),
        Err(_) => by.unwrap_or_default().trim().to_owned(),
    };
    if by.is_empty() || by.chars().count() > 100 || by.contains(char::is_control) {
        return Err(ApiError::field("by", "must be 1 to 100 characters on one line"));
    }
    let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if note.chars().count() > 1_000 || note.contains(unprintable) {
        return Err(ApiError::field("note", "must be at most 1,000 printable characters"));
    }
    let id = alert_id(&id)?;
    let (alert, homes) = app.alert(&pass, id).await?;
    let target = format!("alert {}", id.0);
    if !pass.sight().takes_part(&homes) {
        let why = "your agency takes no part in this alert";
        return Err(pass.refuse(&app, Deed::Acknowledge, &target, why).await);
    }
    if !lives(&alert) {
        return Err(over(id));
    }
    let mut entry = pass.entry(&app, Deed::Acknowledge, &target);
    entry.before = alert.acknowledged.as_ref().map(|ack| json!({"by": ack.by, "note": ack.note}));
    entry.after = Some(json!({"by": by, "note": note}));
    let act = Act::Acknowledge { alert: id, by: by.clone(), note: note.clone() };
    app.inlet.send_told(Submission::Act(act), Some(entry)).await?;
    let (alert, _) = app.alert(&pass, id).await?;
    // It may have ended just before.
    let known = alert.acknowledged.as_ref();
    if !lives(&alert) && known.is_none_or(|known| known.by != by || known.note != note) {
        return Err(over(id));
    }
    Ok(Json(AlertView::of(&alert, &*app.names)))
}

fn lives(alert: &Alert) -> bool {
    matches!(alert.state, AlertState::Open | AlertState::Fading)
}

fn over(id: AlertId) -> ApiError {
    ApiError::conflict(format!("alert {} is over", id.0))
}

fn alert_id(text: &str) -> Result<AlertId, ApiError> {
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
    let bytes = |alert: &Arc<Alert>| 2_000 + 24 * alert.hull.len() + 24 * alert.zones.len();
    let limit = fitting(found, limit, bytes);
    let (told, next) = page(found, limit, |last| cursor(last));
    let next = next.or(reached);
    let views = told.iter().map(|alert| AlertView::of(alert, &*app.names));
    if geo {
        geojson::page(views.map(|view| geojson::alert(&view)), next.as_deref())
    } else {
        geojson::json(&AlertsPage { alerts: views.collect(), next })
    }
}

fn step(past: &PastStep) -> StepView {
    let detail = &past.detail;
    let ack = detail.acknowledged.as_ref();
    StepView {
        step: past.step,
        at: past.at.ms(),
        severity: detail.severity.grade(),
        members: detail.members,
        cores: detail.cores,
        sides: detail
            .sides
            .iter()
            .map(|side| (side.jurisdiction.to_string(), side.members))
            .collect(),
        by: ack.map(|ack| ack.by.clone()),
        note: ack.map(|ack| ack.note.clone()).filter(|note| !note.is_empty()),
        others: detail.others.iter().map(|id| id.0).collect(),
    }
}
