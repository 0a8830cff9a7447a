//! The many points of a dense cell, by eighths of its cube, so that whoever asks
//! what is near looks at few of them, however many there are or coincide.

use std::collections::BTreeSet;

use crate::atlas::ground::Ecef;
use crate::engine::effort;
use crate::engine::slab::Slab;

use super::anchor::Candidate;
use super::{Age, NONE, Point};

/// Places that a cube holds before it is cut into eighths.
const LEAF: usize = 16;

/// Cubes are cut no further: they are then smaller than what a coordinate tells.
const DEEPEST: u32 = 46;

/// Metres by which a cube is taken to be larger or smaller than it is: far more
/// than rounding does to a coordinate.
const SLACK_M: f64 = 1e-6;

/// Points at one place, the oldest apart.
#[derive(Debug)]
struct Heap {
    here: Ecef,
    oldest: (Age, u32),
    others: BTreeSet<(Age, u32)>,
}

/// A cube with its places, or with its eighths.
#[derive(Debug, Default)]
struct Node {
    /// Points in it.
    points: u32,
    heaps: Vec<Heap>,
    eighths: Option<Box<[u32; 8]>>,
}

/// Where a cube lies.
#[derive(Clone, Copy, Debug)]
struct Cube {
    centre: [f64; 3],
    half_m: f64,
}

/// Points, all of them core.
#[derive(Debug)]
pub(super) struct Crowd {
    cube: Cube,
    root: u32,
    nodes: Slab<Node>,
}

impl Cube {
    fn eighth_of(&self, here: Ecef) -> usize {
        let [x, y, z] = self.centre;
        usize::from(here.x >= x) | usize::from(here.y >= y) << 1 | usize::from(here.z >= z) << 2
    }

    fn eighth(&self, which: usize) -> Self {
        let half_m = self.half_m / 2.0;
        let mut centre = self.centre;
        for (axis, at) in centre.iter_mut().enumerate() {
            *at += if which >> axis & 1 == 1 { half_m } else { -half_m };
        }
        Self { centre, half_m }
    }

    fn apart(&self, here: Ecef) -> [f64; 3] {
        let [x, y, z] = self.centre;
        [(here.x - x).abs(), (here.y - y).abs(), (here.z - z).abs()]
    }

    /// The square of the least distance from a place to anything in it, less a little.
    fn least2(&self, here: Ecef) -> f64 {
        let gap = |apart: f64| (apart - self.half_m - SLACK_M).max(0.0).powi(2);
        self.apart(here).into_iter().map(gap).sum()
    }

    /// The square of the greatest, and a little more.
    fn most2(&self, here: Ecef) -> f64 {
        let gap = |apart: f64| (apart + self.half_m + SLACK_M).powi(2);
        self.apart(here).into_iter().map(gap).sum()
    }

    /// The squares of the least and the greatest distance between anything in it and
    /// in another.
    fn between2(&self, other: &Self) -> (f64, f64) {
        let both_m = self.half_m + other.half_m + SLACK_M;
        let (mut least, mut most) = (0.0, 0.0);
        for (a, b) in self.centre.into_iter().zip(other.centre) {
            let apart = (a - b).abs();
            least += (apart - both_m).max(0.0).powi(2);
            most += (apart + both_m).powi(2);
        }
        (least, most)
    }
}

impl Crowd {
    /// Nobody yet; the cube from its lowest corner.
    pub(super) fn new(low: [f64; 3], side_m: f64) -> Self {
        let half_m = side_m / 2.0;
        let mut nodes = Slab::default();
        let root = nodes.put(Node::default());
        Self { cube: Cube { centre: low.map(|at| at + half_m), half_m }, root, nodes }
    }

    /// Takes in a point.
    pub(super) fn insert(&mut self, here: Ecef, age: Age, point: u32) {
        let (mut at, mut cube, mut depth) = (self.root, self.cube, 0);
        self.nodes[at].points += 1;
        while let Some(eighths) = &self.nodes[at].eighths {
            let which = cube.eighth_of(here);
            let next = eighths[which];
            at = if next == NONE { self.grow(at, which) } else { next };
            (cube, depth) = (cube.eighth(which), depth + 1);
            self.nodes[at].points += 1;
        }
        let heaps = &mut self.nodes[at].heaps;
        match heaps.iter_mut().find(|heap| heap.here == here) {
            Some(heap) => heap.insert((age, point)),
            None => heaps.push(Heap { here, oldest: (age, point), others: BTreeSet::new() }),
        }
        self.cut(at, cube, depth);
    }

