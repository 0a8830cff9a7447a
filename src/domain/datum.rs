//! The datums in which points arrive. The conversions are in [`crate::atlas`].

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The reference a pair of coordinates was measured against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    /// EPSG:4326, what satellite receivers give.
    #[default]
    Wgs84,
    /// EPSG:4490, China's geodetic system; the same as WGS-84 at our precision.
    Cgcs2000,
    /// China's offset datum, what phones in China give; 465–608 m off in the delta.
    Gcj02,
    /// Baidu's further offset of GCJ-02.
    Bd09,
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wgs84 => "wgs84",
            Self::Cgcs2000 => "cgcs2000",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        })
    }
}

/// A text that names no datum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is none of wgs84, cgcs2000, gcj02, bd09")]
pub struct InvalidDatum(String);

impl FromStr for Datum {
    type Err = InvalidDatum;
    fn from_str(text: &str) -> Result<Self, InvalidDatum> {
        match text {
            "wgs84" => Ok(Self::Wgs84),
            "cgcs2000" => Ok(Self::Cgcs2000),
            "gcj02" => Ok(Self::Gcj02),
            "bd09" => Ok(Self::Bd09),
            _ => Err(InvalidDatum(text.to_owned())),
        }
    }
}

/// A point as it was reported, kept beside the converted one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Original {
    /// The datum of the numbers.
    pub datum: Datum,
    /// Degrees, in that datum.
    pub lng: f64,
    /// Degrees, in that datum.
    pub lat: f64,
}
