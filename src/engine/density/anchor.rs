//! Which core a point that is none belongs to.

use crate::engine::effort;
use crate::engine::slab::Slab;

use super::{Density, NONE, Point};

/// The nearest core seen so far, the oldest among equally near ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    distance2: f64,
    point: u32,
}

impl Default for Candidate {
    fn default() -> Self {
        Self { distance2: f64::INFINITY, point: NONE }
    }
}

impl Candidate {
    pub(super) const fn point(self) -> u32 {
        self.point
    }

    pub(super) const fn distance2(self) -> f64 {
        self.distance2
    }

    /// Takes a core, if it is nearer, or as near and older.
    pub(super) fn offer(&mut self, distance2: f64, point: u32, points: &Slab<Point>) {
        let nearer = distance2 < self.distance2;
        #[expect(clippy::float_cmp, reason = "a tie is an exact one")]
        let older = || distance2 == self.distance2 && points[point].age < points[self.point].age;
        if nearer || older() {
            *self = Self { distance2, point };
        }
    }
}

impl Density {
    /// Looks for a point's nearest core, among all within reach.
    pub(super) fn find_anchor(&mut self, point: u32) {
        let Point { cell, at, .. } = self.points[point];
        let here = self.grid.cell(cell).spots[at as usize].here;
        let mut nearest = Candidate::default();
        for other in self.grid.with_around(cell) {
            other.offer_cores(here, self.eps2, &mut nearest, &self.points);
        }
        self.points[point].anchor = nearest.point();
        self.dirty.push(point);
    }

    /// Offers a new core to the points within reach that are none.
    pub(super) fn offer_anchor(&mut self, core: u32) {
        let Point { cell, at, .. } = self.points[core];
        let here = self.grid.cell(cell).spots[at as usize].here;
        for other in self.grid.with_around(cell) {
            effort::looked_at(other.other_spots().len());
            for spot in other.other_spots() {
                let distance2 = here.distance2(spot.here);
                if distance2 > self.eps2 {
                    continue;
                }
                let mut nearest = Candidate::default();
                let anchor = self.points[spot.point].anchor;
                if anchor != NONE {
                    let Point { cell, at, .. } = self.points[anchor];
                    let there = self.grid.cell(cell).spots[at as usize].here;
                    nearest.offer(spot.here.distance2(there), anchor, &self.points);
                }
                nearest.offer(distance2, core, &self.points);
                if nearest.point() == core {
                    self.points[spot.point].anchor = core;
                    self.dirty.push(spot.point);
                }
            }
        }
    }
}
