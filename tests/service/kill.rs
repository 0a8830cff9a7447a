//! Killed at any moment, the service loses nothing that it acknowledged, and
//! keeps nothing twice.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pilin::domain::{Batch, Event, Offset, Time, UnitId};
use pilin::engine::Engine;
use pilin::pipeline::Clock;
use pilin::region::Region;
use pilin::store::Store;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::place::Place;

const KILLS: u32 = 22;
const SEED: u64 = 0x5eed;
const UNITS: i64 = 24;
const REGION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/boston");

/// The built server, killed when dropped.
fn serve(place: &Place, port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pilin"))
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{port}"), "--region", REGION])
        .args(["--store", &place.address().to_string()])
        // Checkpoints as often as can be, so that many a kill falls into one.
        .args(["--checkpoint-events", "300", "--log", "warn"])
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// A client that asks until it is answered, as a device in the field does.
#[derive(Clone)]
struct Device {
    http: reqwest::Client,
    base: String,
}

impl Device {
    async fn ready(&self) {
        let url = format!("{}/readyz", self.base);
        let asked = Instant::now();
        while !self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            assert!(asked.elapsed() < Duration::from_mins(1), "the server does not start");
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn post(&self, what: &str, items: &[Value]) -> Value {
        let url = format!("{}/api/v1/{what}", self.base);
        let body = items.iter().fold(String::new(), |body, item| body + &item.to_string() + "\n");
        loop {
            let posted = self
                .http
                .post(&url)
                .header("content-type", "application/x-ndjson")
                .body(body.clone())
                .send()
                .await;
            if let Ok(answer) = posted {
                let status = answer.status();
                assert!(!status.is_client_error(), "{what}: {status} {:?}", answer.text().await);
                if status.is_success()
                    && let Ok(told) = answer.json::<Value>().await
                {
                    assert_eq!(told["refused"], json!([]), "{what}");
                    return told;
                }
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn get(&self, what: &str) -> Value {
        self.http.get(format!("{}{what}", self.base)).send().await.unwrap().json().await.unwrap()
    }
}

/// What was acknowledged.
#[derive(Default)]
struct Ledger {
    incidents: HashMap<String, u64>,
    fixes: HashSet<(i64, Time)>,
}

/// Posts reports near one border, in small batches, until told to stop.
async fn report(
    device: Device,
    reporter: u64,
    ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
) {
    let mut rng = Pcg64Mcg::seed_from_u64(SEED + reporter);
    let mut sent = 0_u64;
    while !stop.is_cancelled() {
        let many = rng.random_range(1..=8);
        let keys: Vec<_> = (sent..sent + many).map(|key| format!("{reporter}-{key}")).collect();
        // Some of the last batch come again, as from a device that is not sure.
        sent += rng.random_range(many / 2..=many);
        let items: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({"source": "kill", "external_id": key, "matter": "graffiti-removal",
                    "lon": -71.0589 + rng.random_range(-0.01..0.01),
                    "lat": 42.3259 + rng.random_range(-0.01..0.01),
                    "occurred_at": Clock::wall().now().unwrap(), "provenance": "simulated"})
            })
            .collect();
        let told = device.post("incidents", &items).await;
        let mut ledger = ledger.lock().unwrap();
        for verdict in
            ["accepted", "duplicates"].iter().flat_map(|kind| told[kind].as_array().unwrap())
        {
            let key = &keys[usize::try_from(verdict["index"].as_u64().unwrap()).unwrap()];
            let id = verdict["id"].as_u64().unwrap();
            let before = *ledger.incidents.entry(key.clone()).or_insert(id);
            assert_eq!(before, id, "{key} keeps its number");
        }
    }
}

/// Posts fixes, some late, some twice, until told to stop.
async fn move_about(
    device: Device,
    driver: i64,
    ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
) {
    let mut rng = Pcg64Mcg::seed_from_u64(SEED + 100 + driver.unsigned_abs());
    let start = Clock::wall().now().unwrap() - 3_600_000;
    for round in 0.. {
        if stop.is_cancelled() {
            return;
        }
        let fixes: Vec<_> = (0..rng.random_range(1..40))
            .map(|at| {
                let unit = driver * (UNITS / 2) + at % (UNITS / 2);
                // One in twenty was held up on its way, or is sent once more.
                let late = if rng.random_ratio(1, 20) { 150 } else { 0 };
                (unit, start + 100 * (round - late).max(0))
            })
            .collect();
        let items: Vec<_> = fixes
            .iter()
            .map(|(unit, at)| {
                json!({"unit": format!("car-{unit}"), "lon": rng.random_range(-71.1..-71.0),
                    "lat": rng.random_range(42.3..42.4), "at": at})
            })
            .collect();
        device.post("positions", &items).await;
        ledger.lock().unwrap().fixes.extend(fixes);
    }
}

/// Lets the loaders work while the server is killed again and again; the last
/// one lives.
async fn ordeal(device: &Device, place: &Place, port: u16) -> (Ledger, Child) {
    let mut server = serve(place, port);
    let units: Vec<_> = (0..UNITS)
        .map(|at| {
            json!({"code": format!("car-{at}"), "name": format!("Car {at}"), "kind": "car",
                "agency": "250701", "provenance": "simulated"})
        })
        .collect();
    device.ready().await;
    device.post("units", &units).await;

    let (ledger, stop) = (Arc::new(Mutex::new(Ledger::default())), CancellationToken::new());
    let mut loaders = tokio::task::JoinSet::new();
    for at in 0..2 {
        loaders.spawn(report(device.clone(), at, Arc::clone(&ledger), stop.clone()));
        let driver = i64::try_from(at).unwrap();
        loaders.spawn(move_about(device.clone(), driver, Arc::clone(&ledger), stop.clone()));
    }
    let mut rng = Pcg64Mcg::seed_from_u64(SEED);
    for kill in 0..KILLS {
        // Now and then it does not even live to answer.
        if kill % 5 != 4 {
            device.ready().await;
        }
        sleep(Duration::from_millis(rng.random_range(20..700))).await;
        server.kill().await.unwrap();
        server = serve(place, port);
    }
    device.ready().await;
    stop.cancel();
    while let Some(loader) = loaders.join_next().await {
        loader.unwrap();
    }
    (Arc::into_inner(ledger).unwrap().into_inner().unwrap(), server)
}

type Log = Vec<(Offset, Batch)>;

/// Every acknowledged item is in the log once, and nothing else is.
async fn check_log(store: &dyn Store, log: &[(Offset, Batch)], ledger: &Ledger) {
    let mut incidents = HashMap::new();
    let mut fixes: HashMap<UnitId, HashSet<Time>> = HashMap::new();
    let mut codes = HashMap::new();
    for event in log.iter().flat_map(|(_, batch)| &batch.events) {
        match event {
            Event::Incident(incident) => {
                let before = incidents.insert(incident.external_id.to_string(), incident.id.0);
                assert_eq!(before, None, "{} is there once", incident.external_id);
            }
            Event::Position(fix) => {
                assert!(fixes.entry(fix.unit).or_default().insert(fix.at), "{fix:?} is there once");
            }
            Event::Unit(unit) => {
                assert_eq!(codes.insert(unit.code.to_string(), unit.id), None);
            }
            _ => {}
        }
    }
    let mut acknowledged: HashMap<UnitId, HashSet<Time>> = HashMap::new();
    for (unit, at) in &ledger.fixes {
        acknowledged.entry(codes[&format!("car-{unit}")]).or_default().insert(*at);
    }
    assert_eq!(incidents, ledger.incidents);
    assert_eq!(fixes, acknowledged);
    assert!(incidents.len() > 200 && ledger.fixes.len() > 2_000, "the loaders came through");
    for (unit, times) in fixes {
        let ever = (Time::from_ms(0), Time::from_ms(i64::MAX));
        let track = store.track(unit, ever.0, ever.1, usize::MAX).await.unwrap();
        assert_eq!(track.iter().map(|fix| fix.at).collect::<HashSet<_>>(), times);
        assert_eq!(track.len(), times.len());
    }
}

/// The whole log, which a store tells in pages.
async fn read_all(store: &dyn Store) -> Log {
    let mut all = Log::new();
    loop {
        let after = all.last().map_or(Offset(0), |(offset, _)| *offset);
        let page = store.read(after, usize::MAX).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// A fresh engine that replays the log; at each checkpoint it stands where that
/// one does.
async fn check_checkpoints(store: &dyn Store, log: &[(Offset, Batch)]) -> Engine {
    let region = Region::read(Path::new(REGION)).unwrap();
    let mut engine = Engine::new(Arc::clone(&region.atlas), Arc::default());
    let mut kept = store.checkpoints().await.unwrap();
    assert!(!kept.is_empty(), "checkpoints were taken");
    let mut changes = Vec::new();
    for (offset, batch) in log {
        for event in &batch.events {
            engine.apply(event, batch.at, &mut changes);
        }
        if let Some(at) = kept.iter().position(|kept| kept == offset) {
            kept.remove(at);
            let bytes = store.checkpoint(*offset).await.unwrap().unwrap();
            let restored = Engine::restore(Arc::clone(&region.atlas), &bytes).unwrap();
            assert_eq!(restored.digest(), engine.digest(), "after batch {}", offset.0);
        }
    }
    assert_eq!(kept, [], "each is of a batch of the log");
    engine
}

/// What the server showed is what a fresh replay comes to.
fn check_shown(engine: &Engine, alerts: &Value, units: &Value) {
    let told: Vec<_> = engine
        .alerts()
        .map(|alert| json!([alert.id, alert.state, alert.members.len(), alert.updated_at.ms()]))
        .collect();
    let shown = alerts["alerts"].as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|alert| json!([alert["id"], alert["state"], alert["members"], alert["updated_at"]]))
        .collect();
    assert!(!told.is_empty(), "something alarmed");
    assert_eq!(shown, told);
    let newest: Vec<_> = engine.units().map(|(_, fix)| json!(fix.map(|fix| fix.at.ms()))).collect();
    let units = units.as_array().unwrap().iter();
    assert_eq!(units.map(|unit| unit["fix"][5].clone()).collect::<Vec<_>>(), newest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled() {
    let place = Place::new().await;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let device = Device { http: reqwest::Client::new(), base: format!("http://127.0.0.1:{port}") };
    let (ledger, mut server) = ordeal(&device, &place, port).await;
    let alerts = device.get("/api/v1/alerts?limit=1000").await;
    let units = device.get("/api/v1/units").await;
    server.kill().await.unwrap();

    let store = place.open().await.store;
    let log = read_all(&*store).await;
    check_log(&*store, &log, &ledger).await;
    let replayed = check_checkpoints(&*store, &log).await;
    check_shown(&replayed, &alerts, &units);
}
