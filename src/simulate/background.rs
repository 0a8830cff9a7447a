//! What happens anywhere, every day.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::domain::{LngLat, Provenance, Time};

use super::ground::Ground;
use super::patrol;
use super::plan::BackgroundPlan;
use super::plane::Plane;
use super::records::{IncidentIn, Report, rounded};
use super::rhythm::{choose, moments, scatter, seed};

const HOUR_MS: i64 = 3_600_000;
/// The spread of a town and of the land round it, metres.
const TOWN_M: f64 = 1_500.0;
const LAND_M: f64 = 7_000.0;
/// The share of incidents in the town itself.
const IN_TOWN: f64 = 0.7;
/// A report reaches the door so much later in the mean, and never later than.
const MEAN_DELAY_MS: f64 = 150_000.0;
const LONGEST_DELAY_MS: f64 = 1_200_000.0;

/// Makes the incidents of any hour; a pure function of the run's seed.
#[derive(Debug)]
pub struct Background {
    matters: Vec<(String, f64, [f64; 24])>,
    /// Incidents an hour in the mean of a day.
    per_hour: f64,
    focus: f64,
    seed: u64,
}

impl Background {
    /// By a plan, with so many incidents an hour in the mean of a day. Matters
    /// that the region does not know are left out.
    #[must_use]
    pub fn new(plan: &BackgroundPlan, ground: &Ground, per_hour: f64, seed: u64) -> Self {
        let known = |code: &str| ground.region().matters.iter().any(|matter| matter.code == code);
        let matters = plan
            .matters
            .iter()
            .filter(|(code, _)| known(code))
            .filter_map(|(code, of)| {
                let curve = plan.rhythms.get(&of.rhythm)?;
                let mean = curve.iter().sum::<f64>() / 24.0;
                Some((code.clone(), of.weight, curve.map(|hour| hour / mean)))
            })
            .collect();
        Self { matters, per_hour, focus: plan.focus, seed }
    }

    /// The reports of what occurs in one hour, counted from 1970.
    #[must_use]
    pub fn hour(&self, ground: &Ground, number: i64) -> Vec<Report> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed(self.seed, 1, number.cast_unsigned()));
        let begin = Time::from_ms(number * HOUR_MS);
        let local = usize::try_from(patrol::hour(begin, ground.zone())).unwrap_or(0);
        let weights: Vec<f64> =
            self.matters.iter().map(|(_, weight, curve)| weight * curve[local]).collect();
        let all: f64 = self.matters.iter().map(|(_, weight, _)| weight).sum();
        let mean = if all > 0.0 { self.per_hour * weights.iter().sum::<f64>() / all } else { 0.0 };
        let mut reports = Vec::new();
        for (index, share) in moments(mean, &mut rng).into_iter().enumerate() {
            let (Some(matter), Some(point)) =
                (choose(&weights, &mut rng), self.place(ground, &mut rng))
            else {
                continue;
            };
            let matter = &self.matters[matter].0;
            let occurred_at = begin + ms(share * 3_600_000.0);
            let chance: f64 = rng.random();
            let delay_ms = (-MEAN_DELAY_MS * (1.0 - chance).ln()).min(LONGEST_DELAY_MS);
            let (lon, lat) = rounded(point);
            let incident = IncidentIn {
                source: "simulator".to_owned(),
                external_id: format!("{}-{number}-{index}", self.seed),
                matter: matter.clone(),
                lon,
                lat,
                occurred_at,
                description: ground.describe(matter, point),
                provenance: Provenance::Simulated,
            };
            reports.push(Report { at: occurred_at + ms(delay_ms), incident });
        }
        reports
    }

    /// A point in or near a town, in the town's own county.
    fn place<R: Rng>(&self, ground: &Ground, rng: &mut R) -> Option<LngLat> {
        let in_view = rng.random_bool(self.focus);
        let towns = ground.towns();
        let mut town = &towns[rng.random_range(0..towns.len())];
        for _ in 0..1000 {
            if !in_view || town.in_view {
                break;
            }
            town = &towns[rng.random_range(0..towns.len())];
        }
        let sigma_m = if rng.random_bool(IN_TOWN) { TOWN_M } else { LAND_M };
        let plane = Plane::at(town.center);
        for _ in 0..20 {
            let point = plane.point(scatter(sigma_m, rng))?;
            if ground.county(point) == Some(town.county) {
                return Some(point);
            }
        }
        Some(town.center)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "below an hour")]
fn ms(ms: f64) -> i64 {
    ms as i64
}
