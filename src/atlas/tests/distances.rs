//! The nearest border, and all within a distance, against a scan of every piece.

use proptest::prelude::*;

use super::oracle::{BOSTON, DELTA, Plain, draw};
use super::*;
use crate::atlas::ground::{WGS84_A_M, WGS84_E2};

/// From a point to a border, metres: the definition, worked out piece by piece.
fn distance_m(point: LngLat, border: &Border) -> f64 {
    let sin2 = point.lat().to_radians().sin().powi(2);
    let bend = 1.0 - WGS84_E2 * sin2;
    let meridian_m = WGS84_A_M * (1.0 - WGS84_E2) / bend.powf(1.5);
    let parallel_m = WGS84_A_M / bend.sqrt() * (1.0 - sin2).sqrt();
    let flat = |at: &LngLat| {
        let x = (at.lng() - point.lng()).to_radians() * parallel_m;
        let y = (at.lat() - point.lat()).to_radians() * meridian_m;
        (x, y)
    };
    let to_piece = |ends: &[LngLat]| {
        let ((ax, ay), (bx, by)) = (flat(&ends[0]), flat(&ends[1]));
        let (dx, dy) = (bx - ax, by - ay);
        let part = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        (ax + part * dx).hypot(ay + part * dy)
    };
    let pieces = border.lines.iter().flat_map(|line| line.windows(2));
    pieces.map(to_piece).fold(f64::INFINITY, f64::min)
}

/// How far two ways to work out a distance may differ, metres.
const ROUNDING_M: f64 = 1e-6;

fn check_nearest(region: &Plain, point: LngLat, level: Level) {
    let borders = region.atlas.borders(level);
    let found = region.atlas.locate(point, level);
    let all: Vec<f64> = borders.iter().map(|border| distance_m(point, border)).collect();
    let least_m = all.iter().copied().fold(f64::INFINITY, f64::min);
    let Some(near) = found.border else {
        assert!(least_m > REACH_M - ROUNDING_M, "{point:?} is {least_m} m from a border");
        return;
    };
    assert!(least_m <= REACH_M + ROUNDING_M);
    assert!((near.distance_m - least_m).abs() < ROUNDING_M, "{point:?} {near:?} {least_m}");
    assert!(all[near.border as usize] < least_m + ROUNDING_M, "{point:?} {near:?}");
    let border = &borders[near.border as usize];
    let home = found.place.at(level);
    if home == Some(border.left) {
        assert_eq!(near.side, Side::Left);
    }
    if home == Some(border.right) {
        assert_eq!(near.side, Side::Right);
    }
}

fn check_within(region: &Plain, point: LngLat, level: Level, within_m: f64) {
    let mut found = vec![(7, 7.0)];
    region.atlas.borders_within(point, level, within_m, &mut found);
    let mut found = found.into_iter().peekable();
    for (index, border) in (0..).zip(region.atlas.borders(level)) {
        let far_m = distance_m(point, border);
        match found.next_if(|of| of.0 == index) {
            Some((_, m)) => assert!((m - far_m).abs() < ROUNDING_M, "{point:?} {index}"),
            None => assert!(far_m > within_m - ROUNDING_M, "{point:?} {index} {far_m}"),
        }
    }
    assert_eq!(found.next(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_nearest_border_is_that_of_a_scan_of_all(draw in draw()) {
        for level in Level::ALL {
            check_nearest(&DELTA, DELTA.point(draw), level);
        }
        check_nearest(&BOSTON, BOSTON.point(draw), Level::County);
    }

    #[test]
    fn the_borders_within_a_distance_are_those_of_a_scan_of_all(
        draw in draw(),
        digits in 0.0..4.7_f64,
    ) {
        let within_m = 10_f64.powf(digits);
        for level in Level::ALL {
            check_within(&DELTA, DELTA.point(draw), level, within_m);
        }
        check_within(&BOSTON, BOSTON.point(draw), Level::County, within_m);
    }
}
