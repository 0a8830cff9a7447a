//! Whether the service lives, can work, and how it fares.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

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

/// `GET /readyz`: the pipeline and the store answer.
#[utoipa::path(
    get, path = "/readyz",
    operation_id = "isReady", tag = "service",
    responses((status = 200, description = "It can work.", body = String))
)]
pub async fn ready(State(app): State<AppState>) -> Result<&'static str, ApiError> {
    app.inlet.ask(|_| ()).await?;
    app.store.head().await.map_err(|why| {
        tracing::warn!(error = %why, "the store does not answer");
        ApiError::unavailable("the store does not answer")
    })?;
    Ok("ready\n")
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
