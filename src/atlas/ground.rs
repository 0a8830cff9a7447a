//! Metres on the ground.

use crate::domain::LngLat;

/// Semi-major axis of the WGS-84 ellipsoid in metres.
pub const WGS84_A_M: f64 = 6_378_137.0;
/// First eccentricity of WGS-84, squared.
pub const WGS84_E2: f64 = 0.006_694_379_990_141_317;

/// A point of the WGS-84 ellipsoid in earth-centred coordinates, metres.
///
/// The straight line between two such points is shorter than the geodesic by
/// `d³ / 24R²`: 0.13 µm at 500 m, 1 mm at 10 km. Unlike a plane it has no seam
/// and holds anywhere on earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ecef {
    /// Towards 0° E on the equator.
    pub x: f64,
    /// Towards 90° E on the equator.
    pub y: f64,
    /// Towards the north pole.
    pub z: f64,
}

impl Ecef {
    /// The square of the straight distance to another point, in m².
    #[must_use]
    pub fn distance2(self, other: Self) -> f64 {
        let (dx, dy, dz) = (self.x - other.x, self.y - other.y, self.z - other.z);
        dx * dx + dy * dy + dz * dz
    }
}

impl From<LngLat> for Ecef {
    fn from(point: LngLat) -> Self {
        let (sin_lat, cos_lat) = point.lat().to_radians().sin_cos();
        let (sin_lng, cos_lng) = point.lng().to_radians().sin_cos();
        let normal_m = WGS84_A_M / (1.0 - WGS84_E2 * sin_lat * sin_lat).sqrt();
        Self {
            x: normal_m * cos_lat * cos_lng,
            y: normal_m * cos_lat * sin_lng,
            z: normal_m * (1.0 - WGS84_E2) * sin_lat,
        }
    }
}

#[cfg(test)]
mod tests {
    use geographiclib_rs::{Geodesic, InverseGeodesic};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_chord_is_the_geodesic_within_a_millimetre(
            lng in -180.0..180.0_f64,
            lat in -80.0..80.0_f64,
            east in -0.005..0.005_f64,
            north in -0.005..0.005_f64,
        ) {
            let (a, b) = (LngLat::new(lng, lat), LngLat::new((lng + east).clamp(-180.0, 180.0), lat + north));
            let (a, b) = (a.unwrap(), b.unwrap());
            let chord_m = Ecef::from(a).distance2(Ecef::from(b)).sqrt();
            let geodesic_m: f64 = Geodesic::wgs84().inverse(a.lat(), a.lng(), b.lat(), b.lng());
            prop_assert!((chord_m - geodesic_m).abs() < 1e-3, "{chord_m} {geodesic_m}");
        }
    }
}
