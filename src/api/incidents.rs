//! `/api/v1/incidents`: reports.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::domain::{Incident, IncidentId, Time};
use crate::wire::IncidentView;

use super::caching::wants_geojson;
use super::geojson;
use super::params::Params;
use super::problem::ApiError;
use super::state::AppState;

/// Incidents an answer, if nobody says, and at most.
const USUAL: usize = 1_000;
const MOST: usize = 50_000;

/// Answers the incidents of the live window, newest first: within a box (`bbox`),
/// that occurred at or after a time (`since`, RFC 3339), of a `matter`.
pub async fn list(
    State(app): State<AppState>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&["bbox", "since", "matter", "limit"])?;
    let bbox = params.bbox()?;
    let since = params.get::<Time>("since")?;
    let matter = params.get::<String>("matter")?;
    let limit = params.limit(USUAL, MOST)?;
    if let Some(unknown) = matter.as_deref().filter(|it| app.region.catalogue.get(it).is_none()) {
        return Err(ApiError::field("matter", format!("the catalogue has no “{unknown}”")));
    }
    let all = app.inlet.ask(|engine| engine.incidents().cloned().collect::<Vec<_>>()).await?;
    let wanted = move |incident: &&Arc<Incident>| {
        bbox.is_none_or(|bbox| bbox.holds(incident.point))
            && since.is_none_or(|since| incident.occurred_at >= since)
            && matter.as_deref().is_none_or(|matter| incident.matter.as_str() == matter)
    };
    let views = all
        .iter()
        .rev()
        .filter(wanted)
        .take(limit)
        .map(|incident| IncidentView::of(incident, &*app.names));
    Ok(if wants_geojson(&headers) {
        geojson::collection(views.map(|view| geojson::incident(&view)))
    } else {
        geojson::json(&serde_json::json!({ "incidents": views.collect::<Vec<_>>() }))
    })
}

/// Answers one incident, however old.
pub async fn get(
    State(app): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found(format!("incident “{id}”"));
    let number = id.parse().map(IncidentId).map_err(|_no_number| unknown())?;
    let found = app.store.incidents(vec![number]).await?;
    let view = IncidentView::of(found.first().ok_or_else(unknown)?, &*app.names);
    let geo = wants_geojson(&headers);
    Ok(if geo { geojson::feature(&view) } else { geojson::json(&view) })
}
