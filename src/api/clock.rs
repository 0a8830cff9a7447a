//! `GET` and `PUT /api/v1/clock`: the server's time.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::access::{Deed, Viewer};
use crate::domain::Time;
use crate::pipeline::Submission;

use super::body::{Body, json};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// The server's time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hand {
    now: Time,
}

/// What the clock shows.
#[derive(Debug, Serialize)]
pub struct Face {
    /// The server's time; none while a driven clock is not set.
    now: Option<Time>,
    /// Whether it is set from outside.
    driven: bool,
}

/// Answers what the clock shows.
pub async fn get(State(app): State<AppState>) -> Json<Face> {
    Json(Face { now: app.inlet.now(), driven: app.driven_clock })
}

/// Moves a driven clock forward.
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
