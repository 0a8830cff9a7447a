//! Whether the service lives, can work, and how it fares.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::problem::ApiError;
use super::state::AppState;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the pipeline and the store answer.
pub async fn ready(State(app): State<AppState>) -> Result<&'static str, ApiError> {
    app.inlet.ask(|_| ()).await?;
    app.store.head().await.map_err(|why| {
        tracing::warn!(error = %why, "the store does not answer");
        ApiError::unavailable("the store does not answer")
    })?;
    Ok("ready\n")
}

/// `GET /metrics`: as Prometheus reads it.
pub async fn metrics(State(app): State<AppState>) -> Response {
    metrics::gauge!("pilin_stream_clients")
        .set(u32::try_from(app.live.clients()).unwrap_or(u32::MAX));
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, app.metrics.render()).into_response()
}
