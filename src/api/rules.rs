//! `GET` and `PUT /api/v1/rules`: when incidents make a cluster, and a cluster an
//! alert.

use std::str;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::access::Deed;
use crate::domain::RuleSet;
use crate::pipeline::{Submission, Verdicts};
use crate::region::{rules_from_json, rules_from_toml};
use crate::store::{Since, Subject};

use super::body::Body;
use super::caching;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// How often it is tried to replace the rules that are in force, while others do so.
const ATTEMPTS: usize = 8;

/// Answers the rules in force, in the form in which they can be put.
#[utoipa::path(
    get, path = "/api/v1/rules",
    operation_id = "getRules", tag = "service",
    responses((status = 200, description = "The rules in force.", body = Value))
)]
pub async fn get(State(app): State<AppState>) -> Result<Json<Value>, ApiError> {
    Ok(Json(sheet(&*app.rules().await?)))
}

/// Sets other rules, as TOML (`application/toml`) or JSON; alerts live on. Who says by
/// `If-Match` which rules are to be replaced replaces no others.
#[utoipa::path(
    put, path = "/api/v1/rules",
    operation_id = "setRules", tag = "service",
    request_body(
        content((Value = "application/json"), (String = "application/toml")),
        description = "A `rule` each, as data/rules.toml has them."
    ),
    params(
        ("If-Match" = Option<String>, Header, description = "`ETag` of the rules to be replaced")
    ),
    responses(
        (status = 200, description = "The rules now in force, with their `ETag`.", body = Value),
        (status = 412, description = "Other rules are in force than `If-Match` says; their `ETag`."),
        (status = 415, description = "Neither JSON nor TOML.")
    )
)]
pub async fn put(
    State(app): State<AppState>,
    pass: Pass,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let text = str::from_utf8(&body).map_err(|why| ApiError::field("body", why))?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let catalogue = &app.region.catalogue;
    let rules = match kind {
        "application/json" => rules_from_json(text, catalogue),
        "application/toml" | "text/plain" | "" => rules_from_toml(text, catalogue),
        other => {
            let reason = format!("“{other}” is neither application/toml nor application/json");
            return Err(ApiError::media_type(reason));
        }
    };
    let rules = Arc::new(rules.map_err(|why| ApiError::field("rules", why))?);
    let after = sheet(&rules);
    for _ in 0..ATTEMPTS {
        let (now, offset) = app.inlet.ask_at(|engine| Arc::clone(engine.rules())).await?;
        let before = sheet(&now);
        let seen = tag_of(&before);
        if !caching::is_as_seen(&headers, &seen) {
            let why = "other rules are in force than those that were read";
            return Err(ApiError::overtaken(why, &seen));
        }
        let mut entry = pass.entry(&app, Deed::SetRules, "rules");
        entry.before = Some(before);
        entry.after = Some(after.clone());
        let submission = Submission::Rules { rules: Arc::clone(&rules), from_file: false };
        let since = Since { offset, subject: Subject::Rules };
        let receipt = app.inlet.send_since(submission, entry, since).await?;
        if receipt.verdicts != Verdicts::Overtaken {
            let tag = [(header::ETAG, caching::weak(&tag_of(&after)))];
            return Ok((tag, Json(after)).into_response());
        }
    }
    Err(ApiError::unavailable("others are setting rules at the same time"))
}

/// The tag of the rules, as they are answered.
fn tag_of(sheet: &Value) -> HeaderValue {
    caching::tag(sheet.to_string().as_bytes())
}

fn sheet(rules: &RuleSet) -> Value {
    let duration = |ms: i64| format!("{:#}", jiff::SignedDuration::from_millis(ms));
    let row = |rule: &crate::domain::Rule| {
        serde_json::json!({
            "id": rule.id,
            "name": rule.name,
            "name_en": rule.name_en,
            "matters": rule.matters,
            "window": duration(rule.window_ms),
            "eps_m": rule.eps_m,
            "min_points": rule.min_points,
            "level": rule.level,
            "min_per_side": rule.min_per_side,
            "border_distance_m": rule.border_distance_m,
            "hold": duration(rule.hold_ms),
            "cooldown": duration(rule.cooldown_ms),
            "severity": rule.severity,
        })
    };
    serde_json::json!({ "rule": rules.rules().iter().map(row).collect::<Vec<_>>() })
}
