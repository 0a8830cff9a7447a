//! What one incident costs the engine: it enters, another leaves, clusters,
//! borders and alerts included; and what a full picture weighs.
//!
//! Prints a table and writes target/bench/engine.json. `--quick` makes fewer
//! steps.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops")]

mod land;
mod report;

use std::sync::Arc;
use std::time::Instant;

use hdrhistogram::Histogram;
use pilin::domain::{Change, Event, Level, LngLat, Position, Time, UnitId};
use pilin::engine::Engine;
use pilin::region::Region;

use land::Land;
use report::{Report, millis, resident_mib};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// All incidents count so long.
const WINDOW_MS: i64 = 72 * 3_600_000;
const UNITS: u32 = 100_000;

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let steps = if quick { 5_000 } else { 50_000 };
    let region = Region::read(std::path::Path::new("data")).unwrap();
    let mut report = Report::default();

    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>7}",
        "one enters, one leaves", "p50 µs", "p99 µs", "max µs", "alerts"
    );
    for count in [10_000, 100_000] {
        let mut run = Run::new(&region, Land::new(&region), count);
        report.step(&format!("{count} in the window"), count == 100_000, &run.steps(steps));
        if count == 100_000 {
            run.reads(&mut report);
            run.restart(&region, &mut report);
        }
    }
    {
        let mut run = Run::new(&region, Land::new(&region), 1_000_000);
        run.fleet(&mut report);
        let mib = resident_mib();
        report.step("1000000 in the window", false, &run.steps(steps));
        report.figure("memory, 1 M incidents and 100 k units", mib, "MiB", Some("under 1024"));
    }
    for count in [5_000, 50_000] {
        // All of them one cluster on one border.
        let land = Land::one_place(&region);
        let mut run = Run::new(&region, land, count);
        report.step(
            &format!("{count} in one alerting cluster"),
            false,
            &run.steps(steps.min(20_000)),
        );
    }
    report.write("target/bench/engine.json");
}

/// An engine with a full window, from which one leaves whenever one enters.
struct Run {
    engine: Engine,
    land: Land,
    now: Time,
    pause_ms: f64,
    passed_ms: f64,
    changes: Vec<Change>,
}

/// What the steps cost, the alerts at their end, and how often one was told of.
struct Steps {
    nanos: Histogram<u64>,
    alerts: usize,
    told: usize,
}

impl Run {
    fn new(region: &Region, land: Land, count: u32) -> Self {
        let rules = land::rules(region, WINDOW_MS);
        let engine = Engine::new(Arc::clone(&region.atlas), rules);
        #[expect(clippy::cast_precision_loss, reason = "a window in milliseconds")]
        let pause_ms = WINDOW_MS as f64 / f64::from(count);
        let now = Time::from_ms(1_772_000_000_000);
        let mut run = Self { engine, land, now, pause_ms, passed_ms: 0.0, changes: Vec::new() };
        for _ in 0..count {
            run.step();
        }
        run
    }

    /// The next incident happens.
    fn step(&mut self) {
        self.passed_ms += self.pause_ms;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a week")]
        let at = self.now + self.passed_ms as i64;
        let event = Event::Incident(self.land.incident(at));
        self.changes.clear();
        self.engine.apply(&event, at, &mut self.changes);
    }

    fn steps(&mut self, steps: u32) -> Steps {
        let mut nanos = Histogram::new(3).unwrap();
        let mut told = 0;
        for _ in 0..steps {
            self.passed_ms += self.pause_ms;
            #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a week")]
            let at = self.now + self.passed_ms as i64;
            let event = Event::Incident(self.land.incident(at));
            let begun = Instant::now();
            self.changes.clear();
            self.engine.apply(&event, at, &mut self.changes);
            nanos.record(u64::try_from(begun.elapsed().as_nanos()).unwrap()).unwrap();
            told += self.changes.iter().filter(|it| matches!(it, Change::Alert { .. })).count();
        }
        Steps { nanos, alerts: self.engine.alerts().count(), told }
    }

    /// A hundred thousand units, each moving.
    fn fleet(&mut self, report: &mut Report) {
        let at = self.engine.now();
        for id in 1..=UNITS {
            let unit = Land::unit(id);
            self.engine.apply(&Event::Unit(unit), at, &mut self.changes);
        }
        for round in 0..2 {
            let fixes: Vec<Event> = (1..=UNITS)
                .map(|id| {
                    let point = self.land.anywhere();
                    Event::Position(Position {
                        unit: UnitId(id),
                        at: at + i64::from(round),
                        point,
                        original: None,
                        speed_mps: Some(8.0),
                        course_deg: Some(90.0),
                        accuracy_m: None,
                    })
                })
                .collect();
            self.changes.clear();
            let begun = Instant::now();
            for fix in &fixes {
                self.engine.apply(fix, at, &mut self.changes);
            }
            if round == 1 {
                let rate = f64::from(UNITS) / begun.elapsed().as_secs_f64();
                report.figure("positions applied, 100 k units", rate, "/s", None);
            }
        }
        self.changes = Vec::new();
        let point = LngLat::new(120.9, 31.1).unwrap();
        let begun = Instant::now();
        let near = self.engine.units_near(point, 10_000.0, Time::from_ms(0), 20);
        report.figure("nearest 20 of 100 k units", millis(begun), "ms", None);
        assert!(!near.is_empty());
    }

    fn reads(&self, report: &mut Report) {
        let begun = Instant::now();
        let figures =
            self.engine.figures(self.engine.now(), self.engine.now() - 86_400_000, Level::Province);
        report.figure("key figures at 100 k incidents", millis(begun), "ms", None);
        assert!(figures.incidents_today > 0);
    }

    fn restart(&self, region: &Region, report: &mut Report) {
        let begun = Instant::now();
        let bytes = self.engine.checkpoint();
        report.figure("checkpoint of 100 k incidents", millis(begun), "ms", None);
        let begun = Instant::now();
        let again = Engine::restore(Arc::clone(&region.atlas), &bytes).unwrap();
        report.figure("restart from it", millis(begun), "ms", None);
        assert_eq!(again.digest(), self.engine.digest());
    }
}
