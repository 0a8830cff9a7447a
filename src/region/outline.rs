//! Lines thinned out together, so that what they share stays shared.
//!
//! Which points are kept is decided once for the graph of all lines: every point where
//! more or fewer than two ways meet is kept, and each way between two such points is
//! thinned by Douglas and Peucker. A line or ring is then what is left of its points:
//! two areas that share an edge share it afterwards too.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

/// Longitude and latitude in degrees.
pub(super) type Point = [f64; 2];

/// Metres a degree of latitude.
const DEGREE_M: f64 = 111_320.0;

/// The graph of all lines that may share points.
#[derive(Debug, Default)]
pub(super) struct Outlines {
    points: Vec<Point>,
    numbers: FxHashMap<[u64; 2], u32>,
    /// The first two neighbours of each point, and how many it has.
    ways: Vec<Ways>,
    /// How far from each point a line may be drawn, metres.
    tolerances: Vec<f64>,
}

#[derive(Clone, Debug, Default)]
struct Ways {
    to: Vec<u32>,
}

/// Which points of the graph are kept.
#[derive(Debug)]
pub(super) struct Thinned {
    numbers: FxHashMap<[u64; 2], u32>,
    kept: Vec<bool>,
}

impl Outlines {
    /// Adds a line or a closed ring, to be drawn within so many metres of where it is.
    pub(super) fn add(&mut self, line: &[Point], tolerance_m: f64) {
        let numbers: Vec<u32> = line.iter().map(|&at| self.number(at, tolerance_m)).collect();
        for pair in numbers.windows(2) {
            if pair[0] != pair[1] {
                self.ways[pair[0] as usize].lead(pair[1]);
                self.ways[pair[1] as usize].lead(pair[0]);
            }
        }
    }

    fn number(&mut self, at: Point, tolerance_m: f64) -> u32 {
        // A graph of four thousand million points is beyond any region.
        let next = u32::try_from(self.points.len()).unwrap_or(u32::MAX);
        match self.numbers.entry(key(at)) {
            Entry::Occupied(there) => {
                let number = *there.get();
                let tolerance = &mut self.tolerances[number as usize];
                *tolerance = tolerance.min(tolerance_m);
                number
            }
            Entry::Vacant(free) => {
                self.points.push(at);
                self.ways.push(Ways::default());
                self.tolerances.push(tolerance_m);
                *free.insert(next)
            }
        }
    }

    /// Decides which points are kept.
    pub(super) fn thin(self) -> Thinned {
        let mut kept: Vec<bool> = self.ways.iter().map(|ways| ways.to.len() != 2).collect();
        let mut walked = vec![false; kept.len()];
        let junctions: Vec<usize> = (0..kept.len()).filter(|&at| kept[at]).collect();
        for from in junctions {
            for &first in &self.ways[from].to {
                if !walked[first as usize] && self.ways[first as usize].to.len() == 2 {
                    let way = self.walk(from, first as usize, &mut walked);
                    self.thin_way(&way, &mut kept);
                }
            }
        }
        // What is left are rings that meet nothing: two points far apart make ways of them.
        for from in 0..kept.len() {
            if walked[from] || kept[from] {
                continue;
            }
            let first = self.ways[from].to[0] as usize;
            walked[from] = true;
            let way = self.walk(from, first, &mut walked);
            let far = self.farthest(&way, 0, way.len() - 1).0;
            kept[from] = true;
            kept[way[far]] = true;
            self.thin_way(&way[..=far], &mut kept);
            self.thin_way(&way[far..], &mut kept);
        }
        Thinned { numbers: self.numbers, kept }
    }

    /// The points from a junction, or from anywhere on a ring, to where the way ends.
    fn walk(&self, from: usize, first: usize, walked: &mut [bool]) -> Vec<usize> {
        let mut way = vec![from, first];
        let (mut last, mut here) = (from, first);
        while here != from && self.ways[here].to.len() == 2 {
            walked[here] = true;
            let to = &self.ways[here].to;
            let next = if to[0] as usize == last { to[1] } else { to[0] } as usize;
            (last, here) = (here, next);
            way.push(here);
        }
        way
    }

    fn thin_way(&self, way: &[usize], kept: &mut [bool]) {
        let tolerance = way.iter().map(|&at| self.tolerances[at]).fold(f64::INFINITY, f64::min);
        let mut parts = vec![(0, way.len() - 1)];
        while let Some((from, to)) = parts.pop() {
            if to - from < 2 {
                continue;
            }
            let (farthest, distance) = self.farthest(way, from, to);
            if distance > tolerance {
                kept[way[farthest]] = true;
                parts.extend([(from, farthest), (farthest, to)]);
            }
        }
    }

