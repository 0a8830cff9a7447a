//! Whether a unit can be where a fix says.
//!
//! A fix that cannot be right is in the track like any other, but moves nothing. A fix
//! may be right against all that was before, though (a device that was carried by
//! air, or whose first fix was wrong): so several in a row that agree with each other
//! are believed.

use crate::atlas::ground::Ecef;
use crate::domain::{Position, UnitKind};

/// A circle of this radius in metres, and wider, holds an urban district or a small
/// county whole (黄浦区: 20 km², a circle of 2.5 km; 青浦区: 670 km², one of 15 km): a fix so
/// coarse comes from a mast of the mobile network, and says less than the fix before.
const COARSEST_M: f32 = 10_000.0;

/// m/s. Nothing on wheels, rails or water is faster (the Shanghai maglev: 120 m/s; foot
/// teams ride trains).
const FASTEST_ON_GROUND_MPS: f64 = 150.0;
/// m/s. What a drone in service does not pass; the doors refuse a greater `speed_mps`.
const FASTEST_IN_AIR_MPS: f64 = 200.0;

/// Metres that a fix may be off without being impossible: reflections between houses.
const SLACK_M: f64 = 500.0;
/// Seconds that two fixes are taken to be apart at least: a leap second and clocks that
/// tell whole seconds make them look closer than they are.
const LEAST_S: f64 = 1.0;

/// So many doubted fixes that agree with each other are believed.
pub(super) const ENOUGH: u8 = 3;

/// Why a fix is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// It would need a speed that such a unit does not reach.
    TooFast,
    /// Its circle holds a whole county.
    TooCoarse,
}

impl Doubt {
    /// What is wrong, in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooFast => "too far from the fix before to be reached in the time between",
            Self::TooCoarse => "accuracy_m of 10,000 or more: coarser than a county",
        }
    }
}

/// Whether a fix says too little of where a unit is.
pub(super) fn is_coarse(fix: &Position) -> bool {
    fix.accuracy_m.is_some_and(|radius| radius >= COARSEST_M)
}

/// Whether a unit can have been at both.
pub(super) fn reachable(kind: UnitKind, from: &Position, to: &Position) -> bool {
    let fastest = match kind {
        UnitKind::Drone => FASTEST_IN_AIR_MPS,
        UnitKind::Car | UnitKind::Foot | UnitKind::Boat => FASTEST_ON_GROUND_MPS,
    };
    #[expect(clippy::cast_precision_loss, reason = "metres, not their fractions")]
    let seconds = ((to.at - from.at).abs() as f64 / 1e3).max(LEAST_S);
    let radius = |fix: &Position| f64::from(fix.accuracy_m.unwrap_or(0.0));
    let apart = Ecef::from(from.point).distance2(to.point.into()).sqrt();
    apart <= SLACK_M + radius(from) + radius(to) + fastest * seconds
}