    /// Takes out a point that is there.
    pub(super) fn remove(&mut self, here: Ecef, age: Age, point: u32) {
        let (mut at, mut cube) = (self.root, self.cube);
        // The first cube on the way that no longer needs its eighths.
        let mut needless = None;
        loop {
            let node = &mut self.nodes[at];
            node.points -= 1;
            let Some(eighths) = &node.eighths else { break };
            if node.points as usize <= LEAF / 2 {
                needless = needless.or(Some(at));
            }
            let which = cube.eighth_of(here);
            (at, cube) = (eighths[which], cube.eighth(which));
        }
        let heaps = &mut self.nodes[at].heaps;
        if let Some(which) = heaps.iter().position(|heap| heap.here == here)
            && heaps[which].remove((age, point))
        {
            heaps.swap_remove(which);
        }
        if let Some(needless) = needless {
            let mut heaps = Vec::new();
            self.gather(needless, &mut heaps);
            self.nodes[needless].heaps = heaps;
        }
    }

    /// How many lie within reach of a place.
    pub(super) fn count_within(&self, here: Ecef, eps2: f64) -> usize {
        let mut many = 0;
        self.visit(self.root, self.cube, &mut |node, cube| {
            if cube.least2(here) > eps2 {
                return false;
            }
            if cube.most2(here) <= eps2 {
                many += node.points as usize;
                return false;
            }
            let within = |heap: &&Heap| here.distance2(heap.here) <= eps2;
            many += node.heaps.iter().filter(within).map(Heap::len).sum::<usize>();
            true
        });
        many
    }

    /// Any that lies within reach of a place.
    pub(super) fn any_within(&self, here: Ecef, eps2: f64) -> Option<u32> {
        let mut found = None;
        self.visit(self.root, self.cube, &mut |node, cube| {
            if found.is_some() || node.points == 0 || cube.least2(here) > eps2 {
                return false;
            }
            let within = |heap: &&Heap| here.distance2(heap.here) <= eps2;
            found = node.heaps.iter().find(within).map(|heap| heap.oldest.1);
            true
        });
        found
    }

    /// Offers those within reach of a place that may be the nearest.
    pub(super) fn offer(
        &self,
        here: Ecef,
        eps2: f64,
        nearest: &mut Candidate,
        points: &Slab<Point>,
    ) {
        self.offer_of(self.root, self.cube, here, eps2, nearest, points);
    }

    fn offer_of(
        &self,
        at: u32,
        cube: Cube,
        here: Ecef,
        eps2: f64,
        nearest: &mut Candidate,
        points: &Slab<Point>,
    ) {
        if cube.least2(here) > eps2.min(nearest.distance2()) {
            return;
        }
        let node = &self.nodes[at];
        effort::looked_at(1 + node.heaps.len());
        for heap in &node.heaps {
            let distance2 = here.distance2(heap.here);
            if distance2 <= eps2 {
                nearest.offer(distance2, heap.oldest.1, points);
            }
        }
        let mut eighths: Vec<_> = node.eighths(cube).collect();
        eighths.sort_unstable_by(|a, b| a.1.least2(here).total_cmp(&b.1.least2(here)));
        for (eighth, cube) in eighths {
            self.offer_of(eighth, cube, here, eps2, nearest, points);
        }
    }

    /// A pair within reach, one of each crowd.
    pub(super) fn pair(&self, other: &Self, eps2: f64) -> Option<(u32, u32)> {
        self.pair_of((self.root, self.cube), other, (other.root, other.cube), eps2)
    }

