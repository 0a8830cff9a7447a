//! A client of the stream that keeps what it heard, over any number of connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::Message;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, PollSender};

use crate::access::Sight;
use crate::pipeline::Inlet;
use crate::stream::{Admission, Live, session};

/// Messages on their way to the client; with more waiting, the server waits.
const ROOM: usize = 16;

#[derive(Debug, Default)]
pub struct Viewer {
    line: Option<Line>,
    positions: BTreeMap<&'static str, (String, u64)>,
    /// Where the last snapshot of incidents was taken, and what was in it.
    pub snapshot: (u64, Vec<u64>),
    /// The incidents heard since, in that order.
    pub since: Vec<u64>,
    /// Every alert, as last told.
    pub alerts: BTreeMap<u64, Value>,
    /// How often a resume was granted.
    pub resumes: usize,
}

#[derive(Debug)]
struct Line {
    say: mpsc::UnboundedSender<Message>,
    heard: mpsc::Receiver<Message>,
    talk: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.talk.abort();
    }
}

const CHANNELS: [(u32, &str); 2] = [(2, "incidents:all"), (3, "alerts")];

impl Viewer {
    /// Connects to a server, or to another than before, and goes on where it was.
    pub fn connect(&mut self, to: &Arc<Live<Inlet>>) {
        let (say, said) = mpsc::unbounded_channel();
        let (hear, heard) = mpsc::channel(ROOM);
        let live = Arc::clone(to);
        let talk = tokio::spawn(async move {
            let read = Box::pin(stream::unfold(said, async |mut said| {
                let message: Message = said.recv().await?;
                Some((Ok::<_, ()>(message), said))
            }));
            let out = CancellationToken::new();
            let admission = Admission { sight: Sight::All, out, seat: Arc::default() };
            session::talk(&live, &admission, PollSender::new(hear), read).await;
        });
        let begun = Line { say, heard, talk };
        begun.say(&json!({"id": 1, "connect": {}}));
        for (id, channel) in CHANNELS {
            let mut subscribe = json!({"channel": channel});
            if let Some((epoch, offset)) = self.positions.get(channel) {
                subscribe["recover"] = true.into();
                subscribe["epoch"] = epoch.as_str().into();
                subscribe["offset"] = (*offset).into();
            }
            begun.say(&json!({"id": id, "subscribe": subscribe}));
        }
        self.line = Some(begun);
    }

    /// Takes in what has come; whether it is still connected.
    pub fn listen(&mut self) -> bool {
        let Some(mut line) = self.line.take() else { return false };
        loop {
            match line.heard.try_recv() {
                Ok(Message::Text(text)) => {
                    for frame in text.split('\n').filter(|frame| !frame.is_empty()) {
                        let frame: Value = serde_json::from_str(frame).unwrap();
                        if frame == json!({}) {
                            line.say(&frame);
                        }
                        self.take(&frame);
                    }
                }
                Ok(_) | Err(mpsc::error::TryRecvError::Disconnected) => return false,
                Err(mpsc::error::TryRecvError::Empty) => break,
            }
        }
        self.line = Some(line);
        true
    }

    fn take(&mut self, frame: &Value) {
        assert!(frame["error"].is_null(), "{frame}");
        let name = frame["push"]["channel"].as_str();
        if let Some((_, channel)) = CHANNELS.iter().find(|(_, channel)| Some(*channel) == name) {
            self.hear(channel, &frame["push"]["pub"]);
        }
        let reply = &frame["subscribe"];
        if let Some((_, channel)) = CHANNELS.iter().find(|(id, _)| frame["id"] == *id) {
            let place = (reply["epoch"].as_str().unwrap().to_owned(), number(&reply["offset"]));
            if reply["recovered"] == true {
                self.resumes += 1;
            } else {
                self.begin(channel, place.1, &reply["data"]);
            }
            self.positions.insert(channel, place);
            for publication in reply["publications"].as_array().into_iter().flatten() {
                self.hear(channel, publication);
            }
        }
    }

    fn begin(&mut self, channel: &str, offset: u64, data: &Value) {
        if channel == "alerts" {
            self.alerts.clear();
            for alert in data["alerts"].as_array().unwrap() {
                self.keep(alert);
            }
        } else {
            self.snapshot = (offset, rows(data));
            self.since.clear();
        }
    }

    fn hear(&mut self, channel: &'static str, publication: &Value) {
        let (offset, data) = (publication["offset"].as_u64(), &publication["data"]);
        let place = &mut self.positions.get_mut(channel).unwrap().1;
        // A snapshot in pieces tells its place with the last.
        let began = *place > 0;
        assert!(!began || offset > Some(*place), "{channel}: {offset:?} after {place}");
        *place = offset.unwrap_or_default();
        if channel == "alerts" {
            for change in data["changes"].as_array().unwrap() {
                self.keep(&change["alert"]);
            }
        } else if began {
            self.since.extend(rows(data));
        } else {
            self.snapshot.0 = *place;
            self.snapshot.1.extend(rows(data));
        }
    }

    fn keep(&mut self, alert: &Value) {
        self.alerts.insert(number(&alert["id"]), alert.clone());
    }
}

impl Line {
    fn say(&self, frame: &Value) {
        // A server that has gone is noticed when nothing is heard.
        let _gone = self.say.send(Message::text(frame.to_string()));
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn rows(data: &Value) -> Vec<u64> {
    data["rows"].as_array().unwrap().iter().map(|row| number(&row[0])).collect()
}