    /// The point of a way between two others that is farthest from the straight line
    /// between them, and its distance in metres.
    fn farthest(&self, way: &[usize], from: usize, to: usize) -> (usize, f64) {
        let start = self.points[way[from]];
        let narrow = start[1].to_radians().cos();
        let plane =
            |at: Point| [(at[0] - start[0]) * DEGREE_M * narrow, (at[1] - start[1]) * DEGREE_M];
        let end = plane(self.points[way[to]]);
        let long = end[0].mul_add(end[0], end[1] * end[1]);
        let mut best = (from + 1, -1.0);
        for (place, &number) in way.iter().enumerate().take(to).skip(from + 1) {
            let at = plane(self.points[number]);
            let along = if long > 0.0 {
                (at[0].mul_add(end[0], at[1] * end[1]) / long).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let distance = (at[0] - along * end[0]).hypot(at[1] - along * end[1]);
            if distance > best.1 {
                best = (place, distance);
            }
        }
        best
    }
}

impl Ways {
    fn lead(&mut self, to: u32) {
        if !self.to.contains(&to) {
            self.to.push(to);
        }
    }
}

impl Thinned {
    /// What is left of a line that is in the graph.
    pub(super) fn line(&self, line: &[Point]) -> Vec<Point> {
        let kept = |at: &&Point| {
            self.numbers.get(&key(**at)).is_some_and(|&number| self.kept[number as usize])
        };
        line.iter().filter(kept).copied().collect()
    }

    /// What is left of a closed ring; `None` where it has become too small to be one.
    pub(super) fn ring(&self, ring: &[Point]) -> Option<Vec<Point>> {
        let mut left = self.line(ring);
        left.dedup();
        if left.first() != left.last() {
            left.extend(left.first().copied());
        }
        (left.len() >= 4).then_some(left)
    }
}

fn key(at: Point) -> [u64; 2] {
    at.map(f64::to_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wavy line from west to east along a parallel, 100 m a step.
    fn wave(lat: f64, steps: u32, height_m: f64) -> Vec<Point> {
        (0..=steps)
            .map(|step| {
                let x = f64::from(step);
                [121.0 + x * 0.001, lat + (x * 0.7).sin() * height_m / DEGREE_M]
            })
            .collect()
    }

    fn ring_of(parts: &[&[Point]]) -> Vec<Point> {
        let mut ring = parts.concat();
        ring.dedup();
        ring.push(ring[0]);
        ring
    }

    fn reversed(line: &[Point]) -> Vec<Point> {
        line.iter().rev().copied().collect()
    }

    /// How far a point is from a line, metres.
    fn distance(at: Point, line: &[Point]) -> f64 {
        let mut graph = Outlines { points: vec![[0.0; 2]; 3], ..Outlines::default() };
        let pairs = line.windows(2);
        pairs.fold(f64::INFINITY, |least, pair| {
            graph.points = vec![pair[0], at, pair[1]];
            least.min(graph.farthest(&[0, 1, 2], 0, 2).1)
        })
    }

    #[test]
    fn two_areas_that_share_an_edge_share_it_when_they_are_thinned() {
        let shared = wave(31.0, 200, 60.0);
        let (north, south) = (wave(31.2, 200, 30.0), wave(30.8, 200, 90.0));
        let above = ring_of(&[&shared, &reversed(&north)]);
        // The same edge the other way round, and begun elsewhere.
        let mut below = ring_of(&[&reversed(&shared), &south]);
        below.pop();
        below.rotate_left(77);
        below.push(below[0]);
        let mut graph = Outlines::default();
        graph.add(&above, 50.0);
        graph.add(&below, 50.0);
        let thinned = graph.thin();
        let (above, below) = (thinned.ring(&above).unwrap(), thinned.ring(&below).unwrap());
        let edge = thinned.line(&shared);
        assert!(edge.len() > 2 && edge.len() < shared.len());
        let has = |ring: &[Point], edge: &[Point]| {
            let round = [&ring[..ring.len() - 1], ring].concat();
            round.windows(edge.len()).any(|part| part == edge)
        };
        assert!(has(&above, &edge), "the area above");
        assert!(has(&below, &reversed(&edge)), "the area below");
    }

    #[test]
    fn no_point_is_farther_from_the_thinned_line_than_was_allowed() {
        let line = wave(31.0, 500, 80.0);
        for tolerance in [5.0, 30.0, 200.0] {
            let mut graph = Outlines::default();
            graph.add(&line, tolerance);
            let thinned = graph.thin().line(&line);
            assert_eq!((thinned.first(), thinned.last()), (line.first(), line.last()));
            for &at in &line {
                assert!(distance(at, &thinned) <= tolerance + 0.01, "{tolerance}");
            }
        }
    }

    #[test]
    fn the_finer_of_two_lines_decides_what_they_share() {
        let shared = wave(31.0, 100, 40.0);
        let mut graph = Outlines::default();
        graph.add(&shared, 500.0);
        graph.add(&shared, 5.0);
        assert!(graph.thin().line(&shared).len() > 50);
    }

    #[test]
    fn an_island_stays_a_ring_and_a_rock_is_left_out() {
        let ring = |size: f64| {
            let at = |step: u32| {
                let angle = f64::from(step) / 90.0 * std::f64::consts::TAU;
                [121.0 + angle.cos() * size, 31.0 + angle.sin() * size]
            };
            let mut ring: Vec<Point> = (0..90).map(at).collect();
            ring.push(ring[0]);
            ring
        };
        let (island, rock) =
            (ring(0.05), ring(0.0001).iter().map(|at| [at[0] + 1.0, at[1]]).collect::<Vec<_>>());
        let mut graph = Outlines::default();
        graph.add(&island, 100.0);
        graph.add(&rock, 100.0);
        let thinned = graph.thin();
        let left = thinned.ring(&island).unwrap();
        assert!((4..60).contains(&left.len()));
        assert_eq!(left.first(), left.last());
        assert_eq!(thinned.ring(&rock), None);
    }
}
