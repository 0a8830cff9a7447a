//! `GET /connection/websocket`: the live door out.

use axum::Extension;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;

use crate::gate::Guest;
use crate::stream::Admission;

use super::asker::Asker;
use super::message::Messages;
use super::pass::Pass;
use super::problem::ApiError;
use super::socket::Received;
use super::state::AppState;

/// Lets a client of the stream in, with what its agency sees.
#[utoipa::path(
    get, path = "/connection/websocket",
    operation_id = "openStream", tag = "picture",
    responses(
        (status = 101, description = "The socket is open: see docs/stream.md."),
        (status = 429, description = "As many of your sockets are open as may be.")
    )
)]
pub async fn enter(
    State(app): State<AppState>,
    pass: Pass,
    received: Option<Extension<Received>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let socket = app.sockets.open(Asker::from(&*pass.viewer), app.sockets_of(&pass));
    let socket = socket.ok_or_else(ApiError::too_many_sockets)?;
    let Guest { viewer, out, seat } = app.gate.welcome(&pass.knock.credential, &pass.viewer);
    let admission = Admission { sight: viewer.sight(), out, seat };
    let received = received.map(|Extension(received)| received);
    Ok(app.live.enter(upgrade, admission, move |read| (Messages::new(read, received), socket)))
}
