//! `GET /connection/websocket`: the live door out.

use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;

use crate::gate::Guest;
use crate::stream::Admission;

use super::pass::Pass;
use super::state::AppState;

/// Lets a client of the stream in, with what its agency sees.
#[utoipa::path(
    get, path = "/connection/websocket",
    operation_id = "openStream", tag = "picture",
    responses((status = 101, description = "The socket is open: see docs/stream.md."))
)]
pub async fn enter(State(app): State<AppState>, pass: Pass, upgrade: WebSocketUpgrade) -> Response {
    let Guest { viewer, out, seat } = app.gate.welcome(&pass.knock.credential, &pass.viewer);
    app.live.enter(upgrade, Admission { sight: viewer.sight(), out, seat })
}
