//! Points of any datum.

use crate::atlas::datum::to_wgs84;
use crate::domain::lng_lat::InvalidLngLat;
use crate::domain::{Datum, LngLat, Original};

use super::read::{Flaw, needed};

/// Degrees from 0, 0 within which a point is taken to be no point: about 10 m.
const ORIGIN: f64 = 1e-4;

/// A point in WGS-84, and as it was sent unless that was WGS-84.
pub fn point(
    lon: Option<f64>,
    lat: Option<f64>,
    datum: Option<Datum>,
) -> Result<(LngLat, Option<Original>), Flaw> {
    let (lng, lat) = (needed("lon", lon)?, needed("lat", lat)?);
    if lng.abs() < ORIGIN && lat.abs() < ORIGIN {
        return Err(Flaw::of("lon", "0, 0 is what a receiver without a fix tells, not a place"));
    }
    let datum = datum.unwrap_or_default();
    let point = to_wgs84(datum, lng, lat).map_err(|why| match why {
        InvalidLngLat::Lng(_) => Flaw::of("lon", why.to_string()),
        InvalidLngLat::Lat(_) => Flaw::of("lat", why.to_string()),
    })?;
    let original = (datum != Datum::Wgs84).then_some(Original { datum, lng, lat });
    Ok((point, original))
}
