//! How fast the atlas answers, beside `PostGIS` and `rstar` with `geo`.
//!
//! `cargo bench --bench locate` prints the figures and writes them to
//! `target/bench/locate.json`. One thread asks in every figure.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

mod peers;
mod points;
mod postgis;
mod sheet;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use pilin::domain::{Level, LngLat};
use pilin::region::Region;
use sheet::Sheet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many points Pilin is asked for.
const POINTS: usize = 1_000_000;
/// How many of them the peers are asked for.
const PEER_POINTS: usize = 100_000;
/// Each figure is the median of so many runs.
const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut sheet = Sheet::default();

    let before_mb = resident_mb()?;
    let region = Region::read(&folder)?;
    let after_mb = resident_mb()?;
    let mut loads = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        black_box(Region::read(&folder)?);
        loads.push(start.elapsed().as_secs_f64());
    }
    sheet.goal("atlas: region read, checked and laid out", median(loads), "s", "< 1.5");
    sheet.goal("atlas: resident when loaded", after_mb - before_mb, "MB", "< 300");

    let atlas = &*region.atlas;
    let uniform = points::uniform(atlas, POINTS);
    let border = points::along_borders(atlas, POINTS, 1_000.0);
    let full = |level| move |point| atlas.locate(point, level).border.map_or(0.0, |b| b.distance_m);
    let full_per_s = rate(&uniform, full(Level::Province));
    sheet.goal("locate, uniform over the region", full_per_s, "points/s", "≥ 10 000 000");
    let near_per_s = rate(&border, full(Level::Province));
    sheet.goal("locate, within 1 km of a province border", near_per_s, "points/s", "≥ 2 000 000");
    sheet.row(
        "locate with the nearest county border, uniform",
        rate(&uniform, full(Level::County)),
        "points/s",
    );
    let place = |point| if atlas.place(point).zones.is_empty() { 0.0 } else { 1.0 };
    sheet.row("place without border, uniform", rate(&uniform, place), "points/s");
    let mut out = Vec::new();
    let within = |point| {
        atlas.borders_within(point, Level::Province, 1_000.0, &mut out);
        out.first().map_or(0.0, |near| near.1)
    };
    sheet.row("borders within 1 km, near a province border", rate(&border, within), "points/s");

    peers::run(&folder, atlas, &uniform[..PEER_POINTS], full_per_s, &mut sheet)?;
    sheet.write()
}

/// Points a second, asked one after the other on this thread.
fn rate(points: &[LngLat], mut ask: impl FnMut(LngLat) -> f64) -> f64 {
    let runs = (0..RUNS).map(|_| {
        let start = Instant::now();
        let sum: f64 = points.iter().map(|&point| ask(point)).sum();
        black_box(sum);
        peers::rate(points.len(), start)
    });
    median(runs.collect())
}

fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs[runs.len() / 2]
}

/// What this process holds in memory, 10⁶ bytes.
fn resident_mb() -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string("/proc/self/status").context("reading /proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib * 1024.0 / 1e6)
}
