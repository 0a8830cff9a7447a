//! `/api/v1/incidents`: reports.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use crate::access::{Deed, Sight, may};
use crate::domain::{Incident, IncidentId};
use crate::wire::{IncidentView, IncidentsPage};

use super::answers::{PAGE_BYTES, bytes_of};
use super::caching::wants_geojson;
use super::filter::Filter;
use super::geojson;
use super::params::{Params, fitting, number, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Incidents a page, if nobody says and at most. A page of more is taken out in bulk: by
/// who may do so, and it leaves an entry.
const USUAL: usize = 1_000;
const BULK: usize = 50_000;

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
        (
            "limit" = Option<u32>,
            Query,
            description = "At most 1,000, as if not named; for who may export, 50,000"
        )
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
    let bulk = may(&pass.viewer, Deed::Export).is_ok();
    let limit = params.limit(USUAL, if bulk { BULK } else { USUAL })?;
    let wanted = Filter::read(&params, &app)?;
    let below = params.get("cursor")?.map_or(IncidentId(u64::MAX), IncidentId);
    let share = app.answers.share(&pass).await?;
    // One more than is told, to see whether there is a next page.
    let found = find(&app, pass.sight(), wanted, below, limit + 1).await?;
    let limit = fitting(&found, limit, PAGE_BYTES, |incident| bytes(incident));
    let told = found.len().min(limit);
    if told > USUAL {
        let mut entry = pass.entry(&app, Deed::Export, "incidents");
        entry.after = Some(json!({"filter": params.told(), "incidents": told}));
        app.gate.record(entry).await?;
    }
    let geo = wants_geojson(&headers);
    let tell = move || {
        let (told, next) = page(&found, limit, |last| last.id.0.to_string());
        let views = told.iter().map(|one| pass.shown(IncidentView::of(one, &*app.names)));
        if geo {
            geojson::page(views.map(|view| geojson::incident(&view)), next.as_deref())
        } else {
            geojson::json(&IncidentsPage { incidents: views.collect(), next })
        }
    };
    share.answer(tell).await
}

/// Bytes of an incident in an answer, about.
pub(super) fn bytes(incident: &Incident) -> usize {
    let texts = [&*incident.source, &*incident.external_id, &*incident.description];
    let media = incident.media.iter().map(|media| bytes_of(media));
    texts.into_iter().map(bytes_of).sum::<usize>() + media.sum::<usize>() + 400
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
