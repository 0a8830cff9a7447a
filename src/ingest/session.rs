//! The socket for devices that stay connected.
//!
//! One message is one batch, `{"id":7,"positions":[…]}`, and each is answered by
//! one message with its id once it is durable. Batches of one socket are taken
//! one after the other, in their order, so a unit may be registered in one and
//! seen in the next; who sends faster than that is held back by the socket.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, close_code};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use serde::Serialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::access::{Deed, Kind, may};

use super::desk::{Desk, Sender};
use super::error::IngestError;
use super::format::Format;
use super::frame::Frame;

/// After so long without a word the device is asked whether it is there; after
/// twice as long it is taken to be gone.
const QUIET: Duration = Duration::from_secs(30);
/// How long it may take to read an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a conversation ends, as the device is told.
type End = Option<(u16, &'static str)>;

#[derive(Serialize)]
struct Reply<T> {
    id: Option<u64>,
    #[serde(flatten)]
    what: T,
}

#[derive(Serialize)]
struct Failure {
    error: Problem,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

/// Takes the batches of one device until it leaves, falls silent, is signed out
/// (`out`), or the service stops; what it has sent by then is taken and answered.
pub async fn talk<W, R, E>(
    desk: &Desk,
    from: &Sender,
    (stop, out): (&CancellationToken, &CancellationToken),
    mut write: W,
    mut read: R,
) where
    W: Sink<Message> + Unpin,
    R: Stream<Item = Result<Message, E>> + Unpin,
{
    let end = listen(desk, from, (stop, out), &mut write, &mut read).await;
    let farewell = async {
        if let Some((code, reason)) = end {
            let frame = CloseFrame { code, reason: reason.into() };
            if write.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
            // A socket dropped with unread bytes in it could take the reason back.
            while let Some(Ok(_)) = read.next().await {}
        } else {
            drop(write.close().await);
        }
    };
    // Who does not want to hear the reason is left without it.
    let _ = timeout(PATIENCE, farewell).await;
}

async fn listen<W, R, E>(
    desk: &Desk,
    from: &Sender,
    (stop, out): (&CancellationToken, &CancellationToken),
    write: &mut W,
    read: &mut R,
) -> End
where
    W: Sink<Message> + Unpin,
    R: Stream<Item = Result<Message, E>> + Unpin,
{
    let mut asked = false;
    loop {
        let heard = tokio::select! {
            biased;
            () = stop.cancelled() => return Some((close_code::AWAY, "the service is stopping")),
            () = out.cancelled() => return Some((close_code::POLICY, "signed out")),
            heard = timeout(QUIET, read.next()) => heard,
        };
        let answer = match heard {
            Err(_) if asked => return Some((close_code::POLICY, "no answer to ping")),
            Err(_) => {
                asked = true;
                Message::Ping(Vec::new().into())
            }
            Ok(Some(Ok(message))) => {
                asked = false;
                let bytes = match &message {
                    Message::Text(text) => text.as_bytes(),
                    Message::Binary(bytes) => bytes,
                    Message::Ping(_) | Message::Pong(_) => continue,
                    Message::Close(_) => return None,
                };
                if bytes.len() > desk.limits().message_bytes {
                    return Some((close_code::SIZE, "message too big"));
                }
                Message::Text(take(desk, from, bytes).await.into())
            }
            Ok(None) => return None,
            // Most likely over the bound of the socket itself; if it is broken,
            // saying so does no harm.
            Ok(Some(Err(_))) => return Some((close_code::SIZE, "message too big, or unreadable")),
        };
        match timeout(PATIENCE, write.send(answer)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some((close_code::POLICY, "answers are not read")),
        }
    }
}

/// Takes one batch, and says what came of it.
async fn take(desk: &Desk, from: &Sender, message: &[u8]) -> String {
    let Frame { id, kind, items } = match Frame::read(message) {
        Ok(frame) => frame,
        Err(why) => return failure(why.id, why.code, why.reason, None),
    };
    let id = Some(id);
    if let Err(why) = may(&from.viewer, Deed::Ingest(kind)) {
        return failure(id, "forbidden", why.to_string(), None);
    }
    let taken = match kind {
        Kind::Incident => {
            let items = desk.incidents(from, items, Format::Json);
            items.await.map(|what| text(&Reply { id, what }))
        }
        Kind::Position => {
            let items = desk.positions(from, items, Format::Json);
            items.await.map(|what| text(&Reply { id, what }))
        }
        Kind::Unit => {
            let items = desk.units(from, items, Format::Json);
            items.await.map(|what| text(&Reply { id, what }))
        }
    };
    taken.unwrap_or_else(|why: IngestError| {
        failure(id, why.code(), why.to_string(), why.retry_after())
    })
}

fn failure(
    id: Option<u64>,
    code: &'static str,
    reason: String,
    retry_after: Option<Duration>,
) -> String {
    let retry_after_ms =
        retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX) + 1);
    text(&Reply { id, what: Failure { error: Problem { code, reason, retry_after_ms } } })
}

fn text<T: Serialize>(answer: &T) -> String {
    // Our own shapes have text keys and whole numbers: writing them cannot fail.
    serde_json::to_string(answer).unwrap_or_default()
}
