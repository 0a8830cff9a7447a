//! `GET` and `PUT /api/v1/clock`: the server's time.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Deed, Viewer};
use crate::domain::Time;
use crate::pipeline::Submission;

use super::body::{Body, json};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// The server's time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClockHand)]
struct Hand {
    #[schema(value_type = String, format = DateTime)]
    now: Time,
}

/// What the clock shows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClockFace)]
pub struct Face {
    /// The server's time; none while a driven clock is not set.
    #[schema(value_type = Option<String>, format = DateTime)]
    now: Option<Time>,
    /// Whether it is set from outside.
    driven: bool,
}

/// Answers what the clock shows.
#[utoipa::path(
    get, path = "/api/v1/clock",
    operation_id = "getClock", tag = "service",
    responses((status = 200, description = "What the clock shows.", body = Face))
)]
pub async fn get(State(app): State<AppState>) -> Json<Face> {
    Json(Face { now: app.inlet.now(), driven: app.driven_clock })
}

/// Moves a driven clock forward.
#[utoipa::path(
    put, path = "/api/v1/clock",
    operation_id = "setClock", tag = "service",
    request_body = Hand,
    responses(
        (status = 200, description = "What the clock shows now.", body = Face),
        (status = 409, description = "The clock is the machine's own, or would go back.")
    )
)]
pub async fn put(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<Json<Face>, ApiError> {
    let Hand { now } = json(&body)?;
    // A simulation moves the clock several times a second: only where somebody can
    // be named is it written who does.
    let entry = (*pass.viewer != Viewer::Open).then(|| {
        let mut entry = pass.entry(&app, Deed::SetClock, "clock");
        entry.before = Some(serde_json::json!(app.inlet.now()));
        entry.after = Some(serde_json::json!(now));
        entry
    });
    app.inlet.send_told(Submission::Clock(now), entry).await?;
    Ok(get(State(app)).await)
}
