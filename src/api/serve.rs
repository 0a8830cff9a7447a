//! Connections: taken in, watched over, and drained when the doors shut.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::{Listener, ListenerExt, TapIo};
use socket2::{SockRef, TcpKeepalive};
use tls_listener::TlsListener;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::routes::router;
use super::state::AppState;

/// After so long without a word a connection is asked whether it lives.
const QUIET: Duration = Duration::from_secs(30);

/// How long requests under way, and sockets, may take to end once the doors shut.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop` is cancelled and every client has heard so, or did not
/// listen for too long. The caller owns the listener and the signal.
pub async fn serve(
    listener: TcpListener,
    app: AppState,
    stop: CancellationToken,
) -> io::Result<()> {
    let doors = router(&app, listener.local_addr()?.ip().is_loopback());
    match &app.tls {
        None => {
            let listener = listener.tap_io(|socket| watch_over(socket));
            serve_on(listener, doors, &app, stop).await
        }
        Some(identity) => {
            let acceptor = identity.acceptor().map_err(io::Error::other)?;
            let listener = TlsListener::new(acceptor, listener);
            let listener = listener.tap_io(|socket| watch_over(socket.get_ref().0));
            serve_on(listener, doors, &app, stop).await
        }
    }
}

async fn serve_on<L, F>(
    listener: TapIo<L, F>,
    doors: Router,
    app: &AppState,
    stop: CancellationToken,
) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
    F: FnMut(&mut L::Io) + Send + 'static,
{
    let doors = doors.into_make_service_with_connect_info::<SocketAddr>();
    let serving =
        axum::serve(listener, doors).with_graceful_shutdown(stop.clone().cancelled_owned());
    let served = async {
        serving.await?;
        tokio::join!(app.live.finished(), app.desk.finished());
        Ok(())
    };
    let drained = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = served => served,
        () = drained => {
            tracing::warn!("connections that do not end are cut");
            Ok(())
        }
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
