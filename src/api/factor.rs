//! `/api/v1/session/factor`: one's own second factor.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::{FactorOffer, FactorView, RecoveryCodes};

use super::body::{Body, json};
use super::once::ToldOnce;
use super::pass::Pass;
use super::problem::ApiError;
use super::qr;
use super::state::AppState;

/// Answers what one has of a second factor.
#[utoipa::path(
    get, path = "/api/v1/session/factor",
    operation_id = "getFactor", tag = "access",
    responses((status = 200, description = "What there is.", body = FactorView))
)]
pub async fn get(State(app): State<AppState>, pass: Pass) -> Result<Json<FactorView>, ApiError> {
    let held = app.gate.held_factor(pass.person()?).await?;
    let (possible, enrolled) = (held.possible, held.enrolled);
    Ok(Json(FactorView { possible, enrolled, recovery_codes: held.recovery_codes }))
}

/// One's own password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    password: String,
}

/// Makes a second factor for an authenticator to take over; nothing of it is kept.
#[utoipa::path(
    post, path = "/api/v1/session/factor",
    operation_id = "offerFactor", tag = "access",
    request_body = OwnPassword,
    responses(
        (status = 200, description = "A factor, told once.", body = FactorOffer),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn post(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<(ToldOnce, Json<FactorOffer>), ApiError> {
    let OwnPassword { password } = json(&body)?;
    let offer = app.gate.offer_factor(pass.person()?, password, &pass.knock.whence).await?;
    let qr = qr::drawn(&offer.uri).map_err(|why| ApiError::internal(&why))?;
    Ok((ToldOnce, Json(FactorOffer { secret: offer.secret, uri: offer.uri, qr })))
}

/// A factor that an authenticator has taken over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    password: String,
    /// As `POST` told it.
    secret: String,
    /// What the authenticator shows.
    code: String,
}

/// Enrols it if its code fits, and ends one's other sessions.
#[utoipa::path(
    put, path = "/api/v1/session/factor",
    operation_id = "enrolFactor", tag = "access",
    request_body = Enrolment,
    responses(
        (status = 200, description = "Enrolled; the recovery codes are told once.", body = RecoveryCodes),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn put(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<(ToldOnce, Json<RecoveryCodes>), ApiError> {
    let Enrolment { password, secret, code } = json(&body)?;
    let (person, whence) = (pass.person()?, &pass.knock.whence);
    let codes = app.gate.enrol_factor(person, password, (&secret, &code), whence).await?;
    Ok((ToldOnce, Json(RecoveryCodes { recovery_codes: codes })))
}

/// One's own password, and a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Removal {
    password: String,
    /// A code of the second factor, or a recovery code.
    code: String,
}

/// Takes one's own second factor off, and ends one's other sessions.
#[utoipa::path(
    delete, path = "/api/v1/session/factor",
    operation_id = "removeFactor", tag = "access",
    request_body = Removal,
    responses(
        (status = 204, description = "Taken off."),
        (status = 409, description = "It cannot be done as things stand.")
    )
)]
pub async fn delete(
    State(app): State<AppState>,
    pass: Pass,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let Removal { password, code } = json(&body)?;
    app.gate.remove_factor(pass.person()?, password, &code, &pass.knock.whence).await?;
    Ok(StatusCode::NO_CONTENT)
}
