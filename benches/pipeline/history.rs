//! Questions about the past, and how the database answers them.

use std::time::{Duration, Instant};

use pilin::domain::{Event, LngLat, NewIncident, Offset, Position, Time, UnitId};
use pilin::store::{Draft, Postgis, Store};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use sqlx::{Executor, PgPool, Row};

use crate::{now, report};

/// Incidents, spread over a year.
const INCIDENTS: i64 = 10_000_000;

const DAY_MS: i64 = 86_400_000;

/// Units that tell where they are all day, so often.
const UNITS: u32 = 500;
const EVERY_MS: i64 = 10_000;

/// Of how many times a batch holds the fixes: as much as the pipeline puts in one.
const TICKS: usize = 10;

/// As the pipeline does.
const COMPACT_EVENTS: usize = 100_000;

/// Boxes asked for, each of some 4 km by 4 km.
const ASKED: u32 = 200;

const IN_BOX: &str = "SELECT id, matter, occurred_at::text, ST_X(place), ST_Y(place) FROM incidents
    WHERE place && ST_MakeEnvelope($1, $2, $1 + 0.04, $2 + 0.04, 4326)
        AND occurred_at >= now() - interval '90 days'";

/// Fills a year, as fast as the database can: the indexes of place and time are
/// made after it.
async fn fill(store: &Postgis, database: &PgPool) {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    // The store makes the months.
    let incidents: Vec<_> = (0..=24)
        .map(|half| NewIncident {
            occurred_at: now() - half * 15 * DAY_MS,
            ..report(&mut rng, &format!("half-{half}"))
        })
        .collect();
    store.append(Draft { at: now(), incidents, ..Draft::default() }).await.unwrap();
    let fill = format!(
        "DROP INDEX incidents_by_place; DROP INDEX incidents_by_time;
         INSERT INTO incidents (id, source, external_id, matter, place, occurred_at, severity,
             description, media, provenance, seq)
         SELECT 1000000 + n, 'bench', n::text, 'spoil-dumping',
             ST_SetSRID(ST_MakePoint(118 + 4 * random(), 29 + 4 * random()), 4326),
             now() - random() * interval '360 days', 2, '渣土倾倒', '[]', 'simulated', 1
         FROM generate_series(1, {INCIDENTS}) AS n;
         CREATE INDEX incidents_by_place ON incidents USING gist (place);
         CREATE INDEX incidents_by_time ON incidents (occurred_at);
         ANALYZE incidents"
    );
    database.execute(sqlx::AssertSqlSafe(fill)).await.unwrap();
}

/// The median time of a box of 90 days, fetched; prints the plan.
pub async fn boxes(store: &Postgis, database: &PgPool) -> Duration {
    let begun = Instant::now();
    fill(store, database).await;
    println!("{INCIDENTS} incidents filled in {:.0} s", begun.elapsed().as_secs_f64());
    let (mut times, mut found) = (Vec::new(), 0);
    for nth in 0..ASKED {
        let (lng, lat) = (118.0 + 0.019 * f64::from(nth), 29.0 + 0.019 * f64::from(nth));
        let begun = Instant::now();
        let rows = sqlx::query(IN_BOX).bind(lng).bind(lat).fetch_all(database).await.unwrap();
        times.push(begun.elapsed());
        found += rows.len();
    }
    println!("{} incidents a box", found / times.len());
    explain(database, &IN_BOX.replace("$1", "120.0").replace("$2", "31.0")).await;
    median(times)
}

/// A day of fixes in tracks, as a service leaves it.
async fn drive_about(store: &Postgis, begun: Time) {
    let mut known = Offset(0);
    for tick in (0..DAY_MS / EVERY_MS).step_by(TICKS) {
        let ticks = i64::try_from(TICKS).unwrap();
        let fix = |tick: i64, unit: u32| {
            let at = begun + tick * EVERY_MS;
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let way = tick as f64 * 1e-5;
            let point = LngLat::new(120.0 + way, 31.0 + f64::from(unit) * 1e-3).unwrap();
            let unit = UnitId(unit);
            let (speed_mps, course_deg, accuracy_m) = (Some(8.0), Some(90.0), Some(5.0));
            Position { unit, at, point, original: None, speed_mps, course_deg, accuracy_m }
        };
        let events = (tick..tick + ticks)
            .flat_map(|tick| (1..=UNITS).map(move |unit| Event::Position(fix(tick, unit))))
            .collect();
        let draft = Draft { at: begun, events, known, ..Draft::default() };
        known = store.append(draft).await.unwrap().offset;
    }
    while store.compacted().await.unwrap() < known {
        store.compact(known, COMPACT_EVENTS).await.unwrap();
    }
}

/// The median time of a unit's track of a day, decoded; prints the plan.
pub async fn tracks(store: &Postgis, database: &PgPool) -> Duration {
    let begun = Instant::now();
    let (from, to) = (Time::from_ms(now().ms() / DAY_MS * DAY_MS), now() + DAY_MS);
    drive_about(store, from).await;
    database.execute("ANALYZE tracks").await.unwrap();
    println!("a day of {UNITS} units filled in {:.0} s", begun.elapsed().as_secs_f64());
    let mut times = Vec::new();
    for unit in 1..=200 {
        let begun = Instant::now();
        let track = store.track(UnitId(unit), from, to, usize::MAX).await.unwrap();
        times.push(begun.elapsed());
        assert_eq!(track.len(), usize::try_from(DAY_MS / EVERY_MS).unwrap());
    }
    let hour = |at: Time| at.ms() / 3_600_000;
    let plan = format!(
        "SELECT fixes FROM tracks WHERE unit = 7 AND hour BETWEEN {} AND {}",
        hour(from),
        hour(to)
    );
    explain(database, &plan).await;
    median(times)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn explain(database: &PgPool, query: &str) {
    let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, SUMMARY OFF) {query}");
    println!("\n{query}");
    for row in sqlx::query(sqlx::AssertSqlSafe(explain)).fetch_all(database).await.unwrap() {
        println!("    {}", row.get::<String, _>(0));
    }
    println!();
}
