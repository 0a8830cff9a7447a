//! A scenario on the ground: bursts become reports.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::domain::{Code, LngLat, Provenance, Time};

use super::ground::Ground;
use super::plan::{Burst, Scenario};
use super::plane::Plane;
use super::records::{IncidentIn, Report, rounded};
use super::rhythm::seed;

/// Draws a burst makes for one incident before it gives up.
const TRIES: u32 = 20_000;
/// No report of a scenario takes longer than this to reach the door, ms.
const SLOWEST_REPORT_MS: i64 = 4 * 60_000;

/// Why a scenario cannot be staged in this region.
#[derive(Debug, thiserror::Error)]
#[error("scenario {scenario}, burst {burst}: {why}")]
pub struct InvalidScenario {
    /// Which scenario.
    pub scenario: String,
    /// Which burst of it, from 1.
    pub burst: usize,
    /// What is wrong.
    pub why: String,
}

/// A scenario staged at a time: its reports in the order they are sent, and
/// where it took place.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub reports: Vec<Report>,
    /// `[west, south, east, north]` of all its incidents.
    pub bbox: [f64; 4],
}

/// Stages a scenario whose first burst begins at `begin`; equal seeds and times
/// give equal reports.
pub fn stage(
    ground: &Ground,
    scenario: &Scenario,
    begin: Time,
    run: u64,
) -> Result<Staged, InvalidScenario> {
    let mut reports = Vec::new();
    let mut bbox = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for (index, burst) in scenario.bursts.iter().enumerate() {
        let wrong =
            |why| InvalidScenario { scenario: scenario.name.clone(), burst: index + 1, why };
        let number = begin.ms().cast_unsigned() ^ hash(&scenario.name);
        let mut rng = Pcg64Mcg::seed_from_u64(seed(run, 100 + index as u64, number));
        let center = center(ground, burst).map_err(wrong)?;
        for (side, &count) in &burst.sides {
            let code: Code = side.parse().map_err(|why| wrong(format!("{why}")))?;
            for _ in 0..count {
                let point = place(ground, burst, center, code, &mut rng)
                    .ok_or_else(|| wrong(format!("no room within radius_m in {side}")))?;
                let occurred_at = begin + burst.after + rng.random_range(0..=burst.over);
                let at = occurred_at + rng.random_range(0..=SLOWEST_REPORT_MS);
                let (lon, lat) = rounded(point);
                bbox = [bbox[0].min(lon), bbox[1].min(lat), bbox[2].max(lon), bbox[3].max(lat)];
                let incident = IncidentIn {
                    source: "simulator".to_owned(),
                    external_id: format!(
                        "{run}-{}-{}-{}",
                        scenario.name,
                        begin.ms(),
                        reports.len()
                    ),
                    matter: burst.matter.clone(),
                    lon,
                    lat,
                    occurred_at,
                    description: ground.describe(&burst.matter, point),
                    provenance: Provenance::Simulated,
                };
                reports.push(Report { at, incident });
            }
        }
    }
    reports.sort_by_key(|report| report.at);
    Ok(Staged { name: scenario.name.clone(), reports, bbox })
}

/// The border's point nearest to the burst's own.
fn center(ground: &Ground, burst: &Burst) -> Result<LngLat, String> {
    let near = LngLat::new(burst.near[0], burst.near[1]).map_err(|why| why.to_string())?;
    ground
        .border(&burst.border)
        .and_then(|lines| nearest(lines, near))
        .ok_or_else(|| format!("there is no border “{}”", burst.border))
}

fn nearest(lines: &[Vec<LngLat>], near: LngLat) -> Option<LngLat> {
    let plane = Plane::at(near);
    let mut best: Option<(f64, [f64; 2])> = None;
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let (a, b) = (plane.offset(pair[0]), plane.offset(pair[1]));
        let [dx, dy] = [b[0] - a[0], b[1] - a[1]];
        let length2 = dx * dx + dy * dy;
        let share =
            if length2 > 0.0 { (-(a[0] * dx + a[1] * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        let point = [a[0] + dx * share, a[1] + dy * share];
        let away_m = point[0].hypot(point[1]);
        if best.is_none_or(|(least_m, _)| away_m < least_m) {
            best = Some((away_m, point));
        }
    }
    plane.point(best?.1)
}

fn place(
    ground: &Ground,
    burst: &Burst,
    center: LngLat,
    side: Code,
    rng: &mut Pcg64Mcg,
) -> Option<LngLat> {
    let plane = Plane::at(center);
    for _ in 0..TRIES {
        let [east, north] = [rng.random_range(-1.0..=1.0_f64), rng.random_range(-1.0..=1.0_f64)];
        if east.hypot(north) <= 1.0
            && let Some(point) = plane.point([east * burst.radius_m, north * burst.radius_m])
            && ground.within(point, side)
        {
            return Some(point);
        }
    }
    None
}

/// A number from a name (FNV-1a).
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lng: f64, lat: f64) -> LngLat {
        LngLat::new(lng, lat).unwrap()
    }

    #[test]
    fn the_nearest_point_of_a_border_may_lie_between_its_corners() {
        let line = vec![at(121.0, 31.0), at(121.01, 31.0), at(121.01, 31.02)];
        let found = nearest(std::slice::from_ref(&line), at(121.005, 30.99)).unwrap();
        assert!((found.lng() - 121.005).abs() < 1e-9 && (found.lat() - 31.0).abs() < 1e-9);
        assert_eq!(nearest(&[line], at(121.03, 31.05)), Some(at(121.01, 31.02)));
        assert_eq!(nearest(&[], at(121.0, 31.0)), None);
    }
}
