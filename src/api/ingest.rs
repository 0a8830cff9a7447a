//! The doors in: `POST /api/v1/incidents`, `positions`, `units`, and the socket
//! `/api/v1/ingest` for devices that stay connected. What they take and answer is
//! written in docs/ingest.md.

use std::sync::Arc;

use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::StreamExt;
use serde::Serialize;

use crate::access::{Deed, Kind, Viewer};
use crate::ingest::incident::IncidentIn;
use crate::ingest::position::PositionIn;
use crate::ingest::unit::UnitIn;
use crate::ingest::{self, Answer, FixOutcome, Format, IngestError, Kept, Outcome, Sender};
use crate::pipeline::Refused;

use super::asker::Asker;
use super::body::Body;
use super::message::Messages;
use super::pass::Pass;
use super::problem::ApiError;
use super::socket::Received;
use super::state::AppState;

/// Bytes read of a socket at once: a socket that rests holds so much.
const READ_AT_ONCE: usize = 16 << 10;

/// Takes reports.
#[utoipa::path(
    post, path = "/api/v1/incidents",
    operation_id = "postIncidents", tag = "ingest",
    request_body(
        content((Vec<IncidentIn> = "application/json"), (String = "application/x-ndjson")),
        description = "An array, one alone, or one a line."
    ),
    responses(
        (status = 200, description = "What came of each.", body = Outcome),
        (status = 202, description = "Kept: the store is away.", body = Kept)
    )
)]
pub async fn incidents(
    State(app): State<AppState>,
    pass: Pass,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Answer<Outcome>, ApiError> {
    Ok(app.desk.incidents(&sender(&app, &pass, Kind::Incident), &body, format(&headers)).await?)
}

/// Takes fixes.
#[utoipa::path(
    post, path = "/api/v1/positions",
    operation_id = "postPositions", tag = "ingest",
    request_body(
        content((Vec<PositionIn> = "application/json"), (String = "application/x-ndjson")),
        description = "An array, one alone, or one a line."
    ),
    responses(
        (status = 200, description = "What came of each.", body = FixOutcome),
        (status = 202, description = "Kept: the store is away.", body = Kept)
    )
)]
pub async fn positions(
    State(app): State<AppState>,
    pass: Pass,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Answer<FixOutcome>, ApiError> {
    Ok(app.desk.positions(&sender(&app, &pass, Kind::Position), &body, format(&headers)).await?)
}

/// Takes registrations.
#[utoipa::path(
    post, path = "/api/v1/units",
    operation_id = "postUnits", tag = "ingest",
    request_body(
        content((Vec<UnitIn> = "application/json"), (String = "application/x-ndjson")),
        description = "An array, one alone, or one a line."
    ),
    responses(
        (status = 200, description = "What came of each.", body = Outcome),
        (status = 202, description = "Kept: the store is away.", body = Kept)
    )
)]
pub async fn units(
    State(app): State<AppState>,
    pass: Pass,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Answer<Outcome>, ApiError> {
    Ok(app.desk.units(&sender(&app, &pass, Kind::Unit), &body, format(&headers)).await?)
}

/// Opens a socket for a device that stays connected.
#[utoipa::path(
    get, path = "/api/v1/ingest",
    operation_id = "openIngest", tag = "ingest",
    responses(
        (status = 101, description = "The socket is open: see docs/ingest.md."),
        (status = 429, description = "As many of your sockets are open as may be.")
    )
)]
pub async fn socket(
    State(app): State<AppState>,
    pass: Pass,
    received: Option<Extension<Received>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let own = app.sockets.open(Asker::from(&*pass.viewer), app.sockets_of(&pass));
    let own = own.ok_or_else(ApiError::too_many_sockets)?;
    let seat = app.desk.seat();
    let seat = seat.ok_or_else(|| ApiError::unavailable("as many sockets are open as may be"))?;
    let most = app.desk.limits().message_bytes;
    let (desk, stop) = (Arc::clone(&app.desk), app.stop.clone());
    let guest = app.gate.welcome(&pass.knock.credential, &pass.viewer);
    let sender = Sender { entry: None, ..sender(&app, &pass, Kind::Position) };
    let received = received.map(|Extension(received)| received);
    let upgrade = upgrade.max_message_size(most).max_frame_size(most);
    let upgrade = upgrade.read_buffer_size(READ_AT_ONCE).write_buffer_size(0);
    Ok(upgrade.on_upgrade(async move |socket| {
        let (write, read) = socket.split();
        let read = Messages::new(read, received);
        ingest::talk(&desk, &sender, (&stop, &guest.out), write, read).await;
        drop((seat, guest, own));
    }))
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Stored(outcome) => Json(outcome).into_response(),
            Self::Kept(kept) => (StatusCode::ACCEPTED, Json(kept)).into_response(),
        }
    }
}

impl From<IngestError> for ApiError {
    fn from(why: IngestError) -> Self {
        match why {
            IngestError::Empty | IngestError::Syntax(_) | IngestError::NoItems => {
                Self::field("body", why)
            }
            IngestError::TooMany { .. } => Self::too_large(why),
            IngestError::TooFast { retry_after } => {
                let seconds = retry_after.as_secs_f64().ceil().max(1.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole seconds, cut off at the most there can be"
                )]
                Self::too_many(why, seconds as u32)
            }
            IngestError::Refused(why) => Refused::into(why),
        }
    }
}

fn sender(app: &AppState, pass: &Pass, kind: Kind) -> Sender {
    let person = matches!(*pass.viewer, Viewer::Person(_));
    Sender {
        address: pass.knock.whence.counted_at(),
        viewer: Arc::clone(&pass.viewer),
        entry: person.then(|| pass.entry(app, Deed::Ingest(kind), "a batch")),
    }
}

fn format(headers: &HeaderMap) -> Format {
    Format::of(headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()))
}
