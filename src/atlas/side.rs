//! On which side of a line a point lies, exactly.
//!
//! A point that is exactly on a line must still lie on one side of it, and on
//! the same for everybody who asks. So every point counts as if it stood a hair
//! further east, and a far smaller hair further north: on a line it belongs to
//! the side east of it, and on a line that runs due east to the north of it.
//! Moved so, no point is ever on a line or level with a corner, and whatever is
//! true of points in general holds for it. The signs come from exact
//! predicates, not from rounded products.

use geo::Coord;
use geo::kernels::{Kernel, Orientation, RobustKernel};

/// The rounding of `(ax−qx)(by−qy) − (ay−qy)(bx−qx)` stays below this part of
/// the products' sum (Shewchuk 1997, constant A of orient2d).
const ROUNDING: f64 = 3.330_669_073_875_471_6e-16;

/// Whether a point lies left of the line from `a` to `b`, which must differ.
#[inline]
pub(super) fn is_left(a: Coord<f64>, b: Coord<f64>, point: Coord<f64>) -> bool {
    let plus = (a.x - point.x) * (b.y - point.y);
    let minus = (a.y - point.y) * (b.x - point.x);
    let turn = plus - minus;
    if turn.abs() > ROUNDING * (plus.abs() + minus.abs()) {
        turn > 0.0
    } else {
        is_left_exactly(a, b, point)
    }
}

#[cold]
#[expect(clippy::float_cmp, reason = "level means exactly level")]
fn is_left_exactly(a: Coord<f64>, b: Coord<f64>, point: Coord<f64>) -> bool {
    match RobustKernel::orient2d(a, b, point) {
        Orientation::CounterClockwise => true,
        Orientation::Clockwise => false,
        // On the line: a hair east decides, and on a level line a hair north.
        Orientation::Collinear if a.y == b.y => b.x > a.x,
        Orientation::Collinear => b.y < a.y,
    }
}

/// Whether the line from `a` to `b` passes a latitude.
#[inline]
pub(super) fn passes_lat(a: Coord<f64>, b: Coord<f64>, lat: f64) -> bool {
    (a.y <= lat) != (b.y <= lat)
}

/// Whether the line from `a` to `b` passes a longitude.
#[inline]
pub(super) fn passes_lng(a: Coord<f64>, b: Coord<f64>, lng: f64) -> bool {
    (a.x <= lng) != (b.x <= lng)
}

#[cfg(test)]
mod tests {
    use geo::coord;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_point_on_a_line_lies_east_of_it_and_on_a_level_line_north() {
        let (south, north) = (coord! { x: 1.0, y: 0.0 }, coord! { x: 1.0, y: 2.0 });
        let on = coord! { x: 1.0, y: 1.0 };
        assert!(!is_left(south, north, on) && is_left(north, south, on));
        let (west, east) = (coord! { x: 0.0, y: 1.0 }, coord! { x: 2.0, y: 1.0 });
        assert!(is_left(west, east, on) && !is_left(east, west, on));
    }

    proptest! {
        #[test]
        fn a_point_is_never_on_both_sides_nor_on_none(
            ax in 0..4, ay in 0..4, bx in 0..4, by in 0..4, x in 0..4, y in 0..4, scale in 0.01..100.0_f64,
        ) {
            prop_assume!((ax, ay) != (bx, by));
            let at = |x: i32, y: i32| coord! { x: f64::from(x) * scale, y: f64::from(y) * scale };
            let (a, b, point) = (at(ax, ay), at(bx, by), at(x, y));
            prop_assert_ne!(is_left(a, b, point), is_left(b, a, point));
        }
    }
}
