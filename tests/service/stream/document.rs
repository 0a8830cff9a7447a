//! `docs/stream.md` shows real frames: these conversations, word for word.

use std::fmt::Write as _;

use pilin::domain::AlertStep;
use pilin::wire::StatsFrame;
use serde_json::{Value, json};

use super::stage::{MORNING, Stage, alert, incident, limits, moved, unit};
use super::wire::{Client, Seen};

/// A conversation as the document shows it: `→` the client, `←` the server.
struct Talk {
    client: Client,
    text: String,
}

impl Talk {
    async fn begin(stage: &Stage) -> Self {
        Self { client: Client::dial(&stage.url(), None).await, text: String::new() }
    }

    async fn say(&mut self, name: &str, body: Value) {
        let sent = self.client.command(name, body).await;
        writeln!(self.text, "→ {sent}").unwrap();
        self.hear().await;
    }

    async fn hear(&mut self) {
        match self.client.next().await {
            Seen::Line(line) => writeln!(self.text, "← {line}").unwrap(),
            Seen::Closed(code, reason) => writeln!(self.text, "← close {code} “{reason}”").unwrap(),
            Seen::Gone => panic!("no reason was given"),
        }
    }

    /// Holds the conversation against the snapshot and the document.
    fn must_be_shown(self, name: &str) {
        insta::with_settings!({prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(name, self.text);
        });
        let document = include_str!("../../../docs/stream.md");
        assert!(document.contains(&self.text), "docs/stream.md does not show:\n{}", self.text);
    }
}

#[tokio::test]
async fn the_document_shows_how_a_client_connects() {
    let stage = Stage::open(limits()).await;
    let mut talk = Talk::begin(&stage).await;
    talk.say("connect", json!({"name": "wall"})).await;
    let id = talk.text.split(r#""client":""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    talk.text = talk.text.replace(&id, "019a…");
    talk.must_be_shown("connect");
}

#[tokio::test]
async fn the_document_shows_alerts() {
    let stage = Stage::open(limits()).await;
    stage.commit(vec![alert(1, AlertStep::Raised, 5)]);
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    talk.say("subscribe", json!({"channel": "alerts", "recoverable": true})).await;
    stage.commit(vec![alert(1, AlertStep::Updated, 6)]);
    talk.hear().await;
    talk.must_be_shown("alerts");
}

#[tokio::test]
async fn the_document_shows_incidents_and_a_resume() {
    let stage = Stage::open(limits()).await;
    stage.report(1..3);
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    talk.say("subscribe", json!({"channel": "incidents:all", "recoverable": true})).await;
    stage.commit(vec![incident(3, 121.05)]);
    talk.hear().await;
    talk.must_be_shown("incidents");

    stage.commit(vec![incident(4, 120.95)]);
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    let back = json!({"channel": "incidents:all", "recoverable": true, "recover": true,
        "epoch": "e1", "offset": 2});
    talk.say("subscribe", back).await;
    talk.must_be_shown("resume");

    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    let lost = json!({"channel": "incidents:310118", "recoverable": true, "recover": true,
        "epoch": "e0", "offset": 7});
    talk.say("subscribe", lost).await;
    talk.must_be_shown("begin_anew");
}

#[tokio::test]
async fn the_document_shows_units() {
    let stage = Stage::open(limits()).await;
    stage.commit(vec![unit(1), unit(2), moved(1, 120.95, 0)]);
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    talk.say("subscribe", json!({"channel": "units:12/3424/1676@200ms"})).await;
    stage.commit(vec![moved(1, 120.951, 5)]);
    talk.hear().await;
    stage.commit(vec![moved(1, 121.05, 60)]);
    talk.hear().await;
    talk.must_be_shown("units");
}

#[tokio::test]
async fn the_document_shows_stats() {
    let stage = Stage::open(limits()).await;
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    talk.say("subscribe", json!({"channel": "stats"})).await;
    stage.tell_stats(&StatsFrame {
        at: MORNING + 1000,
        day_start: MORNING - 8 * 3_600_000,
        stored_ago_ms: 320,
        clock_doubted: false,
        rules: "6d0e1b…".into(),
        incidents_today: 2,
        by_jurisdiction: [("310000".into(), 1), ("320000".into(), 1)].into(),
        by_matter: [("0105".into(), 2)].into(),
        incidents_live: 2,
        units_on_duty: 1,
        units_by_jurisdiction: [("320000".into(), 1)].into(),
        alerts_open: 1,
        alerts_unacknowledged: 1,
        oldest_unacknowledged: Some(MORNING),
        provenance: vec![pilin::domain::Provenance::Simulated],
    });
    talk.hear().await;
    talk.must_be_shown("stats");
}

#[tokio::test]
async fn the_document_shows_refusals() {
    let stage = Stage::open(limits()).await;
    let mut talk = Talk::begin(&stage).await;
    talk.client.call("connect", json!({})).await;
    talk.say("subscribe", json!({"channel": "units:12/1/1@2s"})).await;
    talk.say("publish", json!({"channel": "alerts", "data": {}})).await;
    talk.say("connect", json!({})).await;
    talk.must_be_shown("refusals");
}
