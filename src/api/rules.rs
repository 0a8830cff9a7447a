//! `GET` and `PUT /api/v1/rules`: when incidents make a cluster, and a cluster an
//! alert.

use std::str;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use serde_json::Value;

use crate::access::Deed;
use crate::domain::RuleSet;
use crate::pipeline::Submission;
use crate::region::{rules_from_json, rules_from_toml};

use super::body::Body;
use super::pass::Pass;
use super::problem::ApiError;
use super::state::AppState;

/// Answers the rules in force, in the form in which they can be put.
#[utoipa::path(
    get, path = "/api/v1/rules",
    operation_id = "getRules", tag = "service",
    responses((status = 200, description = "The rules in force.", body = Value))
)]
pub async fn get(State(app): State<AppState>) -> Result<Json<Value>, ApiError> {
    Ok(Json(sheet(&*app.rules().await?)))
}

/// Sets other rules, as TOML (`application/toml`) or JSON; alerts live on.
#[utoipa::path(
    put, path = "/api/v1/rules",
    operation_id = "setRules", tag = "service",
    request_body(
        content((Value = "application/json"), (String = "application/toml")),
        description = "A `rule` each, as data/rules.toml has them."
    ),
    responses(
        (status = 200, description = "The rules now in force.", body = Value),
        (status = 415, description = "Neither JSON nor TOML.")
    )
)]
pub async fn put(
    State(app): State<AppState>,
    pass: Pass,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
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
    let mut entry = pass.entry(&app, Deed::SetRules, "rules");
    entry.before = Some(sheet(&*app.rules().await?));
    entry.after = Some(sheet(&rules));
    let submission = Submission::Rules { rules: Arc::clone(&rules), from_file: false };
    app.inlet.send_told(submission, Some(entry)).await?;
    Ok(Json(sheet(&rules)))
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
