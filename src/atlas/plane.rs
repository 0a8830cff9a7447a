//! Metres near a point, on a plane.

use geo::Coord;

use super::ground::{WGS84_A_M, WGS84_E2};

/// The plane that touches the ellipsoid at a latitude: east and north in metres
/// by its radii of curvature there.
///
/// At 1 km it errs by under 0.2 m, at 5 km by under 4 m up to 60° of latitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plane {
    /// Metres a degree of longitude.
    pub east_m: f64,
    /// Metres a degree of latitude.
    pub north_m: f64,
}

impl Plane {
    /// The plane at a latitude in degrees.
    #[inline]
    pub fn at(lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        let bend = 1.0 - WGS84_E2 * sin * sin;
        let normal_m = WGS84_A_M / bend.sqrt();
        let meridian_m = normal_m * (1.0 - WGS84_E2) / bend;
        Self { east_m: (normal_m * cos).to_radians(), north_m: meridian_m.to_radians() }
    }

    /// The square of the distance from a point to the line from `a` to `b`, m².
    #[inline]
    pub fn distance2(self, point: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
        let (ax, ay) = ((a.x - point.x) * self.east_m, (a.y - point.y) * self.north_m);
        let (bx, by) = ((b.x - point.x) * self.east_m, (b.y - point.y) * self.north_m);
        let (dx, dy) = (bx - ax, by - ay);
        let along = -(ax * dx + ay * dy);
        let length2 = dx * dx + dy * dy;
        let (x, y) = if along <= 0.0 {
            (ax, ay)
        } else if along >= length2 {
            (bx, by)
        } else {
            let part = along / length2;
            (ax + part * dx, ay + part * dy)
        };
        x * x + y * y
    }
}
