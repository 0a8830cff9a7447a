//! `/api/v1/session/code`: walls let in by a code typed at a desk.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gate::Wall;
use crate::wire::{SessionView, WallCodeView};

use super::body::{Body, json};
use super::once::ToldOnce;
use super::pass::{Knock, Pass};
use super::problem::ApiError;
use super::session::welcome;
use super::state::AppState;

/// Gives a wall a code to show.
#[utoipa::path(
    post, path = "/api/v1/session/code",
    operation_id = "newWallCode", tag = "access",
    responses(
        (status = 200, description = "A code to show.", body = WallCodeView),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn code(
    State(app): State<AppState>,
    knock: Knock,
) -> Result<(ToldOnce, Json<WallCodeView>), ApiError> {
    if !app.gate.is_closed() {
        return Err(ApiError::conflict("the service has no accounts: a wall needs no code"));
    }
    let given = app.gate.wall_code(&knock.whence).await?;
    let (front, back) = given.code.split_at(given.code.len() / 2);
    let view = WallCodeView {
        code: format!("{front}-{back}"),
        claim: given.claim,
        ends_at: given.ends_at.ms(),
    };
    Ok((ToldOnce, Json(view)))
}

/// A wall that shows a code.
#[derive(Serialize, ToSchema)]
pub struct AskingWallView {
    /// From which address it asked for the code; null if it is not known here.
    address: Option<String>,
    /// With which program, as that says itself; null likewise.
    agent: Option<String>,
    /// When, ms since 1970; null likewise.
    at: Option<i64>,
}

/// Answers which wall shows a code, so that it is known before it is let in.
#[utoipa::path(
    get, path = "/api/v1/session/code/{code}",
    operation_id = "getAskingWall", tag = "access",
    params(("code" = String, Path, description = "As the wall shows it")),
    responses(
        (status = 200, description = "The wall that shows it.", body = AskingWallView),
        (status = 429, description = "Too much at once; `Retry-After` says when.")
    )
)]
pub async fn asking(
    State(app): State<AppState>,
    pass: Pass,
    Path(code): Path<String>,
) -> Result<Json<AskingWallView>, ApiError> {
    let wall = app.gate.asking_wall(pass.person()?, &code, &pass.knock.whence)?;
    Ok(Json(AskingWallView {
        address: wall.as_ref().and_then(|wall| wall.address).map(|address| address.to_string()),
        agent: wall.as_ref().map(|wall| wall.agent.clone()),
        at: wall.map(|wall| wall.at.ms()),
    }))
}

/// The wall that is let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewWall {
    name: String,
    #[serde(default)]
    display: String,
}

/// Lets the wall of a code in.
#[utoipa::path(
    post, path = "/api/v1/session/code/{code}/grant",
    operation_id = "admitWall", tag = "access",
    params(("code" = String, Path, description = "As the wall shows it")),
    request_body = NewWall,
    responses(
        (status = 204, description = "Let in."),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn grant(
    State(app): State<AppState>,
    pass: Pass,
    Path(code): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let NewWall { name, display } = json(&body)?;
    let whence = &pass.knock.whence;
    app.gate.admit_wall(pass.person()?, &code, (&name, &display), whence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a wall was let in.
#[derive(Serialize, ToSchema)]
struct ClaimView {
    granted: bool,
}

/// The secret behind a wall's code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WallClaim)]
struct Claim {
    claim: String,
}

/// Answers whether the wall was let in, and if so gives it its session.
#[utoipa::path(
    post, path = "/api/v1/session/code/claim",
    operation_id = "claimWall", tag = "access",
    request_body = Claim,
    responses(
        (
            status = 200,
            description = "The wall is in; the cookie is its session.",
            body = SessionView
        ),
        (status = 202, description = "Not yet.", body = ClaimView),
        (status = 404, description = "The code is over: begin again.")
    )
)]
pub async fn claim(
    State(app): State<AppState>,
    knock: Knock,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Claim { claim } = json(&body)?;
    Ok(match app.gate.claim_wall(&claim, &knock.whence).await? {
        Wall::Waiting => (StatusCode::ACCEPTED, Json(ClaimView { granted: false })).into_response(),
        Wall::In(signed_in) => welcome(&app, *signed_in, &knock),
    })
}
