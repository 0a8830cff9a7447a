//! The public doors, seen from outside: HTTP that does not give up.
//!
//! Whatever is sent is named (source and external id, unit and time), so
//! sending it again after a lost answer is harmless, and so every call is
//! repeated until it is answered. A refusal is an answer.

use std::error::Error;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::{Code, Time};
use crate::wire::RegionView;

use super::records::{Answer, IncidentIn, PositionIn, Tally, UnitIn};
use super::tokens::{Token, Tokens};

/// Incidents or units a request.
const ITEMS: usize = 500;
/// Fixes a request; about 700 kB.
const FIXES: usize = 5_000;
/// The first wait before a call is repeated; doubled each time,
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Why a door did not take what it was sent.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The address is none, or the client cannot be made.
    #[error("{url}: {why}")]
    Client {
        /// The address.
        url: String,
        /// Why.
        why: String,
    },
    /// The server refused the call as a whole.
    #[error("{method} {url}: {status}: {body}")]
    Refused {
        /// The verb.
        method: Method,
        /// The address.
        url: String,
        /// The answer's status.
        status: StatusCode,
        /// The beginning of its body.
        body: String,
    },
    /// The service does not say whose a token is.
    #[error("{0}: the service names no agency of the token: it has no accounts")]
    NoAgency(String),
    /// The answer is not what the contract says.
    #[error("{method} {url}: the answer cannot be read: {why}")]
    Answer {
        /// The verb.
        method: Method,
        /// The address.
        url: String,
        /// Why.
        why: serde_json::Error,
    },
}

/// A running service.
#[derive(Clone, Debug)]
pub struct Doors {
    client: reqwest::Client,
    base: String,
    tokens: Tokens,
}

impl Doors {
    /// The service at an address like `http://127.0.0.1:8080`.
    pub fn at(url: &str) -> Result<Self, DoorError> {
        let base = url.trim_end_matches('/').to_owned();
        let client = reqwest::Client::builder().timeout(TIMEOUT).build();
        let client =
            client.map_err(|why| DoorError::Client { url: base.clone(), why: whole(why) })?;
        Ok(Self { client, base, tokens: Tokens::default() })
    }

    /// The same service, by the tokens with these secrets. Asks it of what agency each is.
    pub async fn with_tokens(mut self, secrets: &[String]) -> Result<Self, DoorError> {
        let mut tokens = Vec::new();
        for secret in secrets {
            let path = "/api/v1/session";
            let answer = self.call(&Method::GET, path, None, Some(secret)).await?;
            let asked = self.read(Method::GET, path, &answer)?;
            let token = Token::new(secret, &asked);
            tokens.push(token.ok_or_else(|| DoorError::NoAgency(self.base.clone()))?);
        }
        self.tokens = Tokens::new(tokens);
        Ok(self)
    }

