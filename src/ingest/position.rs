//! Fixes of units.

use serde::Deserialize;

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
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionIn<'a> {
    #[serde(borrow)]
    unit: Option<Text<'a>>,
    lon: Option<f64>,
    lat: Option<f64>,
    datum: Option<Datum>,
    at: Option<Instant>,
    speed_mps: Option<f32>,
    course_deg: Option<f32>,
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
    let at = needed("at", sent.at)?.check(now).map_err(|why| Flaw::of("at", why))?;
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
