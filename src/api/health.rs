//! Whether the service lives, can work, and how it fares.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::pipeline::{Fitness, Held};

use super::problem::ApiError;
use super::state::AppState;

/// `GET /healthz`: the process answers.
#[utoipa::path(
    get, path = "/healthz",
    operation_id = "isAlive", tag = "service",
    responses((status = 200, description = "It lives.", body = String))
)]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the pipeline answers, and what comes in is stored, or kept until it
/// can be.
#[utoipa::path(
    get, path = "/readyz",
    operation_id = "isReady", tag = "service",
    responses((status = 200, description = "It can work; says what is kept for the store.", body = String))
)]
pub async fn ready(State(app): State<AppState>) -> Result<String, ApiError> {
    let Fitness { works, keeps, held: Held { items, bytes } } = app.inlet.fitness().await?;
    let kept = format!("{items} items wait for it in {bytes} bytes of the spool");
    match (works, keeps) {
        (true, _) if items == 0 => Ok("ready\n".to_owned()),
        (true, _) => Ok(format!("ready; the store is back, {kept}\n")),
        (false, true) => Ok(format!("ready; the store does not answer, {kept}\n")),
        (false, false) => Err(ApiError::unavailable(format!("the store does not answer, {kept}"))),
    }
}

/// `GET /metrics`: as Prometheus reads it.
#[utoipa::path(
    get, path = "/metrics",
    operation_id = "getMetrics", tag = "service",
    responses((status = 200, description = "As Prometheus reads it.", body = String))
)]
pub async fn metrics(State(app): State<AppState>) -> Response {
    metrics::gauge!("pilin_stream_clients")
        .set(u32::try_from(app.live.clients()).unwrap_or(u32::MAX));
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, app.metrics.render()).into_response()
}
