//! Points to ask for: seeded, so every run asks the same.

use pilin::atlas::Atlas;
use pilin::domain::{Level, LngLat};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const SEED: u64 = 310_118;

/// Metres a degree of latitude, near enough to place points.
const DEGREE_M: f64 = 111_000.0;

/// Points spread evenly by degrees over the counties.
pub fn uniform(atlas: &Atlas, count: usize) -> Vec<LngLat> {
    let mut random = Pcg64::seed_from_u64(SEED);
    let [west, south, east, north] = atlas.bbox();
    let mut points = Vec::with_capacity(count);
    while points.len() < count {
        let at = LngLat::new(random.random_range(west..east), random.random_range(south..north));
        points.extend(at.ok().filter(|&point| atlas.place(point).county.is_some()));
    }
    points
}

/// Points within some metres of the province borders, evenly along them.
pub fn along_borders(atlas: &Atlas, count: usize, within_m: f64) -> Vec<LngLat> {
    let mut random = Pcg64::seed_from_u64(SEED);
    let borders = atlas.borders(Level::Province);
    let pieces: Vec<_> = borders
        .iter()
        .flat_map(|border| border.lines.iter().flat_map(|line| line.windows(2)))
        .map(|ends| (ends[0], ends[1]))
        .collect();
    let length = |a: LngLat, b: LngLat| {
        ((a.lng() - b.lng()) * a.lat().to_radians().cos()).hypot(a.lat() - b.lat())
    };
    let mut ends = Vec::with_capacity(pieces.len());
    let mut total = 0.0;
    for &(a, b) in &pieces {
        total += length(a, b);
        ends.push(total);
    }
    let mut points = Vec::with_capacity(count);
    while points.len() < count {
        let at = random.random_range(0.0..total);
        let (a, b) = pieces[ends.partition_point(|&end| end < at).min(pieces.len() - 1)];
        let along = random.random_range(0.0..1.0);
        let angle: f64 = random.random_range(0.0..std::f64::consts::TAU);
        let off = random.random_range(0.0..within_m) / DEGREE_M;
        let lat = a.lat() + along * (b.lat() - a.lat()) + off * angle.sin();
        let shrink = lat.to_radians().cos();
        let lng = a.lng() + along * (b.lng() - a.lng()) + off * angle.cos() / shrink;
        points.extend(LngLat::new(lng, lat));
    }
    points
}
