//! What the durable part costs, without a door: positions and incidents through
//! the pipeline into SQLite (WAL, synchronous=FULL) and into PostGIS, while senders
//! wait for each answer.
//!
//! `WAL=4GB scripts/postgis.sh cargo bench --bench pipeline`, with `-- ways` for the ways
//! of writing rows alone; rows go to `target/bench/pipeline.json`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]
#![expect(clippy::cast_precision_loss, reason = "figures")]

#[path = "../../tests/support/database.rs"]
mod database;
mod history;
mod peers;
mod ways;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pilin::access::{Homes, Land};
use pilin::domain::{
    Code, Level, LngLat, MatterCode, NewIncident, NewUnit, Position, Provenance, Severity, Time,
    UnitId, UnitKind,
};
use pilin::pipeline::{Clock, Inlet, Pace, Running, Settings, Submission, Verdicts, World, start};
use pilin::region::Region;
use pilin::store::{Postgis, Sqlite, Store};
use pilin::stream::Limits;
use pilin::wire::{BorderView, Gazetteer, Named, Place};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde_json::Value;
use sqlx::{Connection, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use database::Database;

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
                    let told = inlet.send(submission).await.unwrap().verdicts;
                    sent += match told {
                        Verdicts::Duplicates(known) => items - known.len(),
                        _ => items,
                    };
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
    let first = (sender * many + walked) % UNITS;
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

fn report(rng: &mut Pcg64Mcg, key: &str) -> NewIncident {
    NewIncident {
        source: "bench".into(),
        external_id: key.into(),
        matter: MatterCode::new("spoil-dumping"),
        point: point(rng),
        original: None,
        occurred_at: now(),
        severity: Severity::MINOR,
        description: "渣土倾倒".into(),
        media: Vec::new(),
        provenance: Provenance::Simulated,
    }
}

fn incidents(rng: &mut Pcg64Mcg, sender: u32, round: u64, many: u64) -> Submission {
    let at = now();
    let key = |nth: u64| format!("{at}-{sender}-{round}-{nth}");
    Submission::incidents((0..many).map(|nth| report(rng, &key(nth))).collect())
}

fn row(what: &str, figure: f64, unit: &str) -> Value {
    println!("{what}: {figure:.2} {unit}");
    serde_json::json!({"what": what, "figure": figure, "unit": unit})
}

/// What the pipeline takes in on a store; how many positions a second at most.
async fn measure(name: &str, store: Arc<dyn Store>, rows: &mut Vec<Value>) -> f64 {
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let region = Arc::new(Region::read(&region).unwrap());
    let world = World {
        region: region.name.clone(),
        atlas: Arc::clone(&region.atlas),
        map: Arc::new(Map(Arc::clone(&region))),
        rules: Arc::clone(&region.rules),
        grading: region.grading,
        time_zone: region.time_zone.clone(),
        level: region.level,
    };
    let stop = CancellationToken::new();
    let settings = Settings {
        clock: Clock::wall(),
        limits: Limits::default(),
        pace: Pace::default(),
        spool: None,
    };
    let Running { inlet, task, .. } = start(store, world, settings, stop.clone()).await.unwrap();
    let units = (0..UNITS).map(|at| NewUnit {
        code: format!("car-{at}").into(),
        name: format!("car {at}").into(),
        kind: UnitKind::Car,
        agency: "310118".parse().unwrap(),
        provenance: Provenance::Simulated,
    });
    let begun = Instant::now();
    inlet.send(Submission::units(units.collect())).await.unwrap();
    println!("{name}: {UNITS} units registered in {:.2} s", begun.elapsed().as_secs_f64());

    let mut tell = |what: &str, unit: &str, (rate, cpu_us): (f64, f64)| {
        rows.push(row(&format!("{name}: {what}"), rate, &format!("{unit}/s")));
        rows.push(row(&format!("{name}: {what}, processor time each"), cpu_us, "µs"));
        rate
    };
    let four = drive(&inlet, 4, |rng, sender, round| positions(rng, sender, round, 5_000)).await;
    let most = tell("4 senders, 5,000 positions each time", "positions", four);
    let many = drive(&inlet, 64, |rng, sender, round| positions(rng, sender, round, 200)).await;
    tell("64 senders, 200 positions each time", "positions", many);
    let four = drive(&inlet, 4, |rng, sender, round| incidents(rng, sender, round, 250)).await;
    tell("4 senders, 250 incidents each time", "incidents", four);
    let one = drive(&inlet, 16, |rng, sender, round| incidents(rng, sender, round, 1)).await;
    tell("16 senders, 1 incident each time", "incidents", one);
    stop.cancel();
    task.await.unwrap().unwrap();
    most
}

/// The same on PostGIS, beside rows brought into it by hand; then its history.
async fn measure_postgis(rows: &mut Vec<Value>) {
    let place = Database::new().await;
    let store = Arc::new(Postgis::open(&place.url()).await.unwrap());
    let first = rows.len();
    let most = measure("pipeline on PostGIS", Arc::clone(&store) as _, rows).await;
    let database = PgPool::connect(&place.url()).await.unwrap();
    let hand = peers::run(&database).await;
    let times = most / hand.bare;
    println!("the pipeline takes in {times:.2} of what COPY does without an index");
    rows[first]["goal"] = "0.7 × COPY".into();
    rows[first]["peer"] = "COPY, no index".into();
    rows[first]["ratio"] = times.into();
    for (what, rate) in [
        ("COPY, 5,000 rows each time, no index", hand.bare),
        ("COPY, 5,000 rows each time, indexes on unit and time", hand.indexed),
        ("INSERT, one row and commit each, the same indexes", hand.inserted),
    ] {
        rows.push(row(&format!("PostGIS by hand, 4 senders: {what}"), rate, "positions/s"));
    }
}

/// Two ways of writing rows, in a database of their own.
async fn measure_ways(rows: &mut Vec<Value>) {
    let place = Database::new().await;
    let store = Postgis::open(&place.url()).await.unwrap();
    let mut database = PgConnection::connect(&place.url()).await.unwrap();
    ways::prepare(&store).await;
    for (batch, batches) in
        [(1_000, 150), (300, 300), (100, 750), (30, 1_000), (10, 1_500), (1, 2_000)]
    {
        let (unnested, copied) = ways::run(&mut database, batch, batches).await;
        for (what, rate) in [("UNNEST, as the store does", unnested), ("COPY", copied)] {
            let what =
                format!("PostGIS: rows of incidents, {batch} each time, before the commit: {what}");
            rows.push(row(&what, rate, "incidents/s"));
        }
    }
}

/// Questions about the past, in a database of its own.
async fn measure_history(rows: &mut Vec<Value>) {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let place = Database::new().await;
    let store = Postgis::open(&place.url()).await.unwrap();
    let database = PgPool::connect(&place.url()).await.unwrap();
    let track = history::tracks(&store, &database).await;
    rows.push(row("PostGIS: a unit's track of a day, 8,640 fixes", ms(track), "ms"));
    let boxes = history::boxes(&store, &database).await;
    let what = "PostGIS: incidents in 4 km by 4 km for 90 days, of 10 million in a year";
    rows.push(row(what, ms(boxes), "ms"));
}

#[tokio::main]
async fn main() {
    let asked = |name: &str| std::env::args().any(|arg| arg == name);
    let mut rows = Vec::new();
    if !asked("ways") {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let store = Sqlite::open(&folder.path().join("bench.sqlite")).await.unwrap();
        measure("pipeline", Arc::new(store), &mut rows).await;
        measure_postgis(&mut rows).await;
        measure_history(&mut rows).await;
    }
    measure_ways(&mut rows).await;
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("pipeline.json"), serde_json::to_vec_pretty(&rows).unwrap()).unwrap();
}
