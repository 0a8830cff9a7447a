//! `/api/v1/incidents`: reports.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use serde_json::json;

use crate::access::{Deed, Sight};
use crate::domain::{Incident, IncidentId};
use crate::wire::{IncidentView, IncidentsPage};

use super::caching::wants_geojson;
use super::filter::Filter;
use super::geojson;
use super::params::{Params, number, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Incidents an answer, if nobody says, and at most.
const USUAL: usize = 1_000;
const MOST: usize = 50_000;

/// A page of more is taken out in bulk, and leaves an entry.
const BULK: usize = 1_000;

/// Incidents looked at between two batches; some milliseconds at most.
const AT_ONCE: usize = 20_000;

/// Answers the incidents of the live window, the last received first. A page that
/// is not the last names the `cursor` of the next.
#[utoipa::path(
    get, path = "/api/v1/incidents",
    operation_id = "listIncidents", tag = "picture",
    params(
        ("bbox" = Option<String>, Query, description = "`west,south,east,north`, degrees"),
        ("since" = Option<String>, Query, description = "Occurred at or after it; RFC 3339"),
        ("until" = Option<String>, Query, description = "Occurred before it; RFC 3339"),
        ("matter" = Option<String>, Query, description = "A matter's code"),
        ("jurisdiction" = Option<String>, Query, description = "Its code, of any level"),
        ("zone" = Option<String>, Query, description = "Its code"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "At most 50,000; 1,000 if not named")
    ),
    responses(
        (
            status = 200,
            description = "A page.",
            content((IncidentsPage = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&[&Filter::PARAMS[..], &["cursor", "limit"]].concat())?;
    let limit = params.limit(USUAL, MOST)?;
    let wanted = Filter::read(&params, &app)?;
    let below = params.get("cursor")?.map_or(IncidentId(u64::MAX), IncidentId);
    // One more than is told, to see whether there is a next page.
    let found = find(&app, pass.sight(), wanted, below, limit + 1).await?;
    let (told, next) = page(&found, limit, |last| last.id.0.to_string());
    if told.len() > BULK {
        let mut entry = pass.entry(&app, Deed::Export, "incidents");
        entry.after = Some(json!({"filter": params.told(), "incidents": told.len()}));
        app.gate.record(entry).await?;
    }
    let views = told.iter().map(|incident| pass.shown(IncidentView::of(incident, &*app.names)));
    Ok(if wants_geojson(&headers) {
        geojson::page(views.map(|view| geojson::incident(&view)), next.as_deref())
    } else {
        geojson::json(&IncidentsPage { incidents: views.collect(), next })
    })
}

/// Looks for incidents a stretch at a time, so that batches go on in between.
pub(super) async fn find(
    app: &AppState,
    sight: Sight,
    wanted: Filter,
    mut below: IncidentId,
    most: usize,
) -> Result<Vec<Arc<Incident>>, ApiError> {
    let mut found = Vec::new();
    loop {
        let (wanted, names) = (wanted.clone(), Arc::clone(&app.names));
        let lacking = most - found.len();
        let stretch = app.inlet.ask(move |engine| {
            let mut reached = None;
            let looked_at = engine.incidents_below(below).take(AT_ONCE);
            let looked_at = looked_at.inspect(|incident| reached = Some(incident.id));
            let good = looked_at.filter(|incident| wanted.takes(incident, &*names)).take(lacking);
            let good: Vec<_> = good.cloned().collect();
            (good, reached)
        });
        let (good, reached) = stretch.await?;
        found.extend(good.into_iter().filter(|incident| sees(app, sight, incident)));
        match reached {
            Some(reached) if found.len() < most => below = reached,
            _ => return Ok(found),
        }
    }
}

fn sees(app: &AppState, sight: Sight, incident: &Incident) -> bool {
    sight.sees_of(|| app.names.homes(incident.point))
}

/// Answers one incident, however old.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}",
    operation_id = "getIncident", tag = "picture",
    params(("id" = u64, Path, description = "Its number")),
    responses(
        (
            status = 200,
            description = "The incident.",
            content((IncidentView = "application/json"), (Value = "application/geo+json"))
        )
    )
)]
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = seen(&app, &pass, IncidentId(number("incident", &id)?)).await?;
    let view = pass.shown(IncidentView::of(&found, &*app.names));
    let geo = wants_geojson(&headers);
    Ok(if geo { geojson::feature(&view) } else { geojson::json(&view) })
}

/// An incident, if it is seen.
pub(super) async fn seen(
    app: &AppState,
    pass: &Pass,
    id: IncidentId,
) -> Result<Incident, ApiError> {
    let found = app.store.incidents(vec![id]).await?.pop();
    let found = found.filter(|incident| sees(app, pass.sight(), incident));
    found.ok_or_else(|| unknown(id))
}

/// There is no such incident, or it is not seen.
pub(super) fn unknown(id: IncidentId) -> ApiError {
    ApiError::not_found(format!("incident “{}”", id.0))
}
