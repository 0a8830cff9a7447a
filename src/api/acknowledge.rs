//! `POST /api/v1/alerts/{id}/acknowledge`: who answers for an alert.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::access::Deed;
use crate::domain::{Act, Alert};
use crate::pipeline::{Submission, Verdicts};
use crate::store::{Since, Subject};
use crate::wire::{AlertDetail, AlertView};

use super::alerts::{alert_id, detail, lives, over};
use super::body::{Body, json as read};
use super::caching::{self, is_as_seen};
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// How often it is tried to answer for an alert, while others do so.
const ATTEMPTS: usize = 8;

/// Who answers for an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    by: Option<String>,
    #[serde(default)]
    note: String,
}

/// Somebody answers for an alert; asked twice by the same one, nothing changes.
/// Who says so last answers for it; its history names all. Who says by `If-Match` what
/// was seen of the alert answers for nothing else. An account may say so sixty times a
/// minute.
/// Where there are accounts it is whoever has signed in, whatever the body says.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/acknowledge",
    operation_id = "acknowledgeAlert", tag = "alerts",
    params(
        ("id" = u64, Path, description = "Its number"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the alert as it was read")
    ),
    request_body = Acknowledgement,
    responses(
        (status = 200, description = "The alert as it stands now.", body = AlertView),
        (status = 409, description = "The alert is over."),
        (status = 412, description = "The alert has changed since `If-Match`; its `ETag`."),
        (status = 429, description = "More than sixty a minute.")
    )
)]
pub async fn post(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<AlertView>, ApiError> {
    let Acknowledgement { by, note } = read(&body)?;
    let by = match pass.person() {
        Ok(person) => person.display.to_string(),
        Err(_) => by.unwrap_or_default().trim().to_owned(),
    };
    if by.is_empty() || by.chars().count() > 100 || by.contains(char::is_control) {
        return Err(ApiError::field("by", "must be 1 to 100 characters on one line"));
    }
    let unprintable = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if note.chars().count() > 1_000 || note.contains(unprintable) {
        return Err(ApiError::field("note", "must be at most 1,000 printable characters"));
    }
    let id = alert_id(&id)?;
    let is_so = |alert: &Alert| {
        let known = alert.acknowledged.as_ref();
        known.is_some_and(|known| known.by == by && known.note == note)
    };
    let target = format!("alert {}", id.0);
    for _ in 0..ATTEMPTS {
        let ((), offset) = app.inlet.ask_at(|_| ()).await?;
        let (alert, homes) = app.alert(&pass, id).await?;
        if !pass.sight().takes_part(&homes) {
            let why = "your agency takes no part in this alert";
            return Err(pass.refuse(&app, Deed::Acknowledge, &target, why).await);
        }
        if headers.contains_key(header::IF_MATCH) {
            let seen = tag_of(&detail(&app, &pass, &alert, &homes).await?);
            if !is_as_seen(&headers, &seen) {
                let why = format!("alert {} has changed since it was read", id.0);
                return Err(ApiError::overtaken(why, &seen));
            }
        }
        if is_so(&alert) {
            return Ok(Json(AlertView::of(&alert, &*app.names)));
        }
        if !lives(&alert) {
            return Err(over(id));
        }
        if let Ok(person) = pass.person() {
            app.acts.check(person.account).map_err(|retry_after_s| {
                ApiError::too_many("more acts than an account may do a minute", retry_after_s)
            })?;
        }
        let mut entry = pass.entry(&app, Deed::Acknowledge, &target);
        let before = alert.acknowledged.as_ref();
        entry.before = before.map(|ack| json!({"by": ack.by, "note": ack.note}));
        entry.after = Some(json!({"by": by, "note": note}));
        let act = Act::Acknowledge { alert: id, by: by.clone(), note: note.clone() };
        let since = Since { offset, subject: Subject::Alert(id) };
        let receipt = app.inlet.send_since(Submission::Act(act), entry, since).await?;
        if receipt.verdicts == Verdicts::Overtaken {
            continue;
        }
        let (alert, _) = app.alert(&pass, id).await?;
        // It may have ended just before.
        if !lives(&alert) && !is_so(&alert) {
            return Err(over(id));
        }
        return Ok(Json(AlertView::of(&alert, &*app.names)));
    }
    Err(ApiError::unavailable("others are answering for the alert at the same time"))
}

/// The tag of an alert, as it is answered.
fn tag_of(detail: &AlertDetail) -> HeaderValue {
    // Texts and numbers: encoding them cannot fail.
    caching::tag(&serde_json::to_vec(detail).unwrap_or_default())
}
