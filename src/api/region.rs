//! `GET /api/v1/region`: what a page must know before it draws.

use axum::Json;
use axum::extract::State;

use crate::wire::RegionView;

use super::map;
use super::pages;
use super::problem::ApiError;
use super::state::AppState;

/// Answers the region, under the rules in force.
#[utoipa::path(
    get, path = "/api/v1/region",
    operation_id = "getRegion", tag = "map",
    responses((status = 200, description = "The region.", body = RegionView))
)]
pub async fn get(State(app): State<AppState>) -> Result<Json<RegionView>, ApiError> {
    let rules = app.rules().await?;
    let (tiles, build) = (app.tiles.clone(), pages::build());
    let display = map::display_layers(&app).await?;
    Ok(Json(RegionView::of(&app.region, &rules, tiles, display, app.driven_clock, build)))
}
