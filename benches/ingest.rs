//! How fast positions are read at the door, without what is behind it: NDJSON
//! split, parsed, checked, units looked up. One thread.
//!
//! `cargo bench --bench ingest`; rows go to `target/bench/ingest.json`.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use pilin::domain::{Position, Time, UnitId};
use pilin::ingest::Format;
use pilin::ingest::format::split;
use pilin::ingest::position::position;
use rustc_hash::FxHashMap;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Positions of one body.
const BODY: u32 = 5_000;
/// Units they are of.
const UNITS: u32 = 20_000;
/// Bodies a run.
const BODIES: u32 = 40;
/// Each figure is the median of so many runs.
const RUNS: usize = 9;

fn main() -> anyhow::Result<()> {
    let units: FxHashMap<String, UnitId> =
        (0..UNITS).map(|id| (format!("unit-{id:05}"), UnitId(id + 1))).collect();
    let mut rows = Vec::new();
    for (what, datum) in [("WGS-84", ""), ("GCJ-02", r#""datum":"gcj02","#)] {
        let body = body(datum);
        let per_s = rate(&body, &units);
        println!("{what}: {per_s:.0} positions/s, {} bytes each", body.len() / BODY as usize);
        rows.push(serde_json::json!({
            "what": format!("ingest: positions read from NDJSON, {what}, one core"),
            "figure": per_s.round(), "unit": "positions/s",
        }));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("ingest.json"), serde_json::to_string_pretty(&rows)?)?;
    Ok(())
}

fn body(datum: &str) -> String {
    (0..BODY).fold(String::new(), |mut body, at| {
        let unit = at * 7919 % UNITS;
        let (lon, lat) = (120.0 + f64::from(at) * 1.234_567e-4, 30.0 + f64::from(at) * 1.1e-4);
        let (seconds, ms) = (at % 60, at % 1_000);
        // Writing to a string cannot fail.
        let _ = writeln!(
            body,
            r#"{{"unit":"unit-{unit:05}","lon":{lon:.7},"lat":{lat:.7},{datum}"at":"2026-03-01T08:00:{seconds:02}.{ms:03}+08:00","speed_mps":8.25,"course_deg":92.5,"accuracy_m":6.0}}"#
        );
        body
    })
}

/// Positions a second.
fn rate(body: &str, units: &FxHashMap<String, UnitId>) -> f64 {
    // 2026-03-02T00:00:00Z.
    let now = Time::from_ms(1_772_409_600_000);
    let mut runs: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..BODIES {
                let lines = split(body.as_bytes(), Format::Ndjson, 50_000).unwrap_or_default();
                let known = |code: &str| units.get(code).copied();
                let fixes: Vec<Position> =
                    lines.iter().filter_map(|line| position(line, known, now).ok()).collect();
                assert_eq!(black_box(fixes).len(), BODY as usize, "all are read");
            }
            f64::from(BODIES * BODY) / start.elapsed().as_secs_f64()
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    runs[RUNS / 2]
}
