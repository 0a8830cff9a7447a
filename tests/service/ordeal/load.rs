//! Those who report while things break, and what they were told.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pilin::domain::Time;
use pilin::pipeline::Clock;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::device::{Device, until};

pub const SEED: u64 = 0x5eed;

const UNITS: i64 = 24;

/// What was acknowledged.
#[derive(Debug, Default)]
pub struct Ledger {
    /// With the number, once it was told.
    pub incidents: HashMap<String, Option<u64>>,
    /// By the unit's code.
    pub fixes: HashSet<(String, Time)>,
}

impl Ledger {
    /// What was acknowledged elsewhere too: the same is told of the same.
    pub fn add(&mut self, other: Self) {
        self.fixes.extend(other.fixes);
        for (key, told) in other.incidents {
            let known = self.incidents.entry(key).or_default();
            assert!(known.is_none() || told.is_none() || *known == told, "{known:?} {told:?}");
            *known = known.or(told);
        }
    }
}

/// Some who report at once, until they are stopped.
#[derive(Debug)]
pub struct Load {
    pub ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
    reporters: JoinSet<()>,
}

impl Load {
    /// Registers units and begins to report, each pausing so long between two posts.
    pub async fn begin(device: &Device, pause: Duration) -> Self {
        let units: Vec<_> = (0..UNITS).map(|at| unit(&format!("car-{at}"))).collect();
        device.post("units", &units).await;
        let (ledger, stop) = (Arc::<Mutex<Ledger>>::default(), CancellationToken::new());
        let mut reporters = JoinSet::new();
        for at in 0..2 {
            let of = |seed| Reporter {
                device: device.clone(),
                ledger: Arc::clone(&ledger),
                stop: stop.clone(),
                rng: Pcg64Mcg::seed_from_u64(SEED + seed),
                pause,
            };
            reporters.spawn(of(at).report(at));
            reporters.spawn(of(100 + at).move_about(i64::try_from(at).unwrap()));
        }
        Self { ledger, stop, reporters }
    }

    /// Waits until so many incidents and fixes at least were acknowledged.
    pub async fn came_through(&self, incidents: usize, fixes: usize) {
        let many = || {
            let ledger = self.ledger.lock().unwrap();
            (ledger.incidents.len(), ledger.fixes.len())
        };
        until(&format!("{incidents} incidents and {fixes} fixes came through"), async || {
            let many = many();
            many.0 >= incidents && many.1 >= fixes
        })
        .await;
    }

    /// Lets them come to an end; what they were told.
    pub async fn end(mut self) -> Ledger {
        self.stop.cancel();
        while let Some(reporter) = self.reporters.join_next().await {
            reporter.unwrap();
        }
        std::mem::take(&mut self.ledger.lock().unwrap())
    }
}

/// A registration.
pub fn unit(code: &str) -> Value {
    json!({"code": code, "name": code, "kind": "car", "agency": "250701",
        "provenance": "simulated"})
}

/// A fix of a unit, within a few houses: one further off would not be believed.
pub fn fix(unit: &str, at: Time, rng: &mut Pcg64Mcg) -> Value {
    json!({"unit": unit, "lon": rng.random_range(-71.003..-71.0),
        "lat": rng.random_range(42.3..42.303), "at": at})
}

/// What the clock shows.
pub fn now() -> Time {
    Clock::wall().now().unwrap()
}

struct Reporter {
    device: Device,
    ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
    rng: Pcg64Mcg,
    pause: Duration,
}

impl Reporter {
    /// Posts reports near one border, in small batches, until told to stop.
    async fn report(mut self, reporter: u64) {
        let mut sent = 0_u64;
        while !self.stop.is_cancelled() {
            let many = self.rng.random_range(1..=8);
            let keys: Vec<_> = (sent..sent + many).map(|key| format!("{reporter}-{key}")).collect();
            // Some of the last batch come again, as from a device that is not sure.
            sent += self.rng.random_range(many / 2..=many);
            let items: Vec<_> = keys
                .iter()
                .map(|key| {
                    json!({"source": "ordeal", "external_id": key, "matter": "graffiti-removal",
                        "lon": -71.0589 + self.rng.random_range(-0.01..0.01),
                        "lat": 42.3259 + self.rng.random_range(-0.01..0.01),
                        "occurred_at": now(), "provenance": "simulated"})
                })
                .collect();
            let told = self.device.post("incidents", &items).await;
            self.write_down(&keys, &told);
            tokio::time::sleep(self.pause).await;
        }
    }

    fn write_down(&self, keys: &[String], told: &Value) {
        let mut ledger = self.ledger.lock().unwrap();
        if told["kept"].is_u64() {
            for key in keys {
                ledger.incidents.entry(key.clone()).or_default();
            }
            return;
        }
        let kinds = ["accepted", "duplicates"];
        for verdict in kinds.iter().flat_map(|kind| told[kind].as_array().unwrap()) {
            let key = &keys[usize::try_from(verdict["index"].as_u64().unwrap()).unwrap()];
            let id = verdict["id"].as_u64().unwrap();
            let before = ledger.incidents.entry(key.clone()).or_default();
            assert_eq!(*before.get_or_insert(id), id, "{key} keeps its number");
        }
    }

    /// Posts fixes, some late, some twice, until told to stop.
    async fn move_about(mut self, driver: i64) {
        let start = now() - 3_600_000;
        for round in 0.. {
            if self.stop.is_cancelled() {
                return;
            }
            let fixes: Vec<_> = (0..self.rng.random_range(1..40))
                .map(|at| {
                    let unit = driver * (UNITS / 2) + at % (UNITS / 2);
                    // One in twenty was held up on its way, or is sent once more.
                    let late = if self.rng.random_ratio(1, 20) { 150 } else { 0 };
                    (format!("car-{unit}"), start + 100 * (round - late).max(0))
                })
                .collect();
            let items: Vec<_> =
                fixes.iter().map(|(unit, at)| fix(unit, *at, &mut self.rng)).collect();
            self.device.post("positions", &items).await;
            self.ledger.lock().unwrap().fixes.extend(fixes);
            tokio::time::sleep(self.pause).await;
        }
    }
}
