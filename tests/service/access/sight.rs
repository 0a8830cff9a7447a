//! Who sees what: by HTTP and on the stream alike.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use pilin::access::{Role, Scope};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::people::{Visitor, person, set_up};
use super::tokens::dial;
use crate::alerts::{LINE, dumped};
use crate::harness::{Server, report, told};

const EARLIER: &str = "2026-03-04T07:00:00+08:00";

/// Far from every provincial border and zone.
const NANJING: (f64, f64) = (118.85, 32.05);
const HANGZHOU: (f64, f64) = (120.2, 30.25);
const SHANGHAI: (f64, f64) = (121.47, 31.23);
/// In the demonstration zone.
const QINGPU: (f64, f64) = (121.0, 31.1);

fn ids(list: &Value) -> BTreeSet<u64> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn each_agency_sees_its_own_ground_and_the_shared_and_no_more() {
    let server = Server::in_the_morning().await;
    let places = [NANJING, HANGZHOU, SHANGHAI, QINGPU];
    let reports: Vec<_> = (1..)
        .zip(places)
        .map(|(n, (lon, lat)): (u32, _)| {
            report(&n.to_string(), "exposed-refuse", lon, lat, EARLIER)
        })
        .collect();
    server.post("/api/v1/incidents", &json!(reports)).await;
    let unit = |code, agency| json!({"code": code, "name": code, "kind": "car", "agency": agency});
    server.post("/api/v1/units", &json!([unit("SH-1", "310118"), unit("HZ-1", "330100")])).await;
    let fix =
        |code, (lon, lat): (f64, f64), at| json!({"unit": code, "lon": lon, "lat": lat, "at": at});
    let fixes = json!([
        fix("SH-1", SHANGHAI, "2026-03-04T06:00:00+08:00"),
        fix("SH-1", NANJING, EARLIER),
        fix("HZ-1", HANGZHOU, EARLIER),
    ]);
    server.post("/api/v1/positions", &fixes).await;
    set_up(&server, "310000").await;

    for (agency, incidents, units) in [
        ("310000", vec![3, 4], vec!["SH-1"]),
        ("310118", vec![4], vec!["SH-1"]),
        ("320000", vec![1, 4], vec!["SH-1"]),
        ("330000", vec![2, 4], vec!["HZ-1"]),
        ("330100", vec![2, 4], vec!["HZ-1"]),
        ("340000", vec![4], vec![]),
    ] {
        for role in [Role::Wall, Role::Commander, Role::Admin] {
            let visitor = person(&server, &format!("{agency}-{role}"), agency, role).await;
            let seen = visitor.get("/api/v1/incidents").await;
            assert_eq!(
                ids(&seen["incidents"]),
                incidents.iter().copied().collect(),
                "{agency} {role}"
            );
            for id in 1..=4 {
                let status = visitor.status(Method::GET, &format!("/api/v1/incidents/{id}")).await;
                let there = incidents.contains(&id);
                assert_eq!(status == StatusCode::OK, there, "{agency} {role}: incident {id}");
                assert!(there || status == StatusCode::NOT_FOUND);
            }
            let seen = visitor.get("/api/v1/units").await;
            let codes: Vec<_> = seen
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["unit"]["code"].as_str().unwrap())
                .collect();
            assert_eq!(codes, units, "{agency} {role}");
        }
    }
    // Where Shanghai's car was: Jiangsu is told what lies in Jiangsu.
    let track = "/api/v1/units/SH-1/track?from=2026-03-03T20:00:00Z&to=2026-03-04T20:00:00Z";
    for (agency, fixes) in [("310000", 2), ("320000", 1), ("330000", 0)] {
        let visitor = Visitor::sign_in(&server, &format!("{agency}-commander")).await;
        let status = visitor.status(Method::GET, track).await;
        if fixes == 0 {
            assert_eq!(status, StatusCode::NOT_FOUND, "{agency}");
        } else {
            assert_eq!(visitor.get(track).await["fixes"].as_array().unwrap().len(), fixes);
        }
    }
}

/// What a client of the stream has been shown.
#[derive(Debug, Default)]
struct Shown {
    offset: u64,
    epoch: String,
    incidents: BTreeSet<u64>,
    of_jiangsu: BTreeSet<u64>,
    alerts: BTreeSet<u64>,
    units: BTreeMap<u64, (String, String)>,
}

const CHANNELS: [&str; 4] = ["incidents:all", "incidents:320000", "alerts", "units:4/13/6@200ms"];

