//! Somebody who works.

use std::time::{Duration, Instant};

use pilin::pipeline::Clock;
use reqwest::{RequestBuilder, StatusCode, header};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Field;
use crate::access::people::PASSWORD;
use crate::stream::wire::Client;

/// Between two rounds of work.
const PAUSE: Duration = Duration::from_millis(700);

/// How many rounds a session lasts: then somebody else sits down.
const ROUNDS: usize = 16;

/// How long anything may take. That it is slow fails nothing; that it never comes does.
const PATIENCE: Duration = Duration::from_mins(1);

/// A desk with a browser.
#[derive(Debug)]
pub struct Desk {
    field: Field,
    at: usize,
    http: reqwest::Client,
    session: String,
    device: String,
    stream: Client,
}

impl Desk {
    /// Signs in, and listens.
    pub async fn sit_down(field: &Field, at: usize) -> Self {
        let http = field.client([127, 0, 0, 1]);
        let (session, device) = sign_in(field, &http, at, "").await;
        let stream = listen(field, &session).await;
        Self { field: field.clone(), at, http, session, device, stream }
    }

    /// Works until the siege is over; which reports were acknowledged.
    pub async fn work(mut self) -> Vec<String> {
        let mut acknowledged = Vec::new();
        for round in 1.. {
            if self.field.stop.is_cancelled() {
                return acknowledged;
            }
            acknowledged.push(self.report(round).await);
            self.read().await;
            if round % ROUNDS == 0 {
                let (session, device) =
                    sign_in(&self.field, &self.http, self.at, &self.device).await;
                self.stream = listen(&self.field, &session).await;
                (self.session, self.device) = (session, device);
            }
            self.field.stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
        }
        unreachable!("rounds do not end")
    }

    /// Reports something, and waits until it is seen.
    async fn report(&mut self, round: usize) -> String {
        let id = format!("desk{}-{round}", self.at);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (lon, lat) = (119.0 + 0.1 * self.at as f64, 31.0 + 0.001 * round as f64);
        let report = json!({
            "source": "desk", "external_id": id, "matter": "exposed-refuse",
            "lon": lon, "lat": lat, "occurred_at": Clock::wall().now().unwrap(),
        });
        let sent = Instant::now();
        let told = self.answered("report", self.post("/api/v1/incidents").json(&report)).await;
        assert_eq!(told["accepted"].as_array().map(Vec::len), Some(1), "{told}");
        let wanted = told["accepted"][0]["id"].clone();
        let seen = async {
            loop {
                let frame = self.stream.frame().await;
                let rows = frame["push"]["pub"]["data"]["rows"].as_array();
                if rows.is_some_and(|rows| rows.iter().any(|row| row[0] == wanted)) {
                    return;
                }
            }
        };
        timeout(PATIENCE, seen).await.expect("what is reported is seen");
        self.field.table.took("a frame", sent);
        id
    }

    async fn read(&self) {
        let read = self.http.get(format!("{}/api/v1/incidents?limit=50", self.field.base()));
        let page = self.answered("a read", read.header(header::COOKIE, &self.session)).await;
        assert!(!page["incidents"].as_array().unwrap().is_empty());
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let base = self.field.base();
        let post = self.http.post(format!("{base}{path}")).header(header::COOKIE, &self.session);
        post.header(header::ORIGIN, base)
    }

    async fn answered(&self, what: &'static str, request: RequestBuilder) -> Value {
        let begun = Instant::now();
        let answer = request.send().await.expect("it is answered");
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{what}: {text}");
        self.field.table.took(what, begun);
        serde_json::from_str(&text).unwrap()
    }
}

/// The cookies of a new session, and of the device.
async fn sign_in(
    field: &Field,
    http: &reqwest::Client,
    at: usize,
    device: &str,
) -> (String, String) {
    let body = json!({"name": format!("desk{at}"), "password": PASSWORD});
    let begun = Instant::now();
    let post = http.post(format!("{}/api/v1/session", field.base())).json(&body);
    let answer = post.header(header::COOKIE, device).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    field.table.took("a sign-in", begun);
    let cookie = |name: &str| {
        let given = answer.headers().get_all(header::SET_COOKIE).iter();
        let mut given = given.map(|text| text.to_str().unwrap().split(';').next().unwrap());
        given.find(|cookie| cookie.starts_with(name)).unwrap().to_owned()
    };
    (cookie("pilin="), cookie("pilin-device="))
}

async fn listen(field: &Field, session: &str) -> Client {
    let url = format!("ws://127.0.0.1:{}/connection/websocket", field.port);
    let shown = [("cookie", session), ("origin", &field.base())];
    let mut stream = Client::connect_with(&url, &shown).await;
    stream.subscribe("incidents:all", None).await;
    stream
}
