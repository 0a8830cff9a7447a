//! Who comes to a door, and whether it opens.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Deed, Denied, Person, Reach, Sight, Viewer, may};
use crate::gate::{Credential, Whence};
use crate::store::Entry;
use crate::wire::IncidentView;

use super::client::{Client, forwarded};
use super::connections::Bell;
use super::credential::{credential, device};
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
    let knock = knock(&request)?;
    let mut busy = None;
    if ask != Ask::Nobody {
        if !app.gate.is_closed()
            && let Some(header) = forwarded(request.headers())
        {
            // Everybody whom the proxy serves could do everything.
            let reason = "the service has no account and is open to its own machine alone, \
                          not to whom a proxy hands on: make the first account at the machine";
            return Err(ApiError::no_entry(header.as_str(), reason));
        }
        let viewer = app.gate.who(&knock.credential).await?.ok_or_else(ApiError::sign_in)?;
        let pass = Pass { viewer, knock: knock.clone() };
        busy = request.extensions().get::<Bell>().map(|bell| Arc::new(bell.ring()));
        if let Ask::Deeds(deeds) = ask
            && let Viewer::Person(Person { must: Some(must), .. }) = *pass.viewer
            && !deeds.contains(&Deed::OwnAccount)
        {
            return Err(ApiError::must(must));
        }
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
    let is_of_somebody = ask != Ask::Nobody
        || request.method() != Method::GET
        || request.uri().path().starts_with("/api/v1/session");
    let mut answer = next.run(request).await;
    if let Some(busy) = busy {
        answer.extensions_mut().insert(busy);
    }
    if is_of_somebody {
        // Whose it is, nobody on the way and no disk is to keep.
        let none = HeaderValue::from_static("no-store");
        answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(none);
    }
    Ok(answer)
}

fn knock(request: &Request) -> Result<Knock, ApiError> {
    let headers = request.headers();
    let client = request.extensions().get::<Client>().copied().unwrap_or_default();
    let credential = credential(headers, client.https);
    let by_cookie = matches!(credential, Credential::Session(_));
    if by_cookie && is_unsafe(request.method(), headers) && !is_vouched_for(headers) {
        let reason = "a browser says which page is behind a request that changes something";
        return Err(ApiError::no_entry("Origin", reason));
    }
    let from = |address| Whence::new(address, agent(headers));
    let whence = client.address.map_or_else(Whence::default, from);
    let whence = whence.with_device(device(headers, client.https));
    Ok(Knock { whence, credential, secure: client.https })
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

    /// An incident as the viewer may read it: a wall hangs where anybody may stand, and is
    /// told nothing that reporters wrote.
    pub fn shown(&self, mut incident: IncidentView) -> IncidentView {
        if may(&self.viewer, Deed::SeeTexts).is_err() {
            incident.description.clear();
            incident.media.clear();
        }
        incident
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
