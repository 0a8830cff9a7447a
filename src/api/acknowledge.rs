//! `/api/v1/alerts/{id}/acknowledge`: who answers for an alert.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::access::Deed;
use crate::domain::alert::Acknowledgement as Acknowledged;
use crate::domain::text::{self, TextError};
use crate::domain::{Act, Alert, Signer, WITHDRAW_MS};
use crate::pipeline::{Submission, Verdicts};
use crate::store::{Since, Subject};
use crate::wire::{AlertDetail, AlertView};

use super::alert::{Cursors, Detail};
use super::alerts::{alert_id, lives, over};
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
pub async fn acknowledge(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<AlertView>, ApiError> {
    let Acknowledgement { by, note } = read(&body)?;
    let signer = signer(&pass);
    let by = match pass.person() {
        // Displays were not always checked.
        Ok(person) => text::cleaned(&person.display),
        Err(_) => by.unwrap_or_default(),
    };
    let by = match text::label(&by, 100) {
        Ok(by) => by.into_owned(),
        Err(TextError::Empty | TextError::TooLong(_)) => {
            return Err(ApiError::field("by", "must be 1 to 100 characters on one line"));
        }
        Err(why) => return Err(ApiError::field("by", why)),
    };
    text::prose(&note, 1_000).map_err(|why| match why {
        TextError::TooLong(_) => ApiError::field("note", "must be at most 1,000 characters"),
        why => ApiError::field("note", why),
    })?;
    let id = alert_id(&id)?;
    let is_so = |alert: &Alert| {
        let known = alert.acknowledged.as_ref();
        known.is_some_and(|known| known.by == by && known.signer == signer && known.note == note)
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
            let share = app.answers.share(&pass).await?;
            let newest = Cursors::default();
            let detail = Detail::read(&app, &pass, Arc::clone(&alert), &homes, newest).await?;
            let seen = share.make(move || tag_of(&detail.view())).await?;
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
        entry.before = alert.acknowledged.as_ref().map(written);
        entry.after = Some(json!({"by": by, "note": note}));
        let (by, signer, note) = (by.clone(), signer.clone(), note.clone());
        let act = Act::AcknowledgeBy { alert: id, by, signer, note };
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

/// Takes an acknowledgement back, within 30 s by the server's clock, by the account that
/// made it (or, without accounts, by anybody). Whoever answered before does again.
#[utoipa::path(
    delete, path = "/api/v1/alerts/{id}/acknowledge",
    operation_id = "withdrawAcknowledgement", tag = "alerts",
    params(("id" = u64, Path, description = "Its number")),
    responses(
        (status = 200, description = "The alert as it stands now.", body = AlertView),
        (
            status = 409,
            description = "Nobody acknowledged the alert, 30 s are over, or the alert is."
        )
    )
)]
pub async fn withdraw(
    State(app): State<AppState>,
    pass: Pass,
    Path(id): Path<String>,
) -> Result<Json<AlertView>, ApiError> {
    let id = alert_id(&id)?;
    let ((), offset) = app.inlet.ask_at(|_| ()).await?;
    let (alert, _) = app.alert(&pass, id).await?;
    let target = format!("alert {}", id.0);
    if !lives(&alert) {
        return Err(over(id));
    }
    let Some(made) = alert.acknowledged.clone() else {
        return Err(ApiError::conflict(format!("nobody has acknowledged alert {}", id.0)));
    };
    let account = signer(&pass).map(|signer| signer.account);
    if made.signer.as_ref().map(|signer| signer.account) != account {
        let why = "the acknowledgement is another account's";
        return Err(pass.refuse(&app, Deed::Withdraw, &target, why).await);
    }
    let late = || {
        let seconds = WITHDRAW_MS / 1_000;
        ApiError::conflict(format!("an acknowledgement can be taken back for {seconds} s"))
    };
    if app.inlet.now().is_some_and(|now| !made.can_be_withdrawn(account, now)) {
        return Err(late());
    }
    let mut entry = pass.entry(&app, Deed::Withdraw, &target);
    entry.before = Some(written(&made));
    let act = Act::Withdraw { alert: id, account, acknowledged_at: made.at };
    let since = Since { offset, subject: Subject::Alert(id) };
    let receipt = app.inlet.send_since(Submission::Act(act), entry, since).await?;
    if receipt.verdicts == Verdicts::Overtaken {
        let why = format!("somebody else has acted on alert {} just now", id.0);
        return Err(ApiError::conflict(why));
    }
    let (alert, _) = app.alert(&pass, id).await?;
    // The time may have been over, or the alert, just before.
    if alert.acknowledged.as_ref() == Some(&made) {
        return Err(if lives(&alert) { late() } else { over(id) });
    }
    Ok(Json(AlertView::of(&alert, &*app.names)))
}

/// The account that asks, where there are accounts.
fn signer(pass: &Pass) -> Option<Signer> {
    let person = pass.person().ok()?;
    let (account, name) = (person.account.0, person.name.to_string());
    Some(Signer { account, name, agency: person.agency })
}

/// An acknowledgement as the audit log has it.
fn written(made: &Acknowledged) -> Value {
    let signer = made.signer.as_ref();
    json!({
        "by": made.by,
        "note": made.note,
        "account": signer.map(|signer| signer.account),
        "agency": signer.map(|signer| signer.agency.to_string()),
    })
}

/// The tag of an alert, as it is answered.
fn tag_of(detail: &AlertDetail) -> HeaderValue {
    // Texts and numbers: encoding them cannot fail.
    caching::tag(&serde_json::to_vec(detail).unwrap_or_default())
}
