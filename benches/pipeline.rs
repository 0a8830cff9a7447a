//! What the durable part costs, without a door: positions and incidents through
//! the pipeline into SQLite (WAL, synchronous=FULL), while senders wait for each
//! answer.
//!
//! `cargo bench --bench pipeline`; rows go to `target/bench/pipeline.json`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]
#![expect(clippy::cast_precision_loss, reason = "figures")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pilin::access::{Homes, Land};
use pilin::domain::{
    Code, Level, LngLat, MatterCode, NewIncident, NewUnit, Position, Provenance, Severity, Time,
    UnitId, UnitKind,
};
use pilin::pipeline::{Clock, Inlet, Pace, Running, Settings, Submission, World, start};
use pilin::region::Region;
use pilin::store::{Sqlite, Store};
use pilin::stream::Limits;
use pilin::wire::{BorderView, Gazetteer, Named, Place};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tokio_util::sync::CancellationToken;

const UNITS: u32 = 20_000;
const RUN: Duration = Duration::from_secs(8);

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where a point lies, as the stream asks; names do not matter here.
#[derive(Debug)]
struct Map(Arc<Region>);

impl Land for Map {
    fn homes(&self, _: LngLat) -> Homes {
        Homes::default()
    }
    fn above(&self, code: Code) -> Vec<Code> {
        vec![code]
    }
}

impl Gazetteer for Map {
    fn place(&self, point: LngLat) -> Place {
        let place = self.0.atlas.place(point);
        Place {
            jurisdictions: Level::ALL.map(|level| place.at(level)),
            zones: place.zones.to_vec(),
        }
    }
    fn jurisdiction(&self, _: Code) -> Option<Named<'_>> {
        None
    }
    fn zones(&self) -> &[String] {
        &[]
    }
    fn border(&self, _: Level, _: u32) -> Option<BorderView> {
        None
    }
}

fn now() -> Time {
    Clock::wall().now().unwrap()
}

fn point(rng: &mut Pcg64Mcg) -> LngLat {
    LngLat::new(rng.random_range(120.2..121.6), rng.random_range(30.6..31.6)).unwrap()
}

/// Seconds of processor time this process has used.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<_> = after.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    ticks as f64 / 100.0
}

/// Sends from several tasks for a while; items a second, processor µs an item.
async fn drive(
    inlet: &Inlet,
    senders: u32,
    make: impl Fn(&mut Pcg64Mcg, u32, u64) -> Submission + Copy + Send + 'static,
) -> (f64, f64) {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let tasks: Vec<_> = (0..senders)
        .map(|sender| {
            let inlet = inlet.clone();
            tokio::spawn(async move {
                let mut rng = Pcg64Mcg::seed_from_u64(sender.into());
                let mut sent = 0;
                for round in 0.. {
                    if begun.elapsed() > RUN {
                        break;
                    }
                    let submission = make(&mut rng, sender, round);
                    let items = submission.items();
                    inlet.send(submission).await.unwrap();
                    sent += items;
                }
                sent
            })
        })
        .collect();
    let mut sent = 0;
    for task in tasks {
        sent += task.await.unwrap();
    }
    let items = sent as f64;
    (items / begun.elapsed().as_secs_f64(), (cpu_seconds() - cpu) / items * 1e6)
}

fn positions(rng: &mut Pcg64Mcg, sender: u32, round: u64, many: u32) -> Submission {
    let walked = u32::try_from(round * u64::from(many) % u64::from(UNITS)).unwrap();
    let first = (sender * 5_000 + walked) % UNITS;
    let at = now() + i64::try_from(round).unwrap() % 7;
    let fix = |unit| Position {
        unit: UnitId(1 + unit % UNITS),
        at,
        point: point(rng),
        original: None,
        speed_mps: Some(8.0),
        course_deg: Some(90.0),
        accuracy_m: Some(5.0),
    };
    Submission::Positions((first..first + many).map(fix).collect())
}

fn incidents(rng: &mut Pcg64Mcg, sender: u32, round: u64, many: u64) -> Submission {
    let at = now();
    let report = |key: u64| NewIncident {
        source: "bench".into(),
        external_id: format!("{at}-{sender}-{round}-{key}").into(),
        matter: MatterCode::new("spoil-dumping"),
        point: point(rng),
        original: None,
        occurred_at: at,
        severity: Severity::MINOR,
        description: "渣土倾倒".into(),
        media: Vec::new(),
        provenance: Provenance::Simulated,
    };
    Submission::Incidents((0..many).map(report).collect())
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store: Arc<dyn Store> =
        Arc::new(Sqlite::open(&folder.path().join("bench.sqlite")).await.unwrap());
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let region = Arc::new(Region::read(&region).unwrap());
    let world = World {
        region: region.name.clone(),
        atlas: Arc::clone(&region.atlas),
        map: Arc::new(Map(Arc::clone(&region))),
        rules: Arc::clone(&region.rules),
        time_zone: region.time_zone.clone(),
        level: region.level,
    };
    let stop = CancellationToken::new();
    let settings =
        Settings { clock: Clock::wall(), limits: Limits::default(), pace: Pace::default() };
    let Running { inlet, task, .. } = start(store, world, settings, stop.clone()).await.unwrap();
    let units = (0..UNITS).map(|at| NewUnit {
        code: format!("car-{at}").into(),
        name: format!("car {at}").into(),
        kind: UnitKind::Car,
        agency: "310118".parse().unwrap(),
        provenance: Provenance::Simulated,
    });
    let begun = Instant::now();
    inlet.send(Submission::Units(units.collect())).await.unwrap();
    println!("{UNITS} units registered in {:.2} s", begun.elapsed().as_secs_f64());

    let mut rows = Vec::new();
    let mut tell = |what: &str, unit: &str, (rate, cpu_us): (f64, f64)| {
        println!("{what}: {rate:.0} {unit}/s, {cpu_us:.2} µs of processor each");
        rows.push(serde_json::json!({"what": what, "figure": rate, "unit": format!("{unit}/s")}));
        let what = format!("{what}, processor time each");
        rows.push(serde_json::json!({"what": what, "figure": cpu_us, "unit": "µs"}));
    };
    let four = drive(&inlet, 4, |rng, sender, round| positions(rng, sender, round, 5_000)).await;
    tell("pipeline: 4 senders, 5,000 positions each time", "positions", four);
    let many = drive(&inlet, 64, |rng, sender, round| positions(rng, sender, round, 200)).await;
    tell("pipeline: 64 senders, 200 positions each time", "positions", many);
    let four = drive(&inlet, 4, |rng, sender, round| incidents(rng, sender, round, 250)).await;
    tell("pipeline: 4 senders, 250 incidents each time", "incidents", four);
    let one = drive(&inlet, 16, |rng, sender, round| incidents(rng, sender, round, 1)).await;
    tell("pipeline: 16 senders, 1 incident each time", "incidents", one);

    stop.cancel();
    task.await.unwrap();
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("pipeline.json"), serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
}
