//! The door: `GET /connection/websocket`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{Message, WebSocket};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::SplitStream;
use futures_util::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Sight;
use crate::wire::Problem;

use super::hub::Hub;
use super::picture::{Gallery, Source};
use super::session;

/// Bytes read of a client at once: its commands are a few hundred, and a client that
/// rests holds so much.
const READ_AT_ONCE: usize = 4 << 10;

/// What a client was let in with.
#[derive(Clone, Debug)]
pub struct Admission {
    /// What it sees.
    pub sight: Sight,
    /// Cancelled when it is to go.
    pub out: CancellationToken,
    /// Kept as long as it is here.
    pub seat: Arc<()>,
}

/// All that a client's conversation needs.
#[derive(Debug)]
pub struct Live<S> {
    pub(super) hub: Arc<Hub>,
    pub(super) source: Arc<S>,
    pub(super) gallery: Gallery,
    pub(super) stop: CancellationToken,
    sessions: TaskTracker,
    clients: AtomicUsize,
}

impl<S: Source> Live<S> {
    /// When `stop` is cancelled every client is sent away with 3001, to come back.
    /// Which origins may connect is for the server that holds the route to say.
    #[must_use]
    pub fn new(hub: Arc<Hub>, source: Arc<S>, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            hub,
            source,
            gallery: Gallery::default(),
            stop,
            sessions: TaskTracker::new(),
            clients: AtomicUsize::new(0),
        })
    }

    /// Lets a client in: answers the request of `GET /connection/websocket` from one
    /// who may hear what `admission` says. `watched` makes of its messages those that are
    /// heeded, and of what is to be kept as long as it is here.
    pub fn enter<R, E, K>(
        self: &Arc<Self>,
        upgrade: WebSocketUpgrade,
        admission: Admission,
        watched: impl FnOnce(SplitStream<WebSocket>) -> (R, K) + Send + 'static,
    ) -> Response
    where
        R: Stream<Item = Result<Message, E>> + Send + Unpin + 'static,
        E: Send + 'static,
        K: Send + 'static,
    {
        let limits = self.hub.limits();
        if self.clients() >= limits.clients {
            return full();
        }
        // Twice the limit, so that who is just above it can be told.
        let most = limits.message_bytes * 2;
        let (live, token) = (Arc::clone(self), self.sessions.token());
        let upgrade = upgrade.max_message_size(most).max_frame_size(most);
        let upgrade = upgrade.read_buffer_size(READ_AT_ONCE).write_buffer_size(0);
        upgrade.on_upgrade(async move |socket| {
            let _counted = Counted::new(&live.clients);
            let (write, read) = socket.split();
            let (read, kept) = watched(read);
            session::talk(&live, &admission, write, read).await;
            drop((token, kept));
        })
    }

    /// Waits, once stopped, until the last client has heard so.
    pub async fn finished(&self) {
        self.sessions.close();
        self.sessions.wait().await;
    }

    /// How many clients are connected.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }
}

/// Counts one client as long as it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(clients: &'a AtomicUsize) -> Self {
        clients.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("pilin_stream_clients").increment(1);
        Self(clients)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("pilin_stream_clients").decrement(1);
    }
}

/// Not now; there may be room in a moment.
fn full() -> Response {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let problem = Problem {
        kind: "urn:pilin:problem:unavailable",
        title: "not available just now",
        status: status.as_u16(),
        detail: "as many clients are connected as may be".to_owned(),
        field: None,
        reason: None,
        id: None,
    };
    // Texts and numbers: encoding them cannot fail.
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let kind = (header::CONTENT_TYPE, "application/problem+json");
    (status, [kind, (header::RETRY_AFTER, "1")], body).into_response()
}
