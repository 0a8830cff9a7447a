//! A patrol's path: a closed smooth curve through a few stops.
//!
//! No roads are to be had, so a path is a Catmull–Rom spline: it passes through
//! every stop and turns without a corner.

use rand::{Rng, RngExt};

use crate::domain::LngLat;

use super::plane::Plane;

/// Points of the curve between two stops.
const STEPS_PER_LEG: usize = 12;
/// How often a path is drawn anew, each time a little smaller.
const TRIES: u32 = 16;

/// One way from a stop to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// The curve, both stops included; at least two points.
    pub points: Vec<LngLat>,
    /// The way from the first point to each, metres; starts at 0, never falls.
    pub way_m: Vec<f64>,
}

impl Leg {
    /// Its length in metres.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        self.way_m.last().copied().unwrap_or(0.0)
    }

    /// The point after `way_m` metres, and the course there in degrees.
    #[must_use]
    pub fn after(&self, way_m: f64) -> (LngLat, f64) {
        let next = self.way_m.partition_point(|&at| at <= way_m).clamp(1, self.points.len() - 1);
        let (a, b) = (self.points[next - 1], self.points[next]);
        let (from_m, to_m) = (self.way_m[next - 1], self.way_m[next]);
        let share = if to_m > from_m { (way_m - from_m) / (to_m - from_m) } else { 0.0 };
        let share = share.clamp(0.0, 1.0);
        let plane = Plane::at(a);
        let [east_m, north_m] = plane.offset(b);
        let course = east_m.atan2(north_m).to_degrees().rem_euclid(360.0);
        (plane.point([east_m * share, north_m * share]).unwrap_or(a), course)
    }
}

/// A closed path round `center` through `stops` stops about `radius_m` away,
/// every point of which is `inside`; none where there is no room for one.
pub fn draw<R: Rng>(
    center: LngLat,
    radius_m: f64,
    stops: usize,
    rng: &mut R,
    inside: impl Fn(LngLat) -> bool,
) -> Option<Vec<Leg>> {
    let plane = Plane::at(center);
    let mut radius_m = radius_m;
    for _ in 0..TRIES {
        let stops = ring(stops.max(3), radius_m, rng);
        let legs = legs(&plane, &stops);
        if legs.iter().flatten().flat_map(|leg| &leg.points).all(|&point| inside(point)) {
            return legs;
        }
        radius_m *= 0.82;
    }
    None
}

/// Stops in order of their bearing, so that the path does not cross itself much.
fn ring<R: Rng>(stops: usize, radius_m: f64, rng: &mut R) -> Vec<[f64; 2]> {
    let turn = rng.random_range(0.0..std::f64::consts::TAU);
    let clockwise = if rng.random_bool(0.5) { 1.0 } else { -1.0 };
    (0..stops)
        .map(|stop| {
            #[expect(clippy::cast_precision_loss, reason = "a handful of stops")]
            let share = (stop as f64 + rng.random_range(-0.3..0.3)) / stops as f64;
            let bearing = turn + clockwise * share * std::f64::consts::TAU;
            let away_m = radius_m * rng.random_range(0.35..1.0);
            [away_m * bearing.sin(), away_m * bearing.cos()]
        })
        .collect()
}

fn legs(plane: &Plane, stops: &[[f64; 2]]) -> Option<Vec<Leg>> {
    let at = |stop: usize| stops[stop % stops.len()];
    (0..stops.len())
        .map(|stop| {
            let around = [at(stop + stops.len() - 1), at(stop), at(stop + 1), at(stop + 2)];
            let mut way_m = Vec::with_capacity(STEPS_PER_LEG + 1);
            let mut points = Vec::with_capacity(STEPS_PER_LEG + 1);
            let mut last: Option<[f64; 2]> = None;
            for step in 0..=STEPS_PER_LEG {
                #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
                let here = spline(around, step as f64 / STEPS_PER_LEG as f64);
                let walked_m = last.map_or(0.0, |last| {
                    way_m.last().copied().unwrap_or(0.0)
                        + (here[0] - last[0]).hypot(here[1] - last[1])
                });
                way_m.push(walked_m);
                points.push(plane.point(here)?);
                last = Some(here);
            }
            Some(Leg { points, way_m })
        })
        .collect()
}

/// The uniform Catmull–Rom spline between the two middle points, `t` in 0 to 1.
fn spline(points: [[f64; 2]; 4], t: f64) -> [f64; 2] {
    let along = |axis: usize| {
        let [before, from, to, after] = points.map(|point| point[axis]);
        0.5 * (2.0 * from
            + (to - before) * t
            + (2.0 * before - 5.0 * from + 4.0 * to - after) * t * t
            + (3.0 * from - before - 3.0 * to + after) * t * t * t)
    };
    [along(0), along(1)]
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn center() -> LngLat {
        LngLat::new(120.9, 31.0).unwrap()
    }

    #[test]
    fn a_path_is_closed_and_has_no_jump() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let legs = draw(center(), 3000.0, 7, &mut rng, |_| true).unwrap();
        assert_eq!(legs.len(), 7);
        for (leg, next) in legs.iter().zip(legs.iter().cycle().skip(1)) {
            let (end, start) = (leg.points.last().unwrap(), next.points[0]);
            let [east_m, north_m] = Plane::at(start).offset(*end);
            assert!(east_m.hypot(north_m) < 0.01, "{east_m} {north_m}");
            assert!(leg.way_m.is_sorted());
        }
    }

    #[test]
    fn a_path_stays_where_it_may_be() {
        let west = center().lng();
        let inside = |point: LngLat| point.lng() > west - 0.002;
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        for _ in 0..50 {
            if let Some(legs) = draw(center(), 800.0, 5, &mut rng, inside) {
                assert!(legs.iter().flat_map(|leg| &leg.points).all(|&point| inside(point)));
            }
        }
    }

    #[test]
    fn where_there_is_no_room_there_is_no_path() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        assert_eq!(draw(center(), 800.0, 5, &mut rng, |_| false), None);
    }

    #[test]
    fn the_point_half_way_lies_between_the_ends() {
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        let legs = draw(center(), 2000.0, 5, &mut rng, |_| true).unwrap();
        let leg = &legs[0];
        let (start, _) = leg.after(0.0);
        let (end, _) = leg.after(leg.length_m());
        assert_eq!((start, end), (leg.points[0], *leg.points.last().unwrap()));
        let (_, course) = leg.after(leg.length_m() / 2.0);
        assert!((0.0..360.0).contains(&course));
    }
}