    fn pair_of(
        &self,
        (mine, my_cube): (u32, Cube),
        other: &Self,
        (theirs, their_cube): (u32, Cube),
        eps2: f64,
    ) -> Option<(u32, u32)> {
        let (a, b) = (&self.nodes[mine], &other.nodes[theirs]);
        effort::looked_at(1);
        let (least2, most2) = my_cube.between2(&their_cube);
        if a.points == 0 || b.points == 0 || least2 > eps2 {
            return None;
        }
        if most2 <= eps2 {
            return Some((self.first(mine)?, other.first(theirs)?));
        }
        match (&a.eighths, &b.eighths) {
            (None, None) => a.heaps.iter().find_map(|mine| {
                effort::looked_at(b.heaps.len());
                let within = |theirs: &&Heap| mine.here.distance2(theirs.here) <= eps2;
                let theirs = b.heaps.iter().find(within)?;
                Some((mine.oldest.1, theirs.oldest.1))
            }),
            (Some(_), eighths) if eighths.is_none() || my_cube.half_m >= their_cube.half_m => a
                .eighths(my_cube)
                .find_map(|mine| self.pair_of(mine, other, (theirs, their_cube), eps2)),
            _ => b
                .eighths(their_cube)
                .find_map(|theirs| self.pair_of((mine, my_cube), other, theirs, eps2)),
        }
    }

    /// Any point of a cube.
    fn first(&self, at: u32) -> Option<u32> {
        let node = &self.nodes[at];
        let own = node.heaps.first().map(|heap| heap.oldest.1);
        own.or_else(|| {
            node.eighths
                .iter()
                .flat_map(|all| all.iter())
                .find_map(|&eighth| (eighth != NONE).then(|| self.first(eighth)).flatten())
        })
    }

    /// Shows a cube, and its eighths if they are asked for.
    fn visit(&self, at: u32, cube: Cube, look: &mut impl FnMut(&Node, &Cube) -> bool) {
        let node = &self.nodes[at];
        effort::looked_at(1 + node.heaps.len());
        if look(node, &cube) {
            for (eighth, cube) in node.eighths(cube) {
                self.visit(eighth, cube, look);
            }
        }
    }

    fn grow(&mut self, at: u32, which: usize) -> u32 {
        let eighth = self.nodes.put(Node::default());
        if let Some(eighths) = &mut self.nodes[at].eighths {
            eighths[which] = eighth;
        }
        eighth
    }

    /// Cuts a cube with too many places into eighths.
    fn cut(&mut self, at: u32, cube: Cube, depth: u32) {
        if self.nodes[at].heaps.len() <= LEAF || depth >= DEEPEST {
            return;
        }
        let heaps = std::mem::take(&mut self.nodes[at].heaps);
        self.nodes[at].eighths = Some(Box::new([NONE; 8]));
        for heap in heaps {
            let which = cube.eighth_of(heap.here);
            let known = self.nodes[at].eighths.as_ref().map_or(NONE, |all| all[which]);
            let eighth = if known == NONE { self.grow(at, which) } else { known };
            let node = &mut self.nodes[eighth];
            node.points += u32::try_from(heap.len()).unwrap_or(NONE);
            node.heaps.push(heap);
        }
        let eighths: Vec<_> = self.nodes[at].eighths(cube).collect();
        for (eighth, cube) in eighths {
            self.cut(eighth, cube, depth + 1);
        }
    }

    /// Takes the places out of a cube and all its eighths, which are no more.
    fn gather(&mut self, at: u32, into: &mut Vec<Heap>) {
        into.append(&mut self.nodes[at].heaps);
        for eighth in self.nodes[at].eighths.take().into_iter().flat_map(|all| all.into_iter()) {
            if eighth != NONE {
                self.gather(eighth, into);
                self.nodes.take(eighth);
            }
        }
    }
}

impl Node {
    fn eighths(&self, cube: Cube) -> impl Iterator<Item = (u32, Cube)> {
        let all = self.eighths.iter().flat_map(|all| all.iter().copied().enumerate());
        all.filter(|&(_, at)| at != NONE).map(move |(which, at)| (at, cube.eighth(which)))
    }
}

impl Heap {
    fn len(&self) -> usize {
        1 + self.others.len()
    }

    fn insert(&mut self, mut point: (Age, u32)) {
        if point < self.oldest {
            std::mem::swap(&mut point, &mut self.oldest);
        }
        self.others.insert(point);
    }

    /// Takes out a point; whether it was the last.
    fn remove(&mut self, point: (Age, u32)) -> bool {
        if point != self.oldest {
            self.others.remove(&point);
            return false;
        }
        match self.others.pop_first() {
            Some(next) => {
                self.oldest = next;
                false
            }
            None => true,
        }
    }
}