impl Shown {
    fn take(&mut self, channel: &str, data: &Value) {
        let rows = data["rows"].as_array().into_iter().flatten();
        match channel {
            "alerts" => {
                let whole = data["alerts"].as_array().into_iter().flatten();
                let steps = data["changes"].as_array().into_iter().flatten();
                let all = whole.chain(steps.map(|step| &step["alert"]));
                self.alerts.extend(all.map(|alert| alert["id"].as_u64().unwrap()));
            }
            "incidents:all" => self.incidents.extend(rows.map(|row| row[0].as_u64().unwrap())),
            "incidents:320000" => self.of_jiangsu.extend(rows.map(|row| row[0].as_u64().unwrap())),
            _ => {
                if data["reset"] == true {
                    self.units.clear();
                }
                for row in rows {
                    let place = (row[1].to_string(), row[2].to_string());
                    self.units.insert(row[0].as_u64().unwrap(), place);
                }
                for gone in data["gone"].as_array().into_iter().flatten() {
                    let shown = self.units.remove(&gone.as_u64().unwrap());
                    assert!(shown.is_some(), "told of a unit that was never shown");
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        let told: Value = serde_json::from_str(line).unwrap();
        assert!(told["error"].is_null(), "{told}");
        if let Some(reply) = told.get("subscribe") {
            let at = told["id"].as_u64().unwrap();
            let channel = CHANNELS[usize::try_from(at).unwrap() - 2];
            self.take(channel, &reply["data"]);
            for publication in reply["publications"].as_array().into_iter().flatten() {
                self.take(channel, &publication["data"]);
                self.place(channel, publication);
            }
            self.place(channel, reply);
            if channel == "incidents:all" {
                reply["epoch"].as_str().unwrap().clone_into(&mut self.epoch);
            }
        }
        if let Some(push) = told.get("push") {
            let channel = push["channel"].as_str().unwrap().to_owned();
            self.take(&channel, &push["pub"]["data"]);
            self.place(&channel, &push["pub"]);
        }
    }

    fn place(&mut self, channel: &str, at: &Value) {
        if channel == "incidents:all" {
            self.offset = self.offset.max(at["offset"].as_u64().unwrap_or_default());
        }
    }
}

/// Somebody who looks by HTTP and listens at once.
struct Watcher {
    visitor: Visitor,
    shown: Shown,
    socket: tokio_tungstenite::WebSocketStream<
        tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>,
    >,
}

impl Watcher {
    async fn begin(server: &Server, visitor: Visitor, shown: Shown) -> Self {
        let socket = dial(server, "/connection/websocket", "cookie", &visitor.cookie);
        let mut watcher = Self { socket: socket.await.unwrap(), visitor, shown };
        let mut lines = vec![json!({"id": 1, "connect": {}})];
        for (id, channel) in (2..).zip(CHANNELS) {
            let mut subscribe = json!({"channel": channel});
            if channel == "incidents:all" && watcher.shown.offset > 0 {
                subscribe["recover"] = json!(true);
                subscribe["offset"] = json!(watcher.shown.offset);
                subscribe["epoch"] = json!(watcher.shown.epoch);
            }
            lines.push(json!({"id": id, "subscribe": subscribe}));
        }
        for line in lines {
            watcher.socket.send(Message::Text(line.to_string().into())).await.unwrap();
        }
        watcher
    }

    /// Listens until nothing has come for a while.
    async fn settle(&mut self) {
        while let Ok(heard) = timeout(Duration::from_millis(1_500), self.socket.next()).await {
            let Message::Text(text) = heard.unwrap().unwrap() else { continue };
            for line in text.lines().filter(|line| *line != "{}") {
                self.shown.line(line);
            }
        }
    }

    /// What was shown is what HTTP tells, no more and no less.
    async fn compare(&self, when: &str) {
        let agency = self.visitor.session["agency"]["code"].as_str().unwrap();
        let bulk = self.visitor.status(Method::GET, "/api/v1/incidents?limit=1001").await;
        assert_eq!(bulk, StatusCode::BAD_REQUEST, "in bulk is for who may export");
        let (mut incidents, mut path) =
            (BTreeSet::new(), "/api/v1/incidents?limit=1000".to_owned());
        loop {
            let told = self.visitor.get(&path).await;
            incidents.append(&mut ids(&told["incidents"]));
            let Some(next) = told["next"].as_str() else { break };
            path = format!("/api/v1/incidents?limit=1000&cursor={next}");
        }
        assert_eq!(self.shown.incidents, incidents, "{agency}, {when}");
        assert!(self.shown.of_jiangsu.is_subset(&self.shown.incidents), "{agency}, {when}");
        let told = self.visitor.get("/api/v1/alerts?limit=1000").await;
        assert_eq!(self.shown.alerts, ids(&told["alerts"]), "{agency}, {when}");
        let told = self.visitor.get("/api/v1/units").await;
        let now = told.as_array().unwrap().iter().filter(|unit| !unit["fix"].is_null());
        let now: BTreeMap<_, _> = now
            .map(|unit| {
                let place = (unit["fix"][1].to_string(), unit["fix"][2].to_string());
                (unit["unit"]["id"].as_u64().unwrap(), place)
            })
            .collect();
        assert_eq!(self.shown.units, now, "{agency}, {when}");
    }
}

/// Reports, units and fixes drawn at random over the delta, and some dumped along a
/// border so that alerts are raised.
struct Weather {
    random: Pcg64Mcg,
    token: String,
    reports: u32,
    seconds: i64,
}

impl Weather {
    const AGENCIES: [&str; 6] = ["310118", "320509", "330421", "330100", "320100", "340100"];

    fn place(&mut self) -> (f64, f64) {
        (self.random.random_range(116.5..122.0), self.random.random_range(28.5..33.5))
    }

    async fn post(&self, server: &Server, path: &str, body: &Value) {
        let request = server.ask(Method::POST, path).bearer_auth(&self.token).json(body);
        told(request, StatusCode::OK).await;
    }

    async fn blow(&mut self, server: &Server) {
        let mut reports: Vec<Value> = Vec::new();
        for _ in 0..120 {
            let (lon, lat) = self.place();
            self.reports += 1;
            let id = format!("r{}", self.reports);
            reports.push(report(&id, "exposed-refuse", lon, lat, EARLIER));
        }
        self.post(server, "/api/v1/incidents", &json!(reports)).await;
        // Long enough to be anywhere in the delta; the last is an hour before the morning.
        self.seconds += 3_600;
        let at = jiff::Timestamp::from_second(1_772_560_800 + self.seconds).unwrap().to_string();
        let mut fixes = Vec::new();
        for unit in 0..40 {
            let (lon, lat) = self.place();
            fixes.push(json!({"unit": format!("U{unit}"), "lon": lon, "lat": lat, "at": at}));
        }
        self.post(server, "/api/v1/positions", &json!(fixes)).await;
    }
}

#[tokio::test]
async fn the_stream_never_carries_what_http_would_refuse_and_leaves_nothing_out() {
    let server = Server::in_the_morning().await;
    let units: Vec<_> = (0..40)
        .map(|n: usize| {
            let code = format!("U{n}");
            json!({"code": code, "name": code, "kind": "car", "agency": Weather::AGENCIES[n % 6]})
        })
        .collect();
    server.post("/api/v1/units", &json!(units)).await;
    set_up(&server, "310000").await;
    // A device that may hand in for all four provinces needs a token of each; its
    // positions are handed in province by province.
    let mut storms = Vec::new();
    for agency in ["310000", "320000", "330000", "340000"] {
        let scopes = [Scope::IngestIncident, Scope::IngestPosition];
        let token = server.add_token(agency, agency, &scopes).await;
        let number: u32 = agency.parse().unwrap();
        let random = Pcg64Mcg::seed_from_u64(u64::from(number));
        storms.push(Weather { random, token, reports: number, seconds: 0 });
    }
    for storm in &mut storms {
        storm.blow(&server).await;
    }

    let mut watchers = Vec::new();
    for agency in ["310000", "320000", "330000", "340000", "310118", "330100", "320509"] {
        let visitor = person(&server, &format!("wall-{agency}"), agency, Role::Wall).await;
        watchers.push(Watcher::begin(&server, visitor, Shown::default()).await);
    }
    settled(&mut watchers, "on subscribing").await;
    for round in 0..3 {
        for storm in &mut storms {
            storm.blow(&server).await;
        }
        storms[0].post(&server, "/api/v1/incidents", &json!(dumped(LINE, round + 3, 3))).await;
        settled(&mut watchers, &format!("live, round {round}")).await;
    }
    let all: BTreeSet<u64> =
        watchers.iter().flat_map(|watcher| watcher.shown.incidents.iter().copied()).collect();
    assert!(watchers.iter().all(|watcher| watcher.shown.incidents.len() < all.len()));
    assert!(watchers.iter().any(|watcher| !watcher.shown.alerts.is_empty()));

    let mut back = Vec::new();
    for Watcher { visitor, shown, socket } in watchers {
        drop(socket);
        back.push((visitor, shown));
    }
    for storm in &mut storms {
        storm.blow(&server).await;
    }
    let mut watchers = Vec::new();
    for (visitor, shown) in back {
        let shown = Shown { units: BTreeMap::new(), ..shown };
        watchers.push(Watcher::begin(&server, visitor, shown).await);
    }
    settled(&mut watchers, "on coming back").await;
}

async fn settled(watchers: &mut [Watcher], when: &str) {
    join_all(watchers.iter_mut().map(Watcher::settle)).await;
    for watcher in watchers {
        watcher.compare(when).await;
    }
}
