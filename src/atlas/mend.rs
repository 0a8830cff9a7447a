//! Brings neighbours' outlines together where they miss by a hair.
//!
//! Neighbours that were drawn as one topology share their corners exactly and
//! are left exactly as they are. Where one's outline has a corner that the
//! other's lacks, or corners were rounded apart, the same line is there twice:
//! it would be no border, and leave slivers that belong to nobody or to two.
//! Only corners of sides that match no neighbour's side, and that lie within
//! [`MISS_M`] of another feature's such side, are brought together: corners
//! within that reach become one, and a side that passes a foreign corner within
//! that reach takes it in. No line moves further than that.

use std::collections::BTreeMap;

use geo::Coord;
use rstar::primitives::{GeomWithData, Line};
use rstar::{AABB, RTree};
use rustc_hash::{FxHashMap, FxHashSet};

use super::edge::before;
use super::plane::Plane;
use super::shape::Shape;

/// How far apart in metres two drawings of one line may be.
pub(super) const MISS_M: f64 = 2.0;

type Key = [u64; 2];
type Side = GeomWithData<Line<[f64; 2]>, usize>;

/// Mends the outlines of a layer's features; says how many rings were changed.
pub(super) fn mend(shapes: &mut [Shape]) -> usize {
    let loose = loose_sides(shapes);
    let sides = RTree::bulk_load(loose.clone());
    let corners = contacts(&loose, &sides);
    if corners.is_empty() {
        return 0;
    }
    let joined = join(&corners);
    let mut all: BTreeMap<Key, (Coord<f64>, FxHashSet<usize>)> = BTreeMap::new();
    for corner in &corners {
        let to = joined[&key(corner.at)];
        all.entry(key(to)).or_insert_with(|| (to, FxHashSet::default())).1.insert(corner.feature);
    }
    let points = RTree::bulk_load(
        all.into_values().map(|(at, of)| GeomWithData::new([at.x, at.y], of)).collect(),
    );
    let loose: FxHashSet<_> =
        loose.iter().map(|side| ends(coord(side.geom().from), coord(side.geom().to))).collect();
    let mut changed = 0;
    for (feature, shape) in shapes.iter_mut().enumerate() {
        for ring in shape.polygons.iter_mut().flatten() {
            let mut mended = Vec::with_capacity(ring.len());
            for (at, &from) in ring.iter().enumerate() {
                let to = ring[(at + 1) % ring.len()];
                let place = |corner| joined.get(&key(corner)).copied().unwrap_or(corner);
                mended.push(place(from));
                if loose.contains(&ends(from, to)) {
                    take_in(place(from), place(to), feature, &points, &mut mended);
                }
            }
            mended.dedup();
            while mended.len() > 1 && mended.first() == mended.last() {
                mended.pop();
            }
            changed += usize::from(*ring != mended);
            *ring = mended;
        }
        shape.drop_collapsed();
    }
    changed
}

/// The sides that do not run along just one other side the opposite way.
fn loose_sides(shapes: &[Shape]) -> Vec<Side> {
    let mut uses: FxHashMap<[Key; 2], (u32, u32)> = FxHashMap::default();
    for (from, to) in shapes.iter().flat_map(Shape::sides) {
        let (forward, backward) = uses.entry(ends(from, to)).or_default();
        *if before(from, to) { forward } else { backward } += 1;
    }
    let mut loose = Vec::new();
    for (feature, shape) in shapes.iter().enumerate() {
        for (from, to) in shape.sides().filter(|side| uses[&ends(side.0, side.1)] != (1, 1)) {
            loose.push(Side::new(Line::new([from.x, from.y], [to.x, to.y]), feature));
        }
    }
    loose
}

/// A corner of a loose side that all but touches another feature's.
#[derive(Clone, Copy, Debug)]
struct Contact {
    at: Coord<f64>,
    feature: usize,
}

fn contacts(loose: &[Side], sides: &RTree<Side>) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for side in loose {
        for at in [coord(side.geom().from), coord(side.geom().to)] {
            let plane = Plane::at(at.y);
            let touches = sides.locate_in_envelope_intersecting(&around(at, at)).any(|other| {
                let (a, b) = (coord(other.geom().from), coord(other.geom().to));
                other.data != side.data && plane.distance2(at, a, b) <= MISS_M * MISS_M
            });
            if touches {
                contacts.push(Contact { at, feature: side.data });
            }
        }
    }
    contacts
}

/// For each corner the one it becomes: the first within reach, or itself.
fn join(corners: &[Contact]) -> FxHashMap<Key, Coord<f64>> {
    let mut kept: RTree<[f64; 2]> = RTree::new();
    let mut joined = FxHashMap::default();
    for &Contact { at, .. } in corners {
        joined.entry(key(at)).or_insert_with(|| {
            let plane = Plane::at(at.y);
            let distance2 = |other: &[f64; 2]| plane.distance2(at, coord(*other), coord(*other));
            let near = kept
                .locate_in_envelope(&around(at, at))
                .filter(|other| distance2(other) <= MISS_M * MISS_M)
                .min_by(|p, q| distance2(p).total_cmp(&distance2(q)).then(p[0].total_cmp(&q[0])))
                .copied();
            if near.is_none() {
                kept.insert([at.x, at.y]);
            }
            near.map_or(at, coord)
        });
    }
    joined
}

/// Adds the foreign corners that a side passes within reach, in its order.
fn take_in(
    from: Coord<f64>,
    to: Coord<f64>,
    feature: usize,
    points: &RTree<GeomWithData<[f64; 2], FxHashSet<usize>>>,
    ring: &mut Vec<Coord<f64>>,
) {
    let mut passed: Vec<Coord<f64>> = points
        .locate_in_envelope(&around(from, to))
        .filter(|point| point.data.iter().any(|&of| of != feature))
        .map(|point| coord(*point.geom()))
        .filter(|&at| {
            let near = Plane::at(at.y).distance2(at, from, to) <= MISS_M * MISS_M;
            near && at != from && at != to
        })
        .collect();
    let along =
        |at: &Coord<f64>| (at.x - from.x) * (to.x - from.x) + (at.y - from.y) * (to.y - from.y);
    passed.sort_by(|p, q| along(p).total_cmp(&along(q)));
    ring.extend(passed);
}

/// The box that holds everything within reach of a line.
fn around(a: Coord<f64>, b: Coord<f64>) -> AABB<[f64; 2]> {
    let plane = Plane::at(a.y);
    let (x, y) = (1.01 * MISS_M / plane.east_m, 1.01 * MISS_M / plane.north_m);
    AABB::from_corners([a.x.min(b.x) - x, a.y.min(b.y) - y], [a.x.max(b.x) + x, a.y.max(b.y) + y])
}

fn coord(at: [f64; 2]) -> Coord<f64> {
    Coord { x: at[0], y: at[1] }
}

fn key(at: Coord<f64>) -> Key {
    [(at.x + 0.0).to_bits(), (at.y + 0.0).to_bits()]
}

fn ends(a: Coord<f64>, b: Coord<f64>) -> [Key; 2] {
    if before(a, b) { [key(a), key(b)] } else { [key(b), key(a)] }
}
