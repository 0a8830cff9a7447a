//! Doors, each with its guard: none can be put up without saying what it asks.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};

use super::caching;
use super::once;
use super::pass::{Ask, Guard, guard};
use super::room::{self, Room};
use super::state::AppState;

/// Bytes of a body that is no batch of reports.
const SMALL_BODY: usize = 256 << 10;

/// One door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// The verb it listens to.
    pub verb: &'static str,
    /// Its address, with places for what varies.
    pub path: &'static str,
    /// What it asks of who comes.
    pub ask: Ask,
    /// Whether a request with a key is carried out once. What only tells needs no
    /// key, and batches of reports are harmless to send again by what they hold.
    pub once: bool,
    /// Whether what it answers is tagged, and left out for who has it already.
    pub tagged: bool,
}

/// Doors as they are put up.
pub struct Doors {
    app: AppState,
    room: Room,
    router: Router<AppState>,
    list: Vec<Door>,
}

impl Doors {
    /// None yet.
    pub fn new(app: &AppState) -> Self {
        let room = Room::new(app.desk.limits().body_bytes);
        Self { app: app.clone(), room, router: Router::new(), list: Vec::new() }
    }

    /// Puts one up.
    pub fn put<H, T>(self, verb: &'static str, path: &'static str, ask: Ask, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let mut door = on(filter(verb), handler);
        let once = verb != "GET";
        if once {
            door = door.route_layer(from_fn_with_state(self.app.clone(), once::once));
        }
        let door = door.route_layer(DefaultBodyLimit::max(SMALL_BODY));
        self.add(Door { verb, path, ask, once, tagged: false }, door)
    }

    /// Puts one up that tells what seldom changes and is asked for often.
    pub fn put_tagged<H, T>(self, path: &'static str, ask: Ask, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let door = on(MethodFilter::GET, handler).route_layer(from_fn(caching::tagged));
        self.add(Door { verb: "GET", path, ask, once: false, tagged: true }, door)
    }

    /// Puts one up that takes batches.
    pub fn put_large<H, T>(
        self,
        verb: &'static str,
        path: &'static str,
        ask: Ask,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let limit = DefaultBodyLimit::max(self.app.desk.limits().body_bytes);
        let door = on(filter(verb), handler).route_layer(limit);
        self.add(Door { verb, path, ask, once: false, tagged: false }, door)
    }

    fn add(mut self, door: Door, handler: MethodRouter<AppState>) -> Self {
        // Bodies are held in bounded room. Whoever is not let in gets none either.
        let handler = match door.verb {
            "GET" => handler,
            _ => handler.route_layer(from_fn_with_state(self.room.clone(), room::hold)),
        };
        let guarded = from_fn_with_state(Guard { app: self.app.clone(), ask: door.ask }, guard);
        self.list.push(door);
        Self { router: self.router.route(door.path, handler.route_layer(guarded)), ..self }
    }

    /// The list of the doors.
    pub fn list(&self) -> &[Door] {
        &self.list
    }

    /// The doors, to be served.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }
}

fn filter(verb: &str) -> MethodFilter {
    match verb {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

impl Door {
    /// The verb, as HTTP has it.
    #[must_use]
    pub fn method(&self) -> Method {
        self.verb.parse().unwrap_or(Method::GET)
    }
}
