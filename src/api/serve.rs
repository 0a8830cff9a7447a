//! Connections: taken in, watched over, and drained when the doors shut.

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connections::{Bell, Busy, Connections, Seat};
use super::identity::Identity;
use super::routes::router;
use super::socket::{Received, Socket};
use super::state::AppState;

/// After so long without a word a connection is asked whether it lives.
const QUIET: Duration = Duration::from_secs(30);

/// How long requests under way, and sockets, may take to end once the doors shut.
const DRAIN: Duration = Duration::from_secs(10);

/// How long a request's head may take, and a connection rest between two.
const HEAD: Duration = Duration::from_secs(30);

/// How long a handshake of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Bytes of a request's head, and of what is read or written at once.
const BUFFER: usize = 64 << 10;

/// How long nothing more is taken in after the machine could not; and how often the log
/// says so.
const RESPITE: Duration = Duration::from_secs(1);
const SAY_EVERY: Duration = Duration::from_mins(1);

/// What every connection needs.
#[derive(Clone)]
struct House {
    doors: TowerToHyperService<Router>,
    tls: Option<TlsAcceptor>,
    /// Cancelled when the doors shut, and when those who are still here are cut.
    stop: CancellationToken,
    cut: CancellationToken,
}

/// Serves until `stop` is cancelled and every client has heard so, or did not
/// listen for too long. The caller owns the listener and the signal.
pub async fn serve(
    listener: TcpListener,
    app: AppState,
    stop: CancellationToken,
) -> io::Result<()> {
    let doors = router(&app, listener.local_addr()?.ip().is_loopback());
    let tls = app.tls.as_ref().map(Identity::acceptor).transpose();
    let cut = CancellationToken::new();
    let house = House {
        doors: TowerToHyperService::new(doors),
        tls: tls.map_err(io::Error::other)?,
        stop: stop.clone(),
        cut: cut.clone(),
    };
    // Whoever is still here when this ends goes with it.
    let _cut = cut.drop_guard();
    let (conversations, seated) = (TaskTracker::new(), app.clone());
    let served = async {
        take_in(listener, &app, &house, &conversations).await;
        conversations.close();
        conversations.wait().await;
        tokio::join!(seated.live.finished(), seated.desk.finished());
    };
    let drained = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        () = served => {}
        () = drained => tracing::warn!("connections that do not end are cut"),
    }
    Ok(())
}

/// Takes connections in until the doors shut.
async fn take_in(
    listener: TcpListener,
    app: &AppState,
    house: &House,
    conversations: &TaskTracker,
) {
    let limits = app.desk.limits();
    let most = Connections::bound(limits.connections);
    if most < limits.connections {
        tracing::info!(most, "so many connections at once: more files may not be open");
    }
    let all = Connections::new(most, limits.connections_of_address.min(most));
    let mut said: Option<Instant> = None;
    loop {
        let accepted = tokio::select! {
            () = house.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(why) if is_of_one_connection(&why) => continue,
            Err(why) => {
                metrics::counter!("pilin_accept_failed_total").increment(1);
                if said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
                    tracing::error!(error = %why, "no connection can be taken in; trying again");
                    said = Some(Instant::now());
                }
                tokio::select! {
                    () = house.stop.cancelled() => return,
                    () = tokio::time::sleep(RESPITE) => continue,
                }
            }
        };
        let network = (!app.proxies.trust(peer.ip())).then(|| peer.ip().into());
        let Some(seat) = all.admit(network, !app.gate.is_closed()) else {
            metrics::counter!("pilin_connections_refused_total").increment(1);
            continue;
        };
        watch_over(&socket);
        conversations.spawn(meet(house.clone(), socket, peer, seat));
    }
}

/// Whether it concerns a connection that is gone already.
fn is_of_one_connection(why: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(why.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Talks with one who has come, until either has enough.
async fn meet(house: House, socket: TcpStream, peer: SocketAddr, seat: Seat) {
    let (out, cut) = (seat.out(), house.cut.clone());
    let talk = async {
        let Some(tls) = house.tls.clone() else {
            return converse(house, socket, peer, seat).await;
        };
        match timeout(HANDSHAKE, tls.accept(socket)).await {
            Ok(Ok(socket)) => converse(house, socket, peer, seat).await,
            failed => {
                metrics::counter!("pilin_tls_failed_total").increment(1);
                let why = failed.map(|tried| tried.map(drop));
                tracing::debug!(%peer, ?why, "a handshake came to nothing");
            }
        }
    };
    tokio::select! {
        () = talk => {}
        () = out.cancelled() => {}
        () = cut.cancelled() => {}
    }
}

async fn converse<I>(house: House, io: I, peer: SocketAddr, seat: Seat)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let bell = seat.bell();
    let io = Socket::new(io, seat);
    let (received, doors, stop) = (io.received(), house.doors, house.stop);
    let answer = service_fn(move |request| {
        let answered = doors.call(told_of(request, peer, &received, &bell));
        async move { answered.await.map(until_sent) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(BUFFER);
    let talk = builder.serve_connection(TokioIo::new(io), answer).with_upgrades();
    let mut talk = pin!(talk);
    let ended = tokio::select! {
        ended = &mut talk => ended,
        () = stop.cancelled() => {
            talk.as_mut().graceful_shutdown();
            talk.await
        }
    };
    if let Err(why) = ended {
        tracing::trace!(%peer, error = %why, "a connection broke off");
    }
}

/// A request, with where it comes from.
fn told_of(
    mut request: Request<Incoming>,
    peer: SocketAddr,
    received: &Received,
    bell: &Bell,
) -> Request<Body> {
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(received.clone());
    request.extensions_mut().insert(bell.clone());
    request.map(Body::new)
}

/// Somebody's answer keeps its connection busy until it is sent; for good, if it makes a
/// socket of it.
fn until_sent(mut answer: Response) -> Response {
    let Some(busy) = answer.extensions_mut().remove::<Arc<Busy>>() else { return answer };
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        busy.for_good();
        return answer;
    }
    answer.map(|body| Body::new(Sending { body, _busy: busy }))
}

struct Sending {
    body: Body,
    _busy: Arc<Busy>,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Frames and answers are small and awaited: none waits for the next. And who is
/// gone without a word is found out.
fn watch_over(socket: &TcpStream) {
    let alive = TcpKeepalive::new().with_time(QUIET).with_interval(QUIET).with_retries(3);
    let set = socket.set_nodelay(true);
    if let Err(why) = set.and_then(|()| SockRef::from(socket).set_tcp_keepalive(&alive)) {
        tracing::debug!(error = %why, "a socket stays as it is");
    }
}
