//! Somebody who works.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hyper::StatusCode;
use pilin::pipeline::Clock;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::people::{COUNTIES, sign_in};
use super::web::{Answer, Web};
use super::wire::{Socket, open};
use super::{Field, PATIENCE};

/// Between two rounds of work.
const PAUSE: Duration = Duration::from_millis(700);

/// How many rounds a session lasts: then somebody else sits down.
const ROUNDS: usize = 16;

/// Where desks are: behind the same address as one who guesses.
const HERE: [u8; 4] = [127, 0, 0, 1];

/// A desk with a browser.
#[derive(Debug)]
pub struct Desk {
    field: Field,
    at: usize,
    /// Shows nothing.
    web: Web,
    /// Shows the session.
    own: Web,
    device: String,
    stream: Stream,
}

/// The live stream, read as it comes.
#[derive(Debug)]
struct Stream {
    /// Numbers of incidents, and when they came.
    seen: UnboundedReceiver<(u64, Instant)>,
    reader: JoinHandle<()>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Desk {
    /// Signs in, and listens.
    pub async fn sit_down(field: &Field, at: usize) -> Self {
        let web = field.web(HERE);
        let (own, device, stream) = begin(field, &web, at, "").await.unwrap();
        Self { field: field.clone(), at, web, own, device, stream }
    }

    /// Works until the siege is over; which reports were acknowledged.
    pub async fn work(mut self) -> Vec<String> {
        let mut acknowledged = Vec::new();
        for round in 1.. {
            if self.field.stop.is_cancelled() {
                break;
            }
            match self.report(round).await {
                Ok(id) => acknowledged.push(id),
                Err(why) => self.field.table.refused(format!("a report of desk{}: {why}", self.at)),
            }
            if let Err(why) = self.read().await {
                self.field.table.refused(format!("a read of desk{}: {why}", self.at));
            }
            if round % ROUNDS == 0 {
                match begin(&self.field, &self.web, self.at, &self.device).await {
                    Ok((own, device, stream)) => {
                        (self.own, self.device, self.stream) = (own, device, stream);
                    }
                    Err(why) => {
                        self.field.table.refused(format!("a session of desk{}: {why}", self.at));
                    }
                }
            }
            self.field.goes_on(PAUSE).await;
        }
        acknowledged
    }

    /// Reports something, and waits until it is seen.
    async fn report(&mut self, round: usize) -> Result<String, String> {
        let id = format!("desk{}-{round}", self.at);
        let (_, lon, lat) = COUNTIES[self.at];
        let report = json!({
            "source": "desk", "external_id": id, "matter": "exposed-refuse",
            "lon": lon, "lat": lat, "occurred_at": Clock::wall().now().unwrap(),
        });
        let sent = Instant::now();
        let told = answered(self.own.post("/api/v1/incidents", &report).await).await?;
        self.field.table.took("a report", sent.elapsed());
        let number = told["accepted"][0]["id"].as_u64().ok_or_else(|| told.to_string())?;
        let seen = async {
            loop {
                match self.stream.seen.recv().await {
                    Some((of, at)) if of == number => return Some(at),
                    Some(_) => {}
                    None => return None,
                }
            }
        };
        match timeout(PATIENCE, seen).await {
            Ok(Some(at)) => self.field.table.took("a frame", at.saturating_duration_since(sent)),
            Ok(None) => return Err("its stream was closed".to_owned()),
            Err(_elapsed) => return Err("it is not seen".to_owned()),
        }
        Ok(id)
    }

    async fn read(&self) -> Result<(), String> {
        let begun = Instant::now();
        let page = answered(self.own.get("/api/v1/incidents?limit=50").await).await?;
        self.field.table.took("a read", begun.elapsed());
        let some = page["incidents"].as_array().is_some_and(|all| !all.is_empty());
        if some { Ok(()) } else { Err(format!("nothing is there: {page}")) }
    }
}

/// A new session, what the device shows from now on, and the stream.
async fn begin(
    field: &Field,
    web: &Web,
    at: usize,
    device: &str,
) -> Result<(Web, String, Stream), String> {
    let begun = Instant::now();
    let (session, device) = sign_in(web, &format!("desk{at}"), device).await?;
    field.table.took("a sign-in", begun.elapsed());
    let shown = [("cookie", session.clone()), ("origin", field.base())];
    let socket = open(field, HERE, "/connection/websocket", &shown).await;
    let mut socket = socket.map_err(|why| format!("the stream: {why}"))?;
    let asked = [
        json!({"id": 1, "connect": {}}),
        json!({"id": 2, "subscribe": {"channel": "incidents:all"}}),
    ];
    for command in asked {
        let sent = socket.send(Message::text(command.to_string())).await;
        sent.map_err(|why| format!("the stream: {why}"))?;
    }
    let (found, seen) = unbounded_channel();
    let reader = tokio::spawn(read(socket, found));
    Ok((web.with_cookies(&session), device, Stream { seen, reader }))
}

/// Reads a stream to its end, and answers pings.
async fn read(mut socket: Socket, found: UnboundedSender<(u64, Instant)>) {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let now = Instant::now();
        for line in text.split('\n') {
            if line == "{}" && socket.send(Message::text("{}")).await.is_err() {
                return;
            }
            let frame: Value = serde_json::from_str(line).unwrap();
            let rows = frame["push"]["pub"]["data"]["rows"].as_array();
            for number in rows.into_iter().flatten().filter_map(|row| row[0].as_u64()) {
                // Whoever asked may have gone home.
                let _ = found.send((number, now));
            }
        }
    }
}

async fn answered(answer: Result<Answer, String>) -> Result<Value, String> {
    let answer = answer?;
    let status = answer.status;
    let told = answer.json().await?;
    if status == StatusCode::OK { Ok(told) } else { Err(format!("{status} {told}")) }
}
