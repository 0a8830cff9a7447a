//! Metres east and north of a point, for distances of a few kilometres.

use crate::atlas::ground::{WGS84_A_M, WGS84_E2};
use crate::domain::LngLat;

/// A local plane that touches the ellipsoid at its origin.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    origin: LngLat,
    east_m_per_degree: f64,
    north_m_per_degree: f64,
}

impl Plane {
    /// The plane at a point.
    #[must_use]
    pub fn at(origin: LngLat) -> Self {
        let (sin_lat, cos_lat) = origin.lat().to_radians().sin_cos();
        let w2 = 1.0 - WGS84_E2 * sin_lat * sin_lat;
        let normal_m = WGS84_A_M / w2.sqrt();
        let meridian_m = normal_m * (1.0 - WGS84_E2) / w2;
        Self {
            origin,
            east_m_per_degree: (normal_m * cos_lat).max(1.0).to_radians(),
            north_m_per_degree: meridian_m.to_radians(),
        }
    }

    /// The point so many metres east and north of the origin; none beyond the
    /// poles or the antimeridian.
    #[must_use]
    pub fn point(&self, [east_m, north_m]: [f64; 2]) -> Option<LngLat> {
        let lng = self.origin.lng() + east_m / self.east_m_per_degree;
        let lat = self.origin.lat() + north_m / self.north_m_per_degree;
        LngLat::new(lng, lat).ok()
    }

    /// How many metres east and north of the origin a point lies.
    #[must_use]
    pub fn offset(&self, point: LngLat) -> [f64; 2] {
        [
            (point.lng() - self.origin.lng()) * self.east_m_per_degree,
            (point.lat() - self.origin.lat()) * self.north_m_per_degree,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atlas::ground::Ecef;

    #[test]
    fn a_kilometre_on_the_plane_is_a_kilometre_on_the_ground() {
        let origin = LngLat::new(120.9, 31.0).unwrap();
        let plane = Plane::at(origin);
        let point = plane.point([600.0, -800.0]).unwrap();
        let ground_m = Ecef::from(origin).distance2(Ecef::from(point)).sqrt();
        assert!((ground_m - 1000.0).abs() < 0.1, "{ground_m}");
        let [east_m, north_m] = plane.offset(point);
        assert!((east_m - 600.0).abs() < 1e-6 && (north_m + 800.0).abs() < 1e-6);
    }
}
