//! `DELETE /api/v1/units/{code}/track`: where a unit was is forgotten;
//! `DELETE /api/v1/incidents/{id}/texts`: so is what its reporter wrote.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::access::Deed;
use crate::domain::{Forget, IncidentId, TextErasure, Time};
use crate::pipeline::Submission;
use crate::pipeline::clock::LEAP_MS;

use super::incidents;
use super::params::{Params, number};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;
use super::units::{one, unknown};

/// Letters a reason may have.
const REASON: usize = 500;

/// What is being forgotten.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    /// Whose positions.
    unit: String,
    /// Those taken before this time.
    #[schema(value_type = String, format = DateTime)]
    before: Time,
    /// The batch that says so, by whose number the audit log tells that all is gone.
    batch: u64,
}

/// Erases where a unit of the admin's own jurisdiction was `before` a time (RFC 3339;
/// all there is, if none is named). What is shown forgets it at once; then it is taken
/// out of tracks and of the log, and the audit log tells when that is done and how
/// many positions it was. A position that is sent again later is a new one.
#[utoipa::path(
    delete, path = "/api/v1/units/{code}/track",
    operation_id = "eraseTrack", tag = "picture",
    params(
        ("code" = String, Path, description = "The agency's own key"),
        ("before" = Option<String>, Query, description = "RFC 3339; not in the future"),
        ("reason" = String, Query, description = "Why, for the audit log; 1 to 500 letters")
    ),
    responses((status = 202, description = "It is being erased.", body = Erasure))
)]
pub async fn track(
    State(app): State<AppState>,
    pass: Pass,
    Path(code): Path<String>,
    params: Params,
) -> Result<(StatusCode, Json<Erasure>), ApiError> {
    let params = params.only(&["before", "reason"])?;
    let reason = reason(&params)?;
    let (unit, fix) = one(&app, &code).await?;
    if !pass.reach(&app).holds(unit.agency) {
        return Err(unknown(&code));
    }
    // A position may lie so far in the future, and further if the clock was doubted.
    let end = app.inlet.now().map_or(Time::from_ms(0), |now| now + LEAP_MS + 1);
    let end = fix.map_or(end, |fix| end.max(fix.at + 1));
    let before = params.get::<Time>("before")?.unwrap_or(end);
    if before > end {
        return Err(ApiError::field("before", "is in the future"));
    }
    let mut entry = pass.entry(&app, Deed::EraseTrack, &format!("unit {code}"));
    entry.about = Some(unit.agency);
    entry.after = Some(json!({"before": before, "reason": reason}));
    let forget = Forget { unit: Some(unit.id), before };
    let receipt = app.inlet.send_told(Submission::Forget(forget), Some(entry)).await?;
    let erasure = Erasure { unit: code, before, batch: receipt.offset.0 };
    Ok((StatusCode::ACCEPTED, Json(erasure)))
}

/// Erases what the reporter wrote of an incident in the administrator's own jurisdiction,
/// and the references to pictures, out of the picture and out of the log. The incident
/// stays, and so does its name: sent again, it is a duplicate, and its texts are not taken.
#[utoipa::path(
    delete, path = "/api/v1/incidents/{id}/texts",
    operation_id = "eraseTexts", tag = "picture",
    params(
        ("id" = u64, Path, description = "Its number"),
        ("reason" = String, Query, description = "Why, for the audit log; 1 to 500 letters")
    ),
    responses((status = 204, description = "They are erased."))
)]
pub async fn texts(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    params: Params,
) -> Result<StatusCode, ApiError> {
    let reason = reason(&params.only(&["reason"])?)?;
    let incident = incidents::seen(&app, &pass, IncidentId(number("incident", &id)?)).await?;
    if !pass.sight().takes_part(&app.names.homes(incident.point)) {
        return Err(incidents::unknown(incident.id));
    }
    let mut entry = pass.entry(&app, Deed::EraseTexts, &format!("incident {}", incident.id.0));
    entry.after = Some(json!({"reason": reason}));
    let erasure = Submission::EraseTexts(TextErasure::Of(incident.id));
    app.inlet.send_told(erasure, Some(entry)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn reason(params: &Params) -> Result<String, ApiError> {
    let reason: String = params.need("reason")?;
    let reason = reason.trim();
    if !(1..=REASON).contains(&reason.chars().count()) {
        return Err(ApiError::field("reason", format!("must be 1 to {REASON} letters")));
    }
    Ok(reason.to_owned())
}
