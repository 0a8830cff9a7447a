//! Points of any datum.

use crate::atlas::datum::to_wgs84;
use crate::domain::lng_lat::InvalidLngLat;
use crate::domain::{Datum, LngLat, Original};

use super::read::{Flaw, needed};

/// A point in WGS-84, and as it was sent unless that was WGS-84.
pub fn point(
    lon: Option<f64>,
    lat: Option<f64>,
    datum: Option<Datum>,
) -> Result<(LngLat, Option<Original>), Flaw> {
    let (lng, lat) = (needed("lon", lon)?, needed("lat", lat)?);
    let datum = datum.unwrap_or_default();
    let point = to_wgs84(datum, lng, lat).map_err(|why| match why {
        InvalidLngLat::Lng(_) => Flaw::of("lon", why.to_string()),
        InvalidLngLat::Lat(_) => Flaw::of("lat", why.to_string()),
    })?;
    let original = (datum != Datum::Wgs84).then_some(Original { datum, lng, lat });
    Ok((point, original))
}
