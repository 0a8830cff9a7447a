//! Who comes to a door, and whether it opens.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Deed, Denied, Person, Reach, Sight, Viewer, may};
use crate::gate::{Credential, Whence};
use crate::store::Entry;

use super::credential::credential;
use super::problem::ApiError;
use super::state::AppState;

/// What a door asks of who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Nothing: it tells nothing, or is itself where one says who one is.
    Nobody,
    /// Who they are, whatever they may do.
    Anybody,
    /// That they may do one of these.
    Deeds(&'static [Deed]),
}

/// A door's guard.
#[derive(Clone, Debug)]
pub struct Guard {
    /// What the door has behind it.
    pub app: AppState,
    /// What it asks.
    pub ask: Ask,
}

/// Where a request comes from, and with what; every door knows it.
#[derive(Clone, Debug)]
pub struct Knock {
    /// From where.
    pub whence: Whence,
    /// With what.
    pub credential: Credential,
    /// Whether the browser is to keep a session to HTTPS.
    pub secure: bool,
}

/// Who was let in. Only a guard makes one, so that a handler that wants it cannot
/// be behind a door without.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Who.
    pub viewer: Arc<Viewer>,
    /// From where, and with what.
    pub knock: Knock,
}

/// Lets a request in, or answers why not.
pub async fn guard(
    State(Guard { app, ask }): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let knock = knock(&app, &request)?;
    if ask != Ask::Nobody {
        let viewer = app.gate.who(&knock.credential).await?.ok_or_else(ApiError::sign_in)?;
        let pass = Pass { viewer, knock: knock.clone() };
        if let Ask::Deeds(deeds) = ask
            && !deeds.iter().any(|&deed| may(&pass.viewer, deed).is_ok())
        {
            let Some(&first) = deeds.first() else {
                return Err(ApiError::internal(&"a door that asks for none of no deeds"));
            };
            let target = request.uri().path();
            return Err(pass.refuse(&app, first, target, &Denied(first).to_string()).await);
        }
        request.extensions_mut().insert(pass);
    }
    request.extensions_mut().insert(knock);
    Ok(next.run(request).await)
}

fn knock(app: &AppState, request: &Request) -> Result<Knock, ApiError> {
    let headers = request.headers();
    let credential = credential(headers);
    let by_cookie = matches!(credential, Credential::Session(_));
    if by_cookie && is_unsafe(request.method(), headers) && !is_vouched_for(headers) {
        let reason = "a browser says which page is behind a request that changes something";
        return Err(ApiError::no_entry("Origin", reason));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let whence = peer.map_or_else(Whence::default, |peer| Whence::new(peer, agent(headers)));
    Ok(Knock { whence, credential, secure: app.tls.is_some() || is_secure(headers) })
}

/// Whether a request can change something, or open a socket.
fn is_unsafe(method: &Method, headers: &HeaderMap) -> bool {
    !matches!(*method, Method::GET | Method::HEAD) || headers.contains_key(header::UPGRADE)
}

/// Whether the browser says that one of our pages is behind a request. An `Origin`
/// that is another's was refused before; a browser too old to send one says it by
/// `Sec-Fetch-Site`.
fn is_vouched_for(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN)
        || headers
            .get("sec-fetch-site")
            .is_some_and(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

/// Whether the page behind a request was got by HTTPS, whoever undid it on the
/// way to us.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

impl Pass {
    /// Which records are seen.
    pub fn sight(&self) -> Sight {
        self.viewer.sight()
    }

    /// What may be changed.
    pub fn reach<'a>(&self, app: &'a AppState) -> Reach<'a> {
        Reach::of(&self.viewer, app.land())
    }

    /// The person; a token, or whoever is at an open service, is none.
    pub fn person(&self) -> Result<&Person, ApiError> {
        match &*self.viewer {
            Viewer::Person(person) => Ok(person),
            _ => Err(ApiError::forbidden("this is for people who have signed in")),
        }
    }

    /// An entry of a deed done now.
    pub fn entry(&self, app: &AppState, deed: Deed, target: &str) -> Entry {
        app.gate.entry(&*self.viewer, &self.knock.whence, deed.word(), target)
    }

    /// Writes that a deed was refused, and answers so.
    pub async fn refuse(&self, app: &AppState, deed: Deed, target: &str, why: &str) -> ApiError {
        app.gate.denied(&self.viewer, &self.knock.whence, deed.word(), target).await;
        ApiError::forbidden(why)
    }
}

impl<S: Sync> FromRequestParts<S> for Pass {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let pass = parts.extensions.get::<Self>().cloned();
        pass.ok_or_else(|| ApiError::internal(&"a door without a guard"))
    }
}

impl<S: Sync> FromRequestParts<S> for Knock {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let knock = parts.extensions.get::<Self>().cloned();
        knock.ok_or_else(|| ApiError::internal(&"a door without a guard"))
    }
}