    /// Whether the service is spoken to without a token: then it has no accounts.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.any().is_none()
    }

    /// What the service says of its region.
    pub async fn region(&self) -> Result<RegionView, DoorError> {
        self.json("/api/v1/region").await
    }

    /// The text of a map layer.
    pub async fn layer(&self, layer: &str) -> Result<String, DoorError> {
        let path = format!("/api/v1/map/{layer}.geojson");
        let body = self.call(&Method::GET, &path, None, self.by_any()).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// The server's time; none while a driven clock is not set.
    pub async fn clock(&self) -> Result<Option<Time>, DoorError> {
        #[derive(Deserialize)]
        struct Face {
            now: Option<Time>,
        }
        let face: Face = self.json("/api/v1/clock").await?;
        Ok(face.now)
    }

    /// Moves a driven clock forward.
    pub async fn put_clock(&self, now: Time) -> Result<(), DoorError> {
        #[derive(Serialize)]
        struct Clock {
            now: Time,
        }
        let token = self.tokens.of_clock().map(Token::secret);
        let body = body(&[&Clock { now }]);
        self.call(&Method::PUT, "/api/v1/clock", Some(body), token).await.map(|_| ())
    }

    /// Registers units, each by the token of the first agency it is in.
    pub async fn post_units(
        &self,
        units: &[UnitIn],
        is_in: impl Fn(&UnitIn, Code) -> bool,
    ) -> Result<Tally, DoorError> {
        self.post("/api/v1/units", units, ITEMS, is_in).await
    }

    /// Sends incidents, each by the token of the first agency it is in.
    pub async fn post_incidents(
        &self,
        incidents: &[IncidentIn],
        is_in: impl Fn(&IncidentIn, Code) -> bool,
    ) -> Result<Tally, DoorError> {
        self.post("/api/v1/incidents", incidents, ITEMS, is_in).await
    }

    /// Sends fixes, each by the token of the first agency that its unit is in.
    pub async fn post_positions<'a>(
        &self,
        fixes: &[PositionIn<'a>],
        is_in: impl Fn(&PositionIn<'a>, Code) -> bool,
    ) -> Result<Tally, DoorError> {
        self.post("/api/v1/positions", fixes, FIXES, is_in).await
    }

    /// The numbers of the alerts that nobody answers for, and since when each alarms.
    pub async fn unacknowledged(&self) -> Result<Vec<(u64, Time)>, DoorError> {
        #[derive(Deserialize)]
        struct Page {
            alerts: Vec<Row>,
        }
        #[derive(Deserialize)]
        struct Row {
            id: u64,
            alarming_since: i64,
        }
        let path = "/api/v1/alerts?state=unacknowledged&limit=1000";
        let page: Page = self.json(path).await?;
        let row = |row: Row| (row.id, Time::from_ms(row.alarming_since));
        Ok(page.alerts.into_iter().map(row).collect())
    }

    /// Answers for an alert of a service without accounts. One that is over meanwhile
    /// needs nobody.
    pub async fn acknowledge(&self, alert: u64, by: &str) -> Result<(), DoorError> {
        #[derive(Serialize)]
        struct Body<'a> {
            by: &'a str,
        }
        let path = format!("/api/v1/alerts/{alert}/acknowledge");
        match self.call(&Method::POST, &path, Some(body(&[&Body { by }])), None).await {
            Ok(_) | Err(DoorError::Refused { status: StatusCode::CONFLICT, .. }) => Ok(()),
            Err(why) => Err(why),
        }
    }

    async fn post<T: Serialize>(
        &self,
        path: &str,
        items: &[T],
        at_once: usize,
        is_in: impl Fn(&T, Code) -> bool,
    ) -> Result<Tally, DoorError> {
        let mut tally = Tally::default();
        for (token, own) in self.tokens.sort(items, is_in) {
            for items in own.chunks(at_once) {
                let token = token.map(Token::secret);
                let answer = self.call(&Method::POST, path, Some(body(items)), token).await?;
                let answer: Answer = self.read(Method::POST, path, &answer)?;
                if let Some(first) = answer.refused.first() {
                    tracing::warn!(
                        path,
                        refused = answer.refused.len(),
                        field = first.field.as_deref().unwrap_or_default(),
                        reason = first.reason,
                        "items were refused; the first for this reason"
                    );
                }
                tally.add(&answer.tally());
            }
        }
        Ok(tally)
    }

    /// What is there to be read by any token.
    async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, DoorError> {
        let answer = self.call(&Method::GET, path, None, self.by_any()).await?;
        self.read(Method::GET, path, &answer)
    }

    fn read<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        answer: &[u8],
    ) -> Result<T, DoorError> {
        serde_json::from_slice(answer).map_err(|why| DoorError::Answer {
            method,
            url: format!("{}{path}", self.base),
            why,
        })
    }

    fn by_any(&self) -> Option<&str> {
        self.tokens.any().map(Token::secret)
    }

    /// Calls until there is an answer.
    async fn call(
        &self,
        method: &Method,
        path: &str,
        body: Option<Vec<u8>>,
        token: Option<&str>,
    ) -> Result<Vec<u8>, DoorError> {
        let mut wait = FIRST_WAIT;
        let mut away = false;
        loop {
            match self.once(method, path, body.clone(), token).await {
                Ok(answer) => {
                    if away {
                        tracing::info!(path, "the service is back");
                    }
                    return answer;
                }
                Err(why) => {
                    if !away {
                        tracing::warn!(path, why, "the service is away; trying again");
                        away = true;
                    }
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// One attempt: an answer, or why there is none yet.
    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<Vec<u8>>,
        token: Option<&str>,
    ) -> Result<Result<Vec<u8>, DoorError>, String> {
        let url = format!("{}{path}", self.base);
        let mut request = self.client.request(method.clone(), &url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            let one = *method == Method::PUT || path.ends_with("/acknowledge");
            let kind = if one { "application/json" } else { "application/x-ndjson" };
            request = request.header("content-type", kind).body(body);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(why) if why.is_builder() => {
                return Ok(Err(DoorError::Client { url, why: whole(why) }));
            }
            Err(why) => return Err(whole(why)),
        };
        let status = response.status();
        let answer = response.bytes().await.map_err(whole)?;
        if status.is_success() {
            return Ok(Ok(answer.to_vec()));
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(status.to_string());
        }
        let body = String::from_utf8_lossy(&answer).chars().take(500).collect();
        Ok(Err(DoorError::Refused { method: method.clone(), url, status, body }))
    }
}

/// What failed and every cause of it, of which the error itself tells only the first.
fn whole(why: reqwest::Error) -> String {
    let why = why.without_url();
    let mut text = why.to_string();
    let mut cause = why.source();
    while let Some(why) = cause {
        text = format!("{text}: {why}");
        cause = why.source();
    }
    text
}

/// Items as NDJSON; one item is plain JSON too.
fn body<T: Serialize>(items: &[&T]) -> Vec<u8> {
    let mut lines = Vec::new();
    for item in items {
        // Our own shapes have text keys and finite numbers: writing them cannot fail.
        if serde_json::to_writer(&mut lines, item).is_ok() {
            lines.push(b'\n');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::{get, put};

    use super::*;

    async fn serve(router: Router) -> Doors {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Doors::at(&url).unwrap()
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_tried_again() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let clock = move || {
            let before = counted.fetch_add(1, Ordering::Relaxed);
            async move { if before < 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK } }
        };
        let doors = serve(Router::new().route("/api/v1/clock", put(clock))).await;
        doors.put_clock(Time::from_ms(0)).await.unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer() {
        let region = || async { (StatusCode::NOT_FOUND, "no such thing") };
        let doors = serve(Router::new().route("/api/v1/region", get(region))).await;
        let why = doors.region().await.unwrap_err();
        assert!(why.to_string().contains("404 Not Found: no such thing"), "{why}");
    }
}
