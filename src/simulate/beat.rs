//! Where a unit of a county makes its round.

use rand::{Rng, RngExt};

use crate::domain::{Code, LngLat, UnitKind};

use super::ground::{Ground, Lake, Town};
use super::path::{self, Leg};
use super::patrol::Round;
use super::plane::Plane;
use super::rhythm::{choose, scatter};

/// Places tried for a unit before another county is.
const TRIES: u32 = 6;

/// What a kind of unit does; each pair is a range to draw from.
struct Habit {
    kind: UnitKind,
    /// Its share; boats only where there is a lake.
    weight: f64,
    /// Its mean speed, metres a second.
    speed_mps: [f64; 2],
    /// How far its stops lie from the middle of its round, metres.
    radius_m: [f64; 2],
    stops: [usize; 2],
    /// It rests at every other stop, at most so long, seconds.
    rest_s: f64,
}

const HABITS: [Habit; 4] = [
    Habit {
        kind: UnitKind::Car,
        weight: 0.52,
        speed_mps: [6.0, 10.0],
        radius_m: [1_500.0, 6_000.0],
        stops: [5, 9],
        rest_s: 600.0,
    },
    Habit {
        kind: UnitKind::Foot,
        weight: 0.33,
        speed_mps: [0.9, 1.4],
        radius_m: [250.0, 700.0],
        stops: [5, 8],
        rest_s: 420.0,
    },
    Habit {
        kind: UnitKind::Drone,
        weight: 0.07,
        speed_mps: [8.0, 13.0],
        radius_m: [800.0, 2_500.0],
        stops: [4, 7],
        rest_s: 1_200.0,
    },
    Habit {
        kind: UnitKind::Boat,
        weight: 0.30,
        speed_mps: [3.0, 6.0],
        radius_m: [600.0, 3_000.0],
        stops: [4, 7],
        rest_s: 600.0,
    },
];

/// A kind of unit and its round, inside a county all along: boats on a lake,
/// cars and foot teams on dry land, drones over both. None if no room was found.
pub fn draw<R: Rng>(ground: &Ground, county: Code, rng: &mut R) -> Option<(UnitKind, Round)> {
    let lakes: Vec<&Lake> =
        ground.lakes().iter().filter(|lake| reaches(ground, lake, county)).collect();
    let weights = HABITS.each_ref().map(|habit| match habit.kind {
        UnitKind::Boat if lakes.is_empty() => 0.0,
        _ => habit.weight,
    });
    let habit = &HABITS[choose(&weights, rng)?];
    let legs = (0..TRIES).find_map(|_| legs(ground, county, &lakes, habit, rng))?;
    let rests_s: Vec<f64> = legs
        .iter()
        .map(|_| if rng.random_bool(0.5) { rng.random_range(0.0..habit.rest_s) } else { 0.0 })
        .collect();
    let speed_mps = rng.random_range(habit.speed_mps[0]..habit.speed_mps[1]);
    Some((habit.kind, Round::new(legs, speed_mps, &rests_s)))
}

fn legs<R: Rng>(
    ground: &Ground,
    county: Code,
    lakes: &[&Lake],
    habit: &Habit,
    rng: &mut R,
) -> Option<Vec<Leg>> {
    let home = |point| ground.county(point) == Some(county);
    let wet = |point| lakes.iter().any(|lake| lake.contains(point));
    let free = |point| match habit.kind {
        UnitKind::Boat => wet(point) && home(point),
        UnitKind::Drone => home(point),
        UnitKind::Car | UnitKind::Foot => home(point) && !wet(point),
    };
    let center = if habit.kind == UnitKind::Boat {
        on(lakes[rng.random_range(0..lakes.len())], rng, free)?
    } else {
        let towns: Vec<_> = ground.towns().iter().filter(|town| town.county == county).collect();
        let weights: Vec<f64> = towns.iter().map(|town| weight(town)).collect();
        let town = towns[choose(&weights, rng)?];
        let sigma_m = if habit.kind == UnitKind::Foot { 800.0 } else { 4_000.0 };
        Plane::at(town.center).point(scatter(sigma_m, rng)).filter(|&point| free(point))?
    };
    let radius_m = rng.random_range(habit.radius_m[0]..habit.radius_m[1]);
    let stops = rng.random_range(habit.stops[0]..=habit.stops[1]);
    path::draw(center, radius_m, stops, rng, free)
}

/// Patrols that provinces send together keep to their borders.
fn weight(town: &Town) -> f64 {
    if town.in_zone && town.by_border { 3.0 } else { 1.0 }
}

/// Whether some of a lake lies in a county: tried on a grid over the lake.
fn reaches(ground: &Ground, lake: &Lake, county: Code) -> bool {
    let [west, south, east, north] = lake.bbox();
    let frame = ground.atlas().jurisdiction(county).map(|county| county.bbox);
    let apart = frame.is_none_or(|frame| {
        frame[0] > east || frame[2] < west || frame[1] > north || frame[3] < south
    });
    !apart
        && (0..12 * 12).any(|cell| {
            let share = |cell: i32| (f64::from(cell) + 0.5) / 12.0;
            let lng = west + share(cell % 12) * (east - west);
            let lat = south + share(cell / 12) * (north - south);
            LngLat::new(lng, lat)
                .is_ok_and(|point| lake.contains(point) && ground.county(point) == Some(county))
        })
}

/// A free point on a lake.
fn on<R: Rng>(lake: &Lake, rng: &mut R, free: impl Fn(LngLat) -> bool) -> Option<LngLat> {
    let [west, south, east, north] = lake.bbox();
    (0..400).find_map(|_| {
        let lng = rng.random_range(west..=east);
        let lat = rng.random_range(south..=north);
        LngLat::new(lng, lat).ok().filter(|&point| free(point))
    })
}
