//! Makes sure that a layer's outlines part the plane into faces that belong to
//! one feature or none.
//!
//! Two steps, both exact. First, no two outlines cross. Then every edge that is
//! not level is looked at from its lower end: a ray through the whole layer says
//! what lies east of all edges that rise from a corner, and going round the
//! corner from there each edge must have on its eastern side what has been
//! reached, and leads to what it has on its western. Every face has such an
//! edge, so features that overlap, by however little, are found.

use geo::Coord;
use geo::kernels::{Kernel, Orientation, RobustKernel};
use std::cmp::Ordering;

use super::edge::{Clash, Edge, Sides};
use super::mosaic::{Key, Mosaic};
use super::side::is_left;
use super::survey::Touch;

/// Finds two outlines of a layer that cross.
pub(super) fn crossings(
    edges: &[Edge],
    touches: &[Touch],
    sides: fn(&Edge) -> Sides,
) -> Result<(), Clash> {
    let in_layer = |edge: &Edge| sides(edge).differ();
    let Some((p, q)) = crossing(edges, touches, |p, q| in_layer(p) && in_layer(q)) else {
        return Ok(());
    };
    let owners = |edge| {
        let Sides { left, right } = sides(edge);
        [left, right].into_iter().filter(|&number| number != 0)
    };
    // A feature on both lines crosses itself; otherwise any two clash.
    let shared = owners(p).find(|&number| owners(q).any(|other| other == number));
    let one = shared.or_else(|| owners(p).next()).unwrap_or(1);
    let other = shared.or_else(|| owners(q).next()).unwrap_or(one);
    Err(Clash { one, other, near: p.a })
}

/// Finds a zone whose outline crosses itself: its number, and where.
pub(super) fn zone_crossings(edges: &[Edge], touches: &[Touch]) -> Result<(), (u16, Coord<f64>)> {
    let common = |p: &Edge, q: &Edge| p.zones.iter().copied().find(|zone| q.zones.contains(zone));
    match crossing(edges, touches, |p, q| common(p, q).is_some()) {
        Some((p, q)) => Err((common(p, q).unwrap_or_default(), p.a)),
        None => Ok(()),
    }
}

/// The first two edges of a square that cross, of those that must not.
fn crossing<'e>(
    edges: &'e [Edge],
    touches: &[Touch],
    must_not: impl Fn(&Edge, &Edge) -> bool,
) -> Option<(&'e Edge, &'e Edge)> {
    touches.chunk_by(|p, q| (p.0, p.1) == (q.0, q.1)).find_map(|square| {
        let here = |at: usize| &edges[square[at].2 as usize];
        (0..square.len())
            .flat_map(|at| (at + 1..square.len()).map(move |other| (at, other)))
            .map(|(at, other)| (here(at), here(other)))
            .find(|(p, q)| must_not(p, q) && cross(p, q))
    })
}

/// Whether two edges cross between their ends.
fn cross(p: &Edge, q: &Edge) -> bool {
    let parts = |line: &Edge, from, to| {
        let turn = |point| RobustKernel::orient2d(line.a, line.b, point);
        matches!(
            (turn(from), turn(to)),
            (Orientation::Clockwise, Orientation::CounterClockwise)
                | (Orientation::CounterClockwise, Orientation::Clockwise)
        )
    };
    let apart = p.b.x < q.a.x || q.b.x < p.a.x;
    !apart && parts(p, q.a, q.b) && parts(q, p.a, p.b)
}

/// An edge seen from its lower end.
struct Rising {
    low: Coord<f64>,
    high: Coord<f64>,
    west: u16,
    east: u16,
}

impl Rising {
    /// `None` for a level edge.
    fn new(edge: &Edge, Sides { left, right }: Sides) -> Option<Self> {
        let &Edge { a, b, .. } = edge;
        match a.y.total_cmp(&b.y) {
            Ordering::Less => Some(Self { low: a, high: b, west: left, east: right }),
            Ordering::Greater => Some(Self { low: b, high: a, west: right, east: left }),
            Ordering::Equal => None,
        }
    }

    /// By the lower end, then from east to west.
    fn order(&self, other: &Self) -> Ordering {
        let by_end = self.low.x.total_cmp(&other.low.x).then(self.low.y.total_cmp(&other.low.y));
        by_end.then_with(|| {
            if is_left(self.low, self.high, other.high) {
                Ordering::Less
            } else if is_left(self.low, other.high, self.high) {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        })
    }
}

/// Finds features of a layer that overlap; their outlines must not cross.
pub(super) fn overlaps(
    edges: &[Edge],
    mosaic: &Mosaic,
    sides: fn(&Edge) -> Sides,
    number: fn(Key) -> u16,
    count: usize,
) -> Result<(), Clash> {
    let in_layer = edges.iter().filter(|edge| sides(edge).differ());
    let mut rising: Vec<Rising> =
        in_layer.filter_map(|edge| Rising::new(edge, sides(edge))).collect();
    rising.sort_unstable_by(Rising::order);
    for corner in rising.chunk_by(|p, q| p.low == q.low) {
        let mut reached = mosaic.key(corner[0].low).map_or(0, number);
        for edge in corner {
            if edge.east != reached {
                let one = if edge.east == 0 { edge.west } else { edge.east };
                let known = reached != 0 && usize::from(reached) <= count;
                let other = if known { reached } else { 0 };
                return Err(Clash { one, other, near: edge.low });
            }
            reached = edge.west;
        }
    }
    Ok(())
}
