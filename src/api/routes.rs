//! Which handler answers which address.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::access::{Deed, Kind};

use super::caching::wants_html;
use super::client::{self, Front};
use super::doors::{Door, Doors};
use super::origin::{self, Hosts};
use super::pass::Ask;
use super::problem::ApiError;
use super::state::AppState;
use super::{
    accounts, acknowledge, alert, alerts, audit, clock, devices, erasure, export, factor, headers,
    health, incidents, ingest, locate, map, oidc, openapi, pages, region, rules, session, stream,
    tokens, units, walls,
};

const MAP: Ask = Ask::Deeds(&[Deed::SeeMap]);
const INCIDENTS: Ask = Ask::Deeds(&[Deed::SeeIncidents]);
const UNITS: Ask = Ask::Deeds(&[Deed::SeeUnits]);
const ALERTS: Ask = Ask::Deeds(&[Deed::SeeAlerts]);
const ACCOUNTS: Ask = Ask::Deeds(&[Deed::ManageAccounts]);
const TOKENS: Ask = Ask::Deeds(&[Deed::ManageTokens]);
const AUDIT: Ask = Ask::Deeds(&[Deed::ReadAudit]);
const ERASE_TRACK: Ask = Ask::Deeds(&[Deed::EraseTrack]);
const ERASE_TEXTS: Ask = Ask::Deeds(&[Deed::EraseTexts]);
const OWN: Ask = Ask::Deeds(&[Deed::OwnAccount]);
const REPORT: Ask = Ask::Deeds(&[Deed::Ingest(Kind::Incident)]);
const FIX: Ask = Ask::Deeds(&[Deed::Ingest(Kind::Position)]);
const REGISTER: Ask = Ask::Deeds(&[Deed::Ingest(Kind::Unit)]);
const HAND_IN: Ask = Ask::Deeds(&[
    Deed::Ingest(Kind::Position),
    Deed::Ingest(Kind::Incident),
    Deed::Ingest(Kind::Unit),
]);

