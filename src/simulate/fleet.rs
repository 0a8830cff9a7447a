//! The units of a region: who they are, when they are on duty, where they go.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashMap;

use crate::domain::{Code, Level, Provenance, Time, UnitKind};

use super::beat;
use super::ground::{Ground, Town};
use super::patrol::{self, Round, Shift};
use super::plan::UnitNames;
use super::records::{PositionIn, UnitIn, rounded};
use super::rhythm::{choose, seed};

/// How much more often a unit belongs to a county in view,
const VIEW_WEIGHT: f64 = 6.0;
/// to one on a border that counts,
const BORDER_WEIGHT: f64 = 3.0;
/// or to one in a demonstration zone, where forces patrol together.
const JOINT_WEIGHT: f64 = 70.0;

/// A unit that is simulated.
#[derive(Debug)]
pub struct Patrol {
    /// What the server is told of it.
    pub unit: UnitIn,
    shift: Shift,
    round: Round,
    /// Where in its round it is at 1970, seconds.
    offset_s: f64,
    /// When in the period of fixes its own is due, ms.
    phase_ms: i64,
}

/// Every unit that is simulated.
#[derive(Debug)]
pub struct Fleet {
    patrols: Vec<Patrol>,
    every_ms: i64,
}

impl Fleet {
    /// So many units, with a fix every `every_ms` while on duty. Equal seeds
    /// give equal fleets, and a larger fleet begins with the smaller one.
    #[must_use]
    pub fn new(ground: &Ground, names: &UnitNames, units: usize, every_ms: i64, run: u64) -> Self {
        let counties = counties(ground);
        let weights: Vec<f64> = counties.iter().map(|(_, weight)| *weight).collect();
        let mut numbers: FxHashMap<(Code, UnitKind), u32> = FxHashMap::default();
        let mut patrols = Vec::with_capacity(units);
        for index in 0..units {
            let mut rng = Pcg64Mcg::seed_from_u64(seed(run, 2, index as u64));
            for _ in 0..50 {
                let Some(at) = choose(&weights, &mut rng) else { break };
                let county = counties[at].0;
                let Some((kind, round)) = beat::draw(ground, county, &mut rng) else { continue };
                let number = numbers.entry((county, kind)).or_default();
                *number += 1;
                let unit = named(ground, names, county, kind, *number);
                patrols.push(Patrol {
                    unit,
                    shift: shift(kind, &mut rng),
                    offset_s: rng.random_range(0.0..round.lasts_s().max(1.0)),
                    phase_ms: rng.random_range(0..every_ms.max(1)),
                    round,
                });
                break;
            }
        }
        Self { patrols, every_ms: every_ms.max(1) }
    }

    /// What the server is told of the units.
    #[must_use]
    pub fn units(&self) -> Vec<UnitIn> {
        self.patrols.iter().map(|patrol| patrol.unit.clone()).collect()
    }

    /// Every fix after `from` up to `to` of the units on duty, by unit.
    #[must_use]
    pub fn fixes(&self, ground: &Ground, from: Time, to: Time) -> Vec<PositionIn<'_>> {
        let shift = Shift::at(patrol::hour(to, ground.zone()));
        let mut fixes = Vec::new();
        for patrol in self.patrols.iter().filter(|patrol| patrol.shift == shift) {
            let before = (from.ms() - patrol.phase_ms).div_euclid(self.every_ms);
            let last = (to.ms() - patrol.phase_ms).div_euclid(self.every_ms);
            for number in before + 1..=last {
                fixes.extend(patrol.fix(Time::from_ms(number * self.every_ms + patrol.phase_ms)));
            }
        }
        fixes
    }
}

impl Patrol {
    fn fix(&self, at: Time) -> Option<PositionIn<'_>> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact in f64")]
        let since_s = at.ms() as f64 / 1000.0 + self.offset_s;
        let motion = self.round.at(since_s)?;
        let (lon, lat) = rounded(motion.point);
        Some(PositionIn {
            unit: &self.unit.code,
            lon,
            lat,
            at,
            speed_mps: (motion.speed_mps * 10.0).round() / 10.0,
            course_deg: motion.course_deg.round().rem_euclid(360.0),
            accuracy_m: if self.unit.kind == UnitKind::Foot { 8.0 } else { 5.0 },
        })
    }
}

/// Every county with the weight of its chance to have a unit.
fn counties(ground: &Ground) -> Vec<(Code, f64)> {
    let atlas = ground.atlas();
    let level = ground.region().level;
    let mut weights: Vec<(Code, f64)> = Vec::new();
    for town in ground.towns() {
        let weight = match town {
            Town { in_zone: true, .. } => JOINT_WEIGHT,
            Town { in_view: true, .. } => VIEW_WEIGHT,
            Town { .. } => 1.0,
        };
        match weights.iter_mut().find(|(code, _)| *code == town.county) {
            Some((_, most)) => *most = most.max(weight),
            None => weights.push((town.county, weight)),
        }
    }
    for border in atlas.borders(Level::County) {
        if atlas.ancestor(border.left, level) != atlas.ancestor(border.right, level) {
            for (code, weight) in &mut weights {
                if *code == border.left || *code == border.right {
                    *weight = weight.max(BORDER_WEIGHT);
                }
            }
        }
    }
    weights
}

fn shift<R: Rng>(kind: UnitKind, rng: &mut R) -> Shift {
    let weights = match kind {
        UnitKind::Drone => [0.7, 0.3, 0.0],
        UnitKind::Foot => [0.5, 0.45, 0.05],
        UnitKind::Car | UnitKind::Boat => [0.45, 0.35, 0.2],
    };
    match choose(&weights, rng) {
        Some(1) => Shift::Evening,
        Some(2) => Shift::Night,
        _ => Shift::Day,
    }
}

fn named(ground: &Ground, names: &UnitNames, county: Code, kind: UnitKind, number: u32) -> UnitIn {
    let (letter, kind_name) = match kind {
        UnitKind::Car => ('C', &names.car),
        UnitKind::Foot => ('F', &names.foot),
        UnitKind::Boat => ('B', &names.boat),
        UnitKind::Drone => ('D', &names.drone),
    };
    let place = ground.atlas().jurisdiction(county).map_or("", |county| &county.name);
    UnitIn {
        code: format!("SIM-{county}-{letter}{number:02}"),
        name: format!("{place}{kind_name}{number:02}"),
        kind,
        agency: county.to_string(),
        provenance: Provenance::Simulated,
    }
}
