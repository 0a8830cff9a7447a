//! A point departs.

use crate::atlas::ground::Ecef;
use crate::engine::effort;

use super::grid::Cell;
use super::{Density, NONE, Point, Shift};

impl Density {
    /// Takes out a point; its number may then go to another.
    pub(in crate::engine) fn remove(&mut self, point: u32, out: &mut Vec<Shift>) {
        let Point { cell, at, .. } = self.points[point];
        let here = self.grid.cell(cell).spots[at as usize].here;
        let was_core = at < self.grid.cell(cell).cores;

        self.take_spot(cell, at);
        self.count(point, NONE, false, out);
        self.count_out(cell, here);

        let mut lost = std::mem::take(&mut self.turning);
        for &falling in &lost {
            self.demote(falling);
        }
        if was_core {
            lost.push(point);
        }
        let mut seeds = Vec::new();
        let mut emptied = Vec::new();
        for &core in &lost {
            self.relink(core, &mut seeds);
        }
        for &core in &lost {
            let cell = self.points[core].cell;
            let of = self.grid.cell(cell);
            if of.cores == 0 && of.cluster != NONE {
                emptied.push(of.cluster);
                self.delist(cell);
            }
        }
        for &core in &lost {
            self.release_anchored(core);
            if core != point {
                self.find_anchor(core);
            }
        }
        self.split(&mut seeds, out);
        self.settle(out);

        emptied.sort_unstable();
        emptied.dedup();
        for cluster in emptied {
            if self.clusters[cluster].cells.is_empty() {
                self.gone.push(cluster);
            }
        }
        lost.clear();
        self.turning = lost;
        if self.grid.cell(cell).spots.is_empty() {
            self.grid.forget(cell);
        }
        self.points.take(point);
    }

    /// Takes a spot out of its cell; the cores stay first.
    fn take_spot(&mut self, cell: u32, mut at: u32) {
        let cores = self.grid.cell(cell).cores;
        if at < cores {
            self.swap_spots(cell, at, cores - 1);
            self.grid.cell_mut(cell).cores -= 1;
            at = cores - 1;
        }
        let of = self.grid.cell_mut(cell);
        let gone = of.spots.swap_remove(at as usize);
        of.uncrowd(gone, self.points[gone.point].age, self.min_points);
        if let Some(moved) = of.spots.get(at as usize) {
            self.points[moved.point].at = at;
        }
    }

    /// Counts a point that left `cell` out with its neighbours; notes in
    /// `turning` who is no longer core.
    fn count_out(&mut self, cell: u32, here: Ecef) {
        let (min_points, eps2) = (self.min_points, self.eps2);
        let falls = |near: u32| near as usize + 1 == min_points;
        let left = self.grid.cell(cell).spots.len();
        if left + 1 == min_points {
            self.count_anew(cell);
        } else if left < min_points {
            for spot in &mut self.grid.cell_mut(cell).spots {
                spot.near -= 1;
                if falls(spot.near) {
                    self.turning.push(spot.point);
                }
            }
        }
        let around = std::mem::take(&mut self.grid.cell_mut(cell).around);
        for neighbour in &around {
            let other = self.grid.cell_mut(neighbour.cell);
            if other.spots.len() >= min_points {
                continue;
            }
            effort::looked_at(other.spots.len());
            for spot in &mut other.spots {
                if here.distance2(spot.here) <= eps2 {
                    spot.near -= 1;
                    if falls(spot.near) {
                        self.turning.push(spot.point);
                    }
                }
            }
        }
        self.grid.cell_mut(cell).around = around;
    }

    /// Counts the neighbours of every point of a cell that was dense until now.
    fn count_anew(&mut self, cell: u32) {
        for at in 0..self.grid.cell(cell).spots.len() {
            let own = self.grid.cell(cell);
            let here = own.spots[at].here;
            let mut near = own.spots.len();
            for neighbour in &own.around {
                near += self.grid.cell(neighbour.cell).count_within(here, self.eps2);
            }
            let spot = &mut self.grid.cell_mut(cell).spots[at];
            spot.near = u32::try_from(near).unwrap_or(NONE);
            if near < self.min_points {
                self.turning.push(spot.point);
            }
        }
    }

    /// Finds other witnesses for the links that a lost core held. Cells whose
    /// link is gone become seeds, each with its cluster.
    fn relink(&mut self, core: u32, seeds: &mut Vec<(u32, u32)>) {
        let cell = self.points[core].cell;
        for n in 0..self.grid.cell(cell).around.len() {
            let neighbour = self.grid.cell(cell).around[n];
            if neighbour.mine != core {
                continue;
            }
            if let Some((mine, theirs)) = self.find_pair(cell, neighbour.cell) {
                self.link(cell, n, mine, theirs);
            } else {
                self.link(cell, n, NONE, NONE);
                let cluster = self.grid.cell(cell).cluster;
                seeds.push((cluster, cell));
                seeds.push((cluster, neighbour.cell));
            }
        }
    }

    /// Finds other cores for the points whose nearest one was `core`.
    fn release_anchored(&mut self, core: u32) {
        let cell = self.points[core].cell;
        effort::looked_at(self.grid.with_around(cell).map(|of| of.other_spots().len()).sum());
        let anchored: Vec<u32> = self
            .grid
            .with_around(cell)
            .flat_map(Cell::other_spots)
            .map(|spot| spot.point)
            .filter(|&other| self.points[other].anchor == core)
            .collect();
        for other in anchored {
            self.find_anchor(other);
        }
    }
}
