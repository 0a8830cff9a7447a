//! Between the datums in which points arrive and WGS-84.
//!
//! GCJ-02 is a smooth offset of WGS-84, published only as code; its forward form
//! here is the one in common use (Krasovsky 1940 ellipsoid). It has no closed
//! inverse: the inverse iterates the forward form until it returns the input.
//! BD-09 is a further offset of GCJ-02. Outside the rectangle in which the offset
//! is applied (72.004–137.8347° E, 0.8293–55.8271° N) both leave points as they are.

use std::f64::consts::PI;

use crate::domain::lng_lat::InvalidLngLat;
use crate::domain::{Datum, LngLat};

/// Semi-major axis of the Krasovsky 1940 ellipsoid in metres.
const KRASOVSKY_A_M: f64 = 6_378_245.0;
/// Its first eccentricity squared.
const KRASOVSKY_E2: f64 = 0.006_693_421_622_965_943;
/// The frequency of BD-09's own offset.
const BD_FREQUENCY: f64 = PI * 3000.0 / 180.0;
/// Where an iteration may stop, in degrees: about 0.1 mm on the ground.
const CLOSE_DEG: f64 = 1e-9;
/// The offset changes by under one part in a hundred over its own length, so
/// each step gains two digits and this is never reached.
const MOST_STEPS: usize = 30;

/// A point of any datum as WGS-84, to better than 1e-7 degrees.
///
/// # Errors
/// When the numbers are no place on the ground in their own datum.
pub fn to_wgs84(datum: Datum, lng: f64, lat: f64) -> Result<LngLat, InvalidLngLat> {
    let point = LngLat::new(lng, lat)?;
    match datum {
        Datum::Wgs84 | Datum::Cgcs2000 => Ok(point),
        Datum::Gcj02 => inverse(gcj02, lng, lat),
        Datum::Bd09 => inverse(bd09, lng, lat),
    }
}

/// A WGS-84 point in another datum: longitude and latitude in its degrees.
#[must_use]
pub fn from_wgs84(datum: Datum, point: LngLat) -> (f64, f64) {
    match datum {
        Datum::Wgs84 | Datum::Cgcs2000 => point.into(),
        Datum::Gcj02 => gcj02(point.lng(), point.lat()),
        Datum::Bd09 => bd09(point.lng(), point.lat()),
    }
}

/// Finds what `forward` takes to the given numbers.
fn inverse(
    forward: fn(f64, f64) -> (f64, f64),
    lng: f64,
    lat: f64,
) -> Result<LngLat, InvalidLngLat> {
    let mut guess = (lng, lat);
    for _ in 0..MOST_STEPS {
        let reached = forward(guess.0, guess.1);
        let miss = (lng - reached.0, lat - reached.1);
        guess = (guess.0 + miss.0, guess.1 + miss.1);
        if miss.0.abs() < CLOSE_DEG && miss.1.abs() < CLOSE_DEG {
            break;
        }
    }
    LngLat::new(guess.0, guess.1)
}

fn offset_applies(lng: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lng) && (0.8293..=55.8271).contains(&lat)
}

fn gcj02(lng: f64, lat: f64) -> (f64, f64) {
    if !offset_applies(lng, lat) {
        return (lng, lat);
    }
    let (x, y) = (lng - 105.0, lat - 35.0);
    let wave = |unit: f64, a: f64, b: f64, c: f64, at: [f64; 3]| -> f64 {
        2.0 / 3.0 * (a * (at[0] * unit).sin() + b * (at[1] * unit).sin() + c * (at[2] * unit).sin())
    };
    let shared = 2.0 / 3.0 * (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin());
    let root = x.abs().sqrt();
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + shared
        + wave(PI, 20.0, 40.0, 0.0, [y, y / 3.0, 0.0])
        + wave(PI, 160.0, 320.0, 0.0, [y / 12.0, y / 30.0, 0.0]);
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + shared
        + wave(PI, 20.0, 40.0, 0.0, [x, x / 3.0, 0.0])
        + wave(PI, 150.0, 300.0, 0.0, [x / 12.0, x / 30.0, 0.0]);
    let (sin, cos) = lat.to_radians().sin_cos();
    let squared = 1.0 - KRASOVSKY_E2 * sin * sin;
    let meridian_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (squared * squared.sqrt());
    let normal_m = KRASOVSKY_A_M / squared.sqrt();
    (lng + (east_m / (normal_m * cos)).to_degrees(), lat + (north_m / meridian_m).to_degrees())
}

fn bd09(lng: f64, lat: f64) -> (f64, f64) {
    if !offset_applies(lng, lat) {
        return (lng, lat);
    }
    let (x, y) = gcj02(lng, lat);
    let radius = x.hypot(y) + 0.000_02 * (y * BD_FREQUENCY).sin();
    let angle = y.atan2(x) + 0.000_003 * (x * BD_FREQUENCY).cos();
    (radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: (f64, f64), b: (f64, f64), deg: f64) -> bool {
        (a.0 - b.0).abs() < deg && (a.1 - b.1).abs() < deg
    }

    /// 39.915, 116.404 is the pair that public implementations of the transform
    /// quote in their own tests.
    #[test]
    fn known_points_convert_as_published() {
        let tiananmen = LngLat::new(116.404, 39.915).unwrap();
        let there = from_wgs84(Datum::Gcj02, tiananmen);
        assert!(close(there, (116.410_244_499_166_94, 39.916_404_281_501_64), 1e-9), "{there:?}");
    }

    #[test]
    fn the_offset_moves_a_point_of_the_delta_by_half_a_kilometre() {
        use crate::atlas::ground::Ecef;
        let here = LngLat::new(120.9, 31.0).unwrap();
        let (lng, lat) = from_wgs84(Datum::Gcj02, here);
        let there = LngLat::new(lng, lat).unwrap();
        let moved_m = Ecef::from(here).distance2(Ecef::from(there)).sqrt();
        assert!((465.0..608.0).contains(&moved_m), "{moved_m}");
    }

    #[test]
    fn points_outside_china_stay() {
        for datum in [Datum::Gcj02, Datum::Bd09] {
            let boston = LngLat::new(-71.06, 42.36).unwrap();
            assert_eq!(from_wgs84(datum, boston), (-71.06, 42.36));
            assert_eq!(to_wgs84(datum, -71.06, 42.36), Ok(boston));
        }
    }

    #[test]
    fn nonsense_is_refused_in_every_datum() {
        assert_eq!(to_wgs84(Datum::Gcj02, 200.0, 31.0), Err(InvalidLngLat::Lng(200.0)));
        assert!(to_wgs84(Datum::Bd09, 121.0, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same_point(lng in 73.0..135.0_f64, lat in 3.0..54.0_f64) {
            for datum in [Datum::Wgs84, Datum::Cgcs2000, Datum::Gcj02, Datum::Bd09] {
                let (x, y) = from_wgs84(datum, LngLat::new(lng, lat).unwrap());
                let back = to_wgs84(datum, x, y).unwrap();
                prop_assert!(close(back.into(), (lng, lat), 1e-7), "{datum}: {back:?}");
            }
        }
    }
}
