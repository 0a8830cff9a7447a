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

use super::edge::{Clash, Clashes, Edge, Sides};
use super::mosaic::{Key, Mosaic};
use super::side::is_left;
use super::survey::Touch;

/// So many edges are looked at more closely.
const SUSPECTS: usize = 2_000;

/// Finds the outlines of a layer that cross, each pair of features once.
pub(super) fn crossings(
    edges: &[Edge],
    touches: &[Touch],
    sides: fn(&Edge) -> Sides,
) -> Vec<Clash> {
    let in_layer = |edge: &Edge| sides(edge).differ();
    let owners = |of: Sides| [of.left, of.right].into_iter().filter(|&number| number != 0);
    let mut clashes = Clashes::default();
    crossing(
        edges,
        touches,
        |p, q| in_layer(p) && in_layer(q),
        |p, q| {
            // A feature on both lines crosses itself; otherwise any two clash.
            let shared =
                owners(sides(p)).find(|&number| owners(sides(q)).any(|other| other == number));
            let one = shared.or_else(|| owners(sides(p)).next()).unwrap_or(1);
            let other = shared.or_else(|| owners(sides(q)).next()).unwrap_or(one);
            clashes.add(Clash { one, other, near: p.a });
        },
    );
    clashes.all
}

/// Finds the zones whose outlines cross themselves: their numbers, and where.
pub(super) fn zone_crossings(edges: &[Edge], touches: &[Touch]) -> Vec<(u16, Coord<f64>)> {
    let common = |p: &Edge, q: &Edge| p.zones.iter().copied().find(|zone| q.zones.contains(zone));
    let mut found: Vec<(u16, Coord<f64>)> = Vec::new();
    crossing(
        edges,
        touches,
        |p, q| common(p, q).is_some(),
        |p, q| {
            let zone = common(p, q).unwrap_or_default();
            if !found.iter().any(|(known, _)| *known == zone) {
                found.push((zone, p.a));
            }
        },
    );
    found
}

/// Tells `found` of two edges of a square that cross, of those that must not; of each
/// square the first such pair of each edge.
fn crossing(
    edges: &[Edge],
    touches: &[Touch],
    must_not: impl Fn(&Edge, &Edge) -> bool,
    mut found: impl FnMut(&Edge, &Edge),
) {
    for square in touches.chunk_by(|p, q| (p.0, p.1) == (q.0, q.1)) {
        for (at, &(.., one)) in square.iter().enumerate() {
            let p = &edges[one as usize];
            let mut others = square[at + 1..].iter().map(|&(.., other)| &edges[other as usize]);
            if let Some(q) = others.find(|q| must_not(p, q) && cross(p, q)) {
                found(p, q);
            }
        }
    }
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

/// An edge that has on its eastern side something else than what was reached there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    /// Its ends, the lower first.
    pub ends: (Coord<f64>, Coord<f64>),
    /// A feature whose outline it belongs to.
    pub one: u16,
}

/// Finds where features of a layer overlap; if their outlines do not cross, then every
/// overlap is found by some edge. Which the other feature is, the numbers do not tell:
/// where two lie, what is reached is their exclusive or.
pub(super) fn overlaps(
    edges: &[Edge],
    mosaic: &Mosaic,
    sides: fn(&Edge) -> Sides,
    number: fn(Key) -> u16,
) -> Vec<Suspect> {
    let mut suspects = Vec::new();
    let in_layer = edges.iter().filter(|edge| sides(edge).differ());
    let mut rising: Vec<Rising> =
        in_layer.filter_map(|edge| Rising::new(edge, sides(edge))).collect();
    rising.sort_unstable_by(Rising::order);
    for corner in rising.chunk_by(|p, q| p.low == q.low) {
        let mut reached = mosaic.key(corner[0].low).map_or(0, number);
        for edge in corner {
            if edge.east != reached {
                let one = if edge.east == 0 { edge.west } else { edge.east };
                suspects.push(Suspect { ends: (edge.low, edge.high), one });
                if suspects.len() == SUSPECTS {
                    return suspects;
                }
            }
            reached = edge.west;
        }
    }
    suspects
}
