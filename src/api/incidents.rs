//! `/api/v1/incidents`: reports.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::access::Sight;
use crate::domain::{Incident, IncidentId, MatterCode, Time};
use crate::wire::IncidentView;

use super::caching::wants_geojson;
use super::geojson;
use super::params::{Bbox, Params, number, page};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Incidents an answer, if nobody says, and at most.
const USUAL: usize = 1_000;
const MOST: usize = 50_000;

/// Incidents looked at between two batches; some milliseconds at most.
const AT_ONCE: usize = 20_000;

/// Which incidents are asked for.
#[derive(Clone, Debug)]
struct Wanted {
    bbox: Option<Bbox>,
    since: Option<Time>,
    matter: Option<MatterCode>,
}

impl Wanted {
    fn is(&self, incident: &Incident) -> bool {
        self.bbox.is_none_or(|bbox| bbox.holds(incident.point))
            && self.since.is_none_or(|since| incident.occurred_at >= since)
            && self.matter.as_ref().is_none_or(|matter| incident.matter == *matter)
    }
}

/// Answers the incidents of the live window, the last received first: within a box
/// (`bbox`), that occurred at or after a time (`since`, RFC 3339), of a `matter`.
/// A page that is not the last names the `cursor` of the next.
pub async fn list(
    State(app): State<AppState>,
    pass: Pass,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let params = params.only(&["bbox", "since", "matter", "cursor", "limit"])?;
    let bbox = params.bbox()?;
    let since = params.get::<Time>("since")?;
    let matter = params.get::<String>("matter")?;
    let limit = params.limit(USUAL, MOST)?;
    if let Some(unknown) = matter.as_deref().filter(|it| app.region.catalogue.get(it).is_none()) {
        return Err(ApiError::field("matter", format!("the catalogue has no “{unknown}”")));
    }
    let matter = matter.map(|matter| MatterCode::new(&matter));
    let below = params.get("cursor")?.map_or(IncidentId(u64::MAX), IncidentId);
    // One more than is told, to see whether there is a next page.
    let found = find(&app, pass.sight(), Wanted { bbox, since, matter }, below, limit + 1).await?;
    let (told, next) = page(&found, limit, |last| last.id.0.to_string());
    let views = told.iter().map(|incident| IncidentView::of(incident, &*app.names));
    Ok(if wants_geojson(&headers) {
        geojson::page(views.map(|view| geojson::incident(&view)), next.as_deref())
    } else {
        let incidents: Vec<_> = views.collect();
        geojson::json(&serde_json::json!({ "incidents": incidents, "next": next }))
    })
}

/// Looks for incidents a stretch at a time, so that batches go on in between.
async fn find(
    app: &AppState,
    sight: Sight,
    wanted: Wanted,
    mut below: IncidentId,
    most: usize,
) -> Result<Vec<Arc<Incident>>, ApiError> {
    let mut found = Vec::new();
    loop {
        let (wanted, lacking) = (wanted.clone(), most - found.len());
        let stretch = app.inlet.ask(move |engine| {
            let mut reached = None;
            let looked_at = engine.incidents_below(below).take(AT_ONCE);
            let looked_at = looked_at.inspect(|incident| reached = Some(incident.id));
            let good = looked_at.filter(|incident| wanted.is(incident)).take(lacking);
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
pub async fn get(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found(format!("incident “{id}”"));
    let found = app.store.incidents(vec![IncidentId(number("incident", &id)?)]).await?;
    let found = found.first().filter(|incident| sees(&app, pass.sight(), incident));
    let view = IncidentView::of(found.ok_or_else(unknown)?, &*app.names);
    let geo = wants_geojson(&headers);
    Ok(if geo { geojson::feature(&view) } else { geojson::json(&view) })
}
