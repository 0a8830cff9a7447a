//! A place on the ground.

use serde::{Deserialize, Serialize};

/// A WGS-84 point in degrees, longitude first; always finite, longitude within
/// ±180, latitude within ±90.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(f64, f64)", into = "(f64, f64)")]
pub struct LngLat {
    lng: f64,
    lat: f64,
}

/// Why a pair of numbers is no place on the ground.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidLngLat {
    /// Not finite, or outside ±180.
    #[error("longitude {0} is not within -180 to 180 degrees")]
    Lng(f64),
    /// Not finite, or outside ±90.
    #[error("latitude {0} is not within -90 to 90 degrees")]
    Lat(f64),
}

impl LngLat {
    /// A point from longitude and latitude in degrees.
    pub fn new(lng: f64, lat: f64) -> Result<Self, InvalidLngLat> {
        if !(-180.0..=180.0).contains(&lng) {
            return Err(InvalidLngLat::Lng(lng));
        }
        if !(-90.0..=90.0).contains(&lat) {
            return Err(InvalidLngLat::Lat(lat));
        }
        Ok(Self { lng, lat })
    }

    /// Longitude in degrees east.
    #[must_use]
    pub const fn lng(self) -> f64 {
        self.lng
    }

    /// Latitude in degrees north.
    #[must_use]
    pub const fn lat(self) -> f64 {
        self.lat
    }
}

impl TryFrom<(f64, f64)> for LngLat {
    type Error = InvalidLngLat;
    fn try_from((lng, lat): (f64, f64)) -> Result<Self, InvalidLngLat> {
        Self::new(lng, lat)
    }
}

impl From<LngLat> for (f64, f64) {
    fn from(point: LngLat) -> Self {
        (point.lng, point.lat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_no_place() {
        assert!(matches!(LngLat::new(f64::NAN, 31.0), Err(InvalidLngLat::Lng(_))));
        assert_eq!(LngLat::new(31.0, 121.0), Err(InvalidLngLat::Lat(121.0)));
    }
}
