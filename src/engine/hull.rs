//! Convex hulls, exact: over whole billionths of a degree (0.1 mm), so that the
//! hull of a set is one and the same however it came about.

use crate::atlas::ground::Ecef;
use crate::domain::LngLat;

use super::effort;

/// A point in billionths of a degree, longitude first.
pub(super) type Grain = [i64; 2];

const GRAINS_PER_DEGREE: f64 = 1e9;

/// Once round the earth, and a quarter of that.
pub(super) const ROUND: i64 = 360_000_000_000;
pub(super) const QUARTER: i64 = 90_000_000_000;

/// The nearest grain.
#[expect(clippy::cast_possible_truncation, reason = "180 thousand million fits")]
pub(super) fn grain(point: LngLat) -> Grain {
    [point.lng(), point.lat()].map(|degrees| (degrees * GRAINS_PER_DEGREE).round() as i64)
}

/// The mean of `count` grains with this sum; none if there are none.
#[expect(clippy::cast_precision_loss, reason = "far below a grain once divided")]
pub(super) fn mean(sum: Grain, count: u32) -> Option<LngLat> {
    let [lng, lat] = sum.map(|sum| sum as f64 / f64::from(count) / GRAINS_PER_DEGREE);
    LngLat::new(if lng > 180.0 { lng - 360.0 } else { lng }, lat).ok()
}

/// Twice the area of the triangle, positive when it turns left.
fn turn(a: Grain, b: Grain, c: Grain) -> i128 {
    let by = |from: Grain, to: Grain, axis: usize| i128::from(to[axis] - from[axis]);
    by(a, b, 0) * by(a, c, 1) - by(a, b, 1) * by(a, c, 0)
}

/// The convex hull of a set: its corners counter-clockwise, the westernmost (and
/// southernmost of those) first; no corner lies on a line between two others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hull {
    corners: Vec<Grain>,
    /// How many points lie at each corner.
    many: Vec<u32>,
}

impl Hull {
    /// Of any points (Andrew's monotone chain).
    pub(super) fn of(mut points: Vec<Grain>) -> Self {
        effort::looked_at(points.len());
        points.sort_unstable();
        let mut there: Vec<(Grain, u32)> = Vec::new();
        for &point in &points {
            match there.last_mut() {
                Some((last, many)) if *last == point => *many += 1,
                _ => there.push((point, 1)),
            }
        }
        points.dedup();
        let corners = Self::corners(points);
        let many = |corner| match there.binary_search_by_key(corner, |&(point, _)| point) {
            Ok(at) => there[at].1,
            Err(_) => 0,
        };
        Self { many: corners.iter().map(many).collect(), corners }
    }

    /// Of points in their order, each once.
    fn corners(points: Vec<Grain>) -> Vec<Grain> {
        if points.len() < 3 {
            return points;
        }
        let mut corners: Vec<Grain> = Vec::new();
        for &point in &points {
            drop_straight(&mut corners, 1, point);
            corners.push(point);
        }
        let lower = corners.len();
        for &point in points.iter().rev().skip(1) {
            drop_straight(&mut corners, lower, point);
            corners.push(point);
        }
        corners.pop();
        corners
    }

    /// Whether a point lies in it or on its line.
    pub(super) fn contains(&self, point: Grain) -> bool {
        match *self.corners.as_slice() {
            [] => false,
            [only] => only == point,
            [a, b] => turn(a, b, point) == 0 && a.min(b) <= point && point <= a.max(b),
            _ => self.edges().all(|(a, b)| turn(a, b, point) >= 0),
        }
    }

    /// Takes in a point.
    pub(super) fn extend(&mut self, point: Grain) {
        if let Some(at) = self.corners.iter().position(|&corner| corner == point) {
            self.many[at] += 1;
        } else if !self.contains(point) {
            // No corner comes of a point that was none, but the new one.
            let known = std::mem::take(self);
            let mut all: Vec<(Grain, u32)> = known.corners.into_iter().zip(known.many).collect();
            all.push((point, 1));
            all.sort_unstable();
            self.corners = Self::corners(all.iter().map(|&(corner, _)| corner).collect());
            let many = |corner| match all.binary_search_by_key(corner, |&(point, _)| point) {
                Ok(at) => all[at].1,
                Err(_) => 0,
            };
            self.many = self.corners.iter().map(many).collect();
        }
    }