/// Every door of the service, with what it asks.
fn doors(app: &AppState) -> Doors {
    let doors = Doors::new(app)
        .put_tagged("/api/v1/region", MAP, region::get)
        .put("GET", "/api/v1/map/{file}", MAP, map::get)
        .put("GET", "/api/v1/locate", MAP, locate::get)
        .put("GET", "/api/v1/clock", MAP, clock::get)
        .put("PUT", "/api/v1/clock", Ask::Deeds(&[Deed::SetClock]), clock::put)
        .put_tagged("/api/v1/rules", MAP, rules::get)
        .put("PUT", "/api/v1/rules", Ask::Deeds(&[Deed::SetRules]), rules::put)
        .put("GET", "/api/v1/incidents", INCIDENTS, incidents::list)
        .put("GET", "/api/v1/incidents/{id}", INCIDENTS, incidents::get)
        .put("DELETE", "/api/v1/incidents/{id}/texts", ERASE_TEXTS, erasure::texts)
        .put("GET", "/api/v1/export/incidents", Ask::Deeds(&[Deed::Export]), export::incidents)
        .put("GET", "/api/v1/units", UNITS, units::list)
        .put("GET", "/api/v1/units/{code}", UNITS, units::get)
        .put("GET", "/api/v1/units/{code}/track", Ask::Deeds(&[Deed::SeeHistory]), units::track)
        .put("DELETE", "/api/v1/units/{code}/track", ERASE_TRACK, erasure::track)
        .put("GET", "/api/v1/alerts", ALERTS, alerts::list)
        .put_tagged("/api/v1/alerts/{id}", ALERTS, alert::get)
        .put("GET", "/api/v1/alerts/{id}/units", UNITS, alerts::units)
        .put(
            "POST",
            "/api/v1/alerts/{id}/acknowledge",
            Ask::Deeds(&[Deed::Acknowledge]),
            acknowledge::acknowledge,
        )
        .put(
            "DELETE",
            "/api/v1/alerts/{id}/acknowledge",
            Ask::Deeds(&[Deed::Withdraw]),
            acknowledge::withdraw,
        )
        .put_large("POST", "/api/v1/incidents", REPORT, ingest::incidents)
        .put_large("POST", "/api/v1/positions", FIX, ingest::positions)
        .put_large("POST", "/api/v1/units", REGISTER, ingest::units)
        .put("GET", "/api/v1/ingest", HAND_IN, ingest::socket)
        .put("GET", "/connection/websocket", Ask::Deeds(&[Deed::Listen]), stream::enter);
    let doors = doors
        .put("POST", "/api/v1/setup", Ask::Nobody, session::set_up)
        .put("POST", "/api/v1/session", Ask::Nobody, session::post)
        .put("GET", "/api/v1/session", Ask::Anybody, session::get)
        .put("GET", "/api/v1/session/ways", Ask::Nobody, oidc::ways)
        .put("GET", "/api/v1/session/oidc", Ask::Nobody, oidc::leave)
        .put("GET", "/api/v1/session/oidc/callback", Ask::Nobody, oidc::arrive)
        .put("DELETE", "/api/v1/session", OWN, session::delete)
        .put("POST", "/api/v1/session/password", OWN, session::password)
        .put("GET", "/api/v1/session/factor", OWN, factor::get)
        .put("POST", "/api/v1/session/factor", OWN, factor::post)
        .put("PUT", "/api/v1/session/factor", OWN, factor::put)
        .put("DELETE", "/api/v1/session/factor", OWN, factor::delete)
        .put("POST", "/api/v1/session/code", Ask::Nobody, walls::code)
        .put("POST", "/api/v1/session/code/claim", Ask::Nobody, walls::claim)
        .put("GET", "/api/v1/session/code/{code}", Ask::Deeds(&[Deed::AdmitWall]), walls::asking)
        .put(
            "POST",
            "/api/v1/session/code/{code}/grant",
            Ask::Deeds(&[Deed::AdmitWall]),
            walls::grant,
        )
        .put("GET", "/api/v1/sessions", OWN, session::list)
        .put("DELETE", "/api/v1/sessions/{id}", OWN, session::end)
        .put("GET", "/api/v1/accounts", ACCOUNTS, accounts::list)
        .put("POST", "/api/v1/accounts", ACCOUNTS, accounts::post)
        .put("GET", "/api/v1/accounts/{id}", ACCOUNTS, accounts::get)
        .put("PATCH", "/api/v1/accounts/{id}", ACCOUNTS, accounts::patch)
        .put("POST", "/api/v1/accounts/{id}/password", ACCOUNTS, accounts::password)
        .put("DELETE", "/api/v1/accounts/{id}/factor", ACCOUNTS, accounts::reset_factor)
        .put("GET", "/api/v1/tokens", TOKENS, tokens::list)
        .put("POST", "/api/v1/tokens", TOKENS, tokens::post)
        .put("DELETE", "/api/v1/tokens/{id}", TOKENS, tokens::delete)
        .put("GET", "/api/v1/devices", TOKENS, devices::list)
        .put("GET", "/api/v1/audit", AUDIT, audit::list)
        .put("GET", "/api/v1/audit/verify", AUDIT, audit::verify)
        .put("GET", "/api/v1/audit/export", AUDIT, audit::export);
    doors
        .put_tagged("/api/v1/openapi.json", Ask::Nobody, openapi::get)
        .put("GET", "/healthz", Ask::Nobody, health::alive)
        .put("GET", "/readyz", Ask::Nobody, health::ready)
        .put("GET", "/metrics", Ask::Deeds(&[Deed::ReadMetrics]), health::metrics)
        .put("GET", "/", Ask::Nobody, pages::front)
        .put("GET", "/wall", Ask::Nobody, async |headers: HeaderMap| pages::page("wall", &headers))
        .put("GET", "/desk", Ask::Nobody, async |headers: HeaderMap| pages::page("desk", &headers))
        .put("GET", "/admin", Ask::Nobody, async |h: HeaderMap| pages::page("admin", &h))
        .put("GET", "/sign-in", Ask::Nobody, async |h: HeaderMap| pages::page("enter", &h))
        .put("GET", "/setup", Ask::Nobody, async |h: HeaderMap| pages::page("enter", &h))
        .put("GET", "/api", Ask::Nobody, async |h: HeaderMap| pages::page("api", &h))
        .put("GET", "/assets/{*file}", Ask::Nobody, pages::asset)
}

/// The list of the doors, with what each asks.
#[must_use]
pub fn list(app: &AppState) -> Vec<Door> {
    doors(app).list().to_vec()
}

/// Every door of the service; on a `loopback` address it heeds who is spoken to.
pub fn router(app: &AppState, loopback: bool) -> Router {
    let mut router = doors(app)
        .into_router()
        .fallback(nothing_there)
        .method_not_allowed_fallback(not_for_this)
        .layer(CompressionLayer::new())
        .with_state(app.clone());
    for (name, value) in headers::all(app.tiles.as_ref(), app.tls.is_some()) {
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    let hosts = Hosts { loopback, allowed: Arc::clone(&app.origins) };
    let front = Front { proxies: Arc::clone(&app.proxies), https: app.is_https() };
    router
        .layer(middleware::from_fn_with_state(hosts, origin::check))
        .layer(middleware::from_fn_with_state(front, client::note))
        .layer(CatchPanicLayer::custom(panicked))
}

async fn nothing_there(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method == Method::GET && wants_html(&headers) {
        return pages::not_found();
    }
    ApiError::not_found(format!("“{}”", uri.path())).into_response()
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
