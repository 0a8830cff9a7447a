//! Which handler answers which address.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::origin::{self, Hosts};
use super::problem::ApiError;
use super::room::{self, Room};
use super::state::AppState;
use super::{
    alerts, clock, headers, health, incidents, ingest, locate, map, pages, region, rules, units,
};

/// Bytes of a body that is no batch of reports.
const SMALL_BODY: usize = 256 << 10;

/// After so long without a word a connection is asked whether it lives.
const QUIET: Duration = Duration::from_secs(30);

/// How long requests under way, and sockets, may take to end once the doors shut.
const DRAIN: Duration = Duration::from_secs(10);

/// Every door of the service; on a `loopback` address it heeds who is spoken to.
pub fn router(app: &AppState, loopback: bool) -> Router {
    let small = Router::new()
        .route("/region", get(region::get))
        .route("/map/{file}", get(map::get))
        .route("/locate", get(locate::get))
        .route("/clock", get(clock::get).put(clock::put))
        .route("/rules", get(rules::get).put(rules::put))
        .route("/incidents/{id}", get(incidents::get))
        .route("/units/{code}", get(units::get))
        .route("/units/{code}/track", get(units::track))
        .route("/alerts", get(alerts::list))
        .route("/alerts/{id}", get(alerts::get))
        .route("/alerts/{id}/units", get(alerts::units))
        .route("/alerts/{id}/acknowledge", post(alerts::acknowledge))
        .layer(DefaultBodyLimit::max(SMALL_BODY));
    let largest = app.desk.limits().body_bytes;
    let large = Router::new()
        .route("/incidents", get(incidents::list).post(ingest::incidents))
        .route("/positions", post(ingest::positions))
        .route("/units", get(units::list).post(ingest::units))
        .route("/ingest", get(ingest::socket))
        .layer(DefaultBodyLimit::max(largest))
        .layer(middleware::from_fn_with_state(Room::new(largest), room::hold));
    let mut router = Router::new()
        .nest("/api/v1", small.merge(large))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/", get(pages::front))
        .route("/wall", get(async |headers: HeaderMap| pages::page("wall", &headers)))
        .route("/desk", get(async |headers: HeaderMap| pages::page("desk", &headers)))
        .route("/assets/{*file}", get(pages::asset))
        .fallback(nothing_there)
        .method_not_allowed_fallback(not_for_this)
        .layer(CompressionLayer::new())
        .with_state(app.clone())
        .merge(app.live.router());
    for (name, value) in headers::all(app.tiles.as_ref()) {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    let hosts = Hosts { loopback, allowed: Arc::clone(&app.origins) };
    router
        .layer(middleware::from_fn_with_state(hosts, origin::check))
        .layer(CatchPanicLayer::custom(panicked))
}

/// Serves until `stop` is cancelled and every client has heard so, or did not
/// listen for too long. The caller owns the listener and the signal.
pub async fn serve(
    listener: TcpListener,
    app: AppState,
    stop: CancellationToken,
) -> io::Result<()> {
    let loopback = listener.local_addr()?.ip().is_loopback();
    // Frames and answers are small and awaited: none waits for the next. And who
    // is gone without a word is found out.
    let alive = TcpKeepalive::new().with_time(QUIET).with_interval(QUIET).with_retries(3);
    let listener = listener.tap_io(move |socket| {
        let set = socket.set_nodelay(true);
        if let Err(why) = set.and_then(|()| SockRef::from(&*socket).set_tcp_keepalive(&alive)) {
            tracing::debug!(error = %why, "a socket stays as it is");
        }
    });
    let doors = router(&app, loopback).into_make_service_with_connect_info::<SocketAddr>();
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

async fn nothing_there(uri: Uri) -> ApiError {
    ApiError::not_found(format!("“{}”", uri.path()))
}

async fn not_for_this(method: Method, uri: Uri) -> ApiError {
    ApiError::method(format!("{method} is not for {}", uri.path()))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over so")]
fn panicked(why: Box<dyn std::any::Any + Send>) -> Response {
    let why = why
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| why.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    ApiError::internal(&why).into_response()
}