    /// Takes out one of its points; whether the hull may now be another, and is no
    /// longer known.
    pub(super) fn lose(&mut self, point: Grain) -> bool {
        let Some(at) = self.corners.iter().position(|&corner| corner == point) else {
            return false;
        };
        self.many[at] = self.many[at].saturating_sub(1);
        self.many[at] == 0
    }

    /// The corners in degrees.
    pub(super) fn degrees(&self) -> Vec<LngLat> {
        self.corners.iter().filter_map(|&corner| mean(corner, 1)).collect()
    }

    /// Whether a point lies in it, or within some metres of its line.
    pub(super) fn within(&self, point: LngLat, metres: f64) -> bool {
        let here = Ecef::from(point);
        let reach2 = metres * metres;
        let ground = |corner| mean(corner, 1).map(Ecef::from);
        self.contains(grain(point))
            || self.edges().any(|(a, b)| match (ground(a), ground(b)) {
                (Some(a), Some(b)) => distance2_to_segment(here, a, b) <= reach2,
                _ => false,
            })
    }

    fn edges(&self) -> impl Iterator<Item = (Grain, Grain)> {
        let next = self.corners.iter().cycle().skip(1);
        self.corners.iter().zip(next).map(|(&a, &b)| (a, b))
    }
}

/// Drops corners at the end, all but the first `keep`, that `next` makes
/// needless.
fn drop_straight(corners: &mut Vec<Grain>, keep: usize, next: Grain) {
    while corners.len() > keep
        && turn(corners[corners.len() - 2], corners[corners.len() - 1], next) <= 0
    {
        corners.pop();
    }
}

/// The square of the straight distance to a straight line between two points, m².
fn distance2_to_segment(here: Ecef, a: Ecef, b: Ecef) -> f64 {
    let (ab, ah) = (difference(a, b), difference(a, here));
    let length2 = ab.iter().map(|d| d * d).sum::<f64>();
    let along: f64 = ab.iter().zip(ah).map(|(d, e)| d * e).sum();
    let part = if length2 > 0.0 { (along / length2).clamp(0.0, 1.0) } else { 0.0 };
    ab.iter().zip(ah).map(|(d, e)| (e - d * part).powi(2)).sum()
}

fn difference(from: Ecef, to: Ecef) -> [f64; 3] {
    [to.x - from.x, to.y - from.y, to.z - from.z]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_hull_grown_point_by_point_is_the_hull_of_all(
            points in prop::collection::vec([0..12_i64, 0..12_i64], 0..40),
        ) {
            let mut grown = Hull::default();
            for &point in &points {
                grown.extend(point);
            }
            let whole = Hull::of(points.clone());
            prop_assert_eq!(&grown, &whole);
            prop_assert!(points.iter().all(|&point| whole.contains(point)));
            // Every corner is one that the hull rests on, and no other point is.
            for &point in &points {
                let others: Vec<_> =
                    points.iter().copied().filter(|&other| other != point).collect();
                let mut less = whole.clone();
                let lost = (others.len()..points.len()).any(|_| less.lose(point));
                prop_assert_eq!(Hull::of(others) != whole, lost);
            }
        }
    }

    #[test]
    fn near_a_hull_is_in_it_or_within_the_metres() {
        let at = |lng, lat| LngLat::new(lng, lat).unwrap();
        let corners = [at(121.0, 31.0), at(121.02, 31.0), at(121.0, 31.02)];
        let hull = Hull::of(corners.map(grain).to_vec());
        assert!(hull.within(at(121.005, 31.005), 1.0));
        // 0.001° of longitude there is 95 m.
        assert!(hull.within(at(120.999, 31.01), 96.0));
        assert!(!hull.within(at(120.999, 31.01), 94.0));
        let one = Hull::of(vec![grain(corners[0])]);
        assert!(one.within(at(120.999, 31.0), 96.0) && !one.within(at(120.999, 31.0), 94.0));
    }
}
