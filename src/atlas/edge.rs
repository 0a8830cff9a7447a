//! The lines between faces: every side of every polygon, each once.

use geo::Coord;
use rustc_hash::{FxHashMap, FxHashSet};

use super::shape::Shape;

/// A straight line between two corners, with what it parts.
///
/// `a` comes before `b` by longitude, then latitude; left and right are seen
/// from `a`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edge {
    pub a: Coord<f64>,
    pub b: Coord<f64>,
    /// Number of the county on either side, 0 for none; alike where no county's
    /// outline runs.
    pub counties: Sides,
    /// The same of townships.
    pub townships: Sides,
    /// The zones whose outline runs here, ascending.
    pub zones: Vec<u16>,
}

/// Numbers of what lies left and right of an edge, 0 for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sides {
    pub left: u16,
    pub right: u16,
}

impl Sides {
    /// Whether the edge parts two different things.
    pub fn differ(self) -> bool {
        self.left != self.right
    }

    /// What must be added (exclusive or) to the number of one side to get that
    /// of the other.
    pub fn toggle(self) -> u16 {
        self.left ^ self.right
    }
}

/// Two features of a layer, by their numbers, that cover the same ground; or one
/// that covers it twice. `other` is 0 where only one is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Clash {
    pub one: u16,
    pub other: u16,
    pub near: Coord<f64>,
}

/// Clashes of a layer, each pair once.
#[derive(Debug, Default)]
pub(super) struct Clashes {
    pub all: Vec<Clash>,
    pairs: FxHashSet<(u16, u16)>,
}

impl Clashes {
    /// One more, unless the pair is known.
    pub fn add(&mut self, clash: Clash) {
        let Clash { one, other, .. } = clash;
        if self.pairs.insert((one.min(other), one.max(other))) {
            self.all.push(clash);
        }
    }
}

type Key = [u64; 4];

/// Gathers the sides of polygons.
#[derive(Debug, Default)]
pub(super) struct Edges {
    all: Vec<Edge>,
    by_ends: FxHashMap<Key, u32>,
}

impl Edges {
    /// Adds the outlines of counties (or townships) in the order of their
    /// numbers, from 1; gives those that have a side in common on the same side of it,
    /// each pair once.
    pub fn add_partition(
        &mut self,
        shapes: &[Shape],
        of: fn(&mut Edge) -> &mut Sides,
    ) -> Vec<Clash> {
        let mut clashes = Clashes::default();
        for (number, shape) in (1..).zip(shapes) {
            for (from, to) in shape.sides() {
                let (edge, forward) = self.between(from, to);
                let sides = of(edge);
                let side = if forward { &mut sides.left } else { &mut sides.right };
                if *side == 0 {
                    *side = number;
                } else {
                    clashes.add(Clash { one: number, other: *side, near: from });
                }
            }
        }
        clashes.all
    }

    /// Adds a zone's outline. Where two of its own parts meet there is none.
    pub fn add_zone(&mut self, zone: u16, shape: &Shape) {
        for (from, to) in shape.sides() {
            let zones = &mut self.between(from, to).0.zones;
            match zones.binary_search(&zone) {
                Ok(at) => drop(zones.remove(at)),
                Err(at) => zones.insert(at, zone),
            }
        }
    }

    /// The edges, without those that part nothing from nothing.
    pub fn finish(mut self) -> Vec<Edge> {
        self.all.retain(|edge| {
            edge.counties.differ() || edge.townships.differ() || !edge.zones.is_empty()
        });
        self.all
    }

    /// The edge between two corners, and whether it runs from the first.
    fn between(&mut self, from: Coord<f64>, to: Coord<f64>) -> (&mut Edge, bool) {
        let forward = before(from, to);
        let (a, b) = if forward { (from, to) } else { (to, from) };
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let at = *self.by_ends.entry(key(a, b)).or_insert(next);
        if at == next {
            let (counties, townships) = (Sides::default(), Sides::default());
            self.all.push(Edge { a, b, counties, townships, zones: Vec::new() });
        }
        (&mut self.all[at as usize], forward)
    }
}

/// Whether a corner comes before another: further west, or as far and further
/// south.
pub(super) fn before(a: Coord<f64>, b: Coord<f64>) -> bool {
    (a.x, a.y) < (b.x, b.y)
}

/// Two corners, as they can be hashed; 0 and −0 are alike.
fn key(a: Coord<f64>, b: Coord<f64>) -> Key {
    [a.x, a.y, b.x, b.y].map(|degrees| (degrees + 0.0).to_bits())
}
