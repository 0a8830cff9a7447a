//! Whether the service lives, can work, and how it fares.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::pipeline::{Fitness, Held, Room};

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
    responses((status = 200, description = "It can work; says what is kept for the store, and why the clock is doubted.", body = String))
)]
pub async fn ready(State(app): State<AppState>) -> Result<String, ApiError> {
    told(app.inlet.fitness().await?).map_err(ApiError::unavailable)
}

fn told(fitness: Fitness) -> Result<String, String> {
    let Fitness { works, room, held: Held { items, bytes }, clock } = fitness;
    let kept = format!("{items} items wait for it in {bytes} bytes of the spool");
    let away = "the store does not answer";
    let clock = clock.map_or_else(String::new, |warning| format!("; {warning}"));
    match (works, room) {
        (true, _) if items == 0 => Ok(format!("ready{clock}\n")),
        (true, _) => Ok(format!("ready; the store is back, {kept}{clock}\n")),
        (false, Room::Some) => Ok(format!("ready; {away}, {kept}{clock}\n")),
        (false, Room::Full) => Err(format!("{away}, and the spool is full: {kept}")),
        (false, Room::Broken) => Err(format!("{away}, and nothing more can be kept: {kept}")),
        (false, Room::None) => Err(format!("{away}, and there is no spool")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;
    use crate::pipeline::clock::Warning;

    #[test]
    fn it_says_what_is_kept_and_why_no_more_is() {
        let held = Held { items: 30_000, bytes: 810_133 };
        let away = |room| told(Fitness { works: false, room, held, clock: None });
        assert!(away(Room::Some).unwrap().starts_with("ready; the store does not answer, 30000"));
        assert_eq!(
            away(Room::Full).unwrap_err(),
            "the store does not answer, and the spool is full: 30000 items wait for it in 810133 \
             bytes of the spool"
        );
        assert!(away(Room::None).unwrap_err().ends_with("there is no spool"));
        let back = told(Fitness { works: true, room: Room::Full, held, clock: None }).unwrap();
        assert!(back.starts_with("ready; the store is back, 30000 items"), "{back}");
        let held = Held::default();
        let well = Fitness { works: true, room: Room::None, held, clock: None };
        assert_eq!(told(well).unwrap(), "ready\n");
        let (log, now) = (Time::from_ms(90_000_000), Time::from_ms(0));
        let clock = Some(Warning::LogAhead { log, now });
        let doubted = told(Fitness { clock, ..well }).unwrap();
        assert!(doubted.starts_with("ready; the log ends at 1970-01-02T01:00:00"), "{doubted}");
    }
}
