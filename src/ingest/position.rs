//! Fixes of units.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::{Datum, Position, Time, UnitId};

use super::field::{Text, measured};
use super::instant::Instant;
use super::point::point;
use super::read::{Flaw, item, needed};

/// What a drone or boat in service does not pass.
const FASTEST_MPS: f32 = 200.0;
/// A circle of which nothing can be learnt.
const COARSEST_M: f32 = 100_000.0;

/// A fix, as it is sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionIn<'a> {
    /// The unit's code.
    #[serde(borrow)]
    #[schema(value_type = String)]
    unit: Option<Text<'a>>,
    /// Degrees, in the datum.
    #[schema(value_type = f64)]
    lon: Option<f64>,
    /// Degrees, in the datum.
    #[schema(value_type = f64)]
    lat: Option<f64>,
    /// `wgs84` if not named.
    datum: Option<Datum>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    at: Option<Instant>,
    /// At most 200.
    speed_mps: Option<f32>,
    /// Clockwise from north, 0 to 360.
    course_deg: Option<f32>,
    /// Radius, at most 100,000.
    accuracy_m: Option<f32>,
}

/// Reads a fix of a unit that `known` knows. Nothing is allocated unless it is
/// refused.
pub fn position(
    text: &[u8],
    known: impl Fn(&str) -> Option<UnitId>,
    now: Time,
) -> Result<Position, Flaw> {
    let sent: PositionIn<'_> = item(text)?;
    let code = needed("unit", sent.unit)?.0;
    let Some(unit) = known(&code) else {
        let code: String = code.chars().take(64).collect();
        return Err(Flaw::of("unit", format!("no unit “{code}” is registered")));
    };
    let (point, original) = point(sent.lon, sent.lat, sent.datum)?;
    let at = needed("at", sent.at)?.check_fix(now).map_err(|why| Flaw::of("at", why))?;
    Ok(Position {
        unit,
        at,
        point,
        original,
        speed_mps: measured("speed_mps", sent.speed_mps, 0.0..=FASTEST_MPS)?,
        course_deg: measured("course_deg", sent.course_deg, 0.0..=360.0)?,
        accuracy_m: measured("accuracy_m", sent.accuracy_m, 0.0..=COARSEST_M)?,
    })
}
