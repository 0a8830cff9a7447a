//! Which cells are connected, and the clusters that follow.

use crate::atlas::ground::Ecef;
use crate::engine::effort;

use super::grid::Cell;
use super::{Cluster, Density, NONE, Point, Shift};

impl Density {
    /// Makes a point core: links its cell and joins clusters.
    pub(super) fn promote(&mut self, point: u32, out: &mut Vec<Shift>) {
        let cell = self.points[point].cell;
        let to = self.grid.cell(cell).cores;
        self.swap_spots(cell, self.points[point].at, to);
        self.grid.cell_mut(cell).cores += 1;
        self.points[point].anchor = NONE;
        self.dirty.push(point);
        if to == 0 {
            let cluster = self.clusters.put(Cluster::default());
            self.enlist(cell, cluster);
        }

        let here = self.grid.cell(cell).spots[to as usize].here;
        for n in 0..self.grid.cell(cell).around.len() {
            let neighbour = self.grid.cell(cell).around[n];
            if neighbour.linked() {
                continue;
            }
            let other = self.grid.cell(neighbour.cell);
            if let Some(theirs) = other.core_within(here, self.eps2) {
                self.link(cell, n, point, theirs);
                let a = self.grid.cell(cell).cluster;
                let b = self.grid.cell(neighbour.cell).cluster;
                self.join(a, b, out);
            }
        }
        self.offer_anchor(point);
    }

    /// Makes a point no longer core. Its links stay to be looked at.
    pub(super) fn demote(&mut self, point: u32) {
        let cell = self.points[point].cell;
        let last = self.grid.cell(cell).cores - 1;
        self.swap_spots(cell, self.points[point].at, last);
        self.grid.cell_mut(cell).cores = last;
    }

    pub(super) fn swap_spots(&mut self, cell: u32, a: u32, b: u32) {
        let spots = &mut self.grid.cell_mut(cell).spots;
        spots.swap(a as usize, b as usize);
        self.points[spots[a as usize].point].at = a;
        self.points[spots[b as usize].point].at = b;
    }

    /// Sets the witness of the link from a cell to its `n`th neighbour, both ways.
    pub(super) fn link(&mut self, cell: u32, n: usize, mine: u32, theirs: u32) {
        let neighbour = &mut self.grid.cell_mut(cell).around[n];
        (neighbour.mine, neighbour.theirs) = (mine, theirs);
        let other = neighbour.cell;
        let mut backs = self.grid.cell_mut(other).around.iter_mut();
        if let Some(back) = backs.find(|back| back.cell == cell) {
            (back.mine, back.theirs) = (theirs, mine);
        }
    }

    /// A pair of cores within reach, one of each cell.
    pub(super) fn find_pair(&self, a: u32, b: u32) -> Option<(u32, u32)> {
        let (a, b) = (self.grid.cell(a), self.grid.cell(b));
        if let (Some(a), Some(b)) = (&a.crowd, &b.crowd) {
            return a.pair(b, self.eps2);
        }
        if a.crowd.is_some() {
            return self.find_one(b, a).map(|(theirs, mine)| (mine, theirs));
        }
        self.find_one(a, b)
    }

    fn find_one(&self, few: &Cell, many: &Cell) -> Option<(u32, u32)> {
        let reaches = |here: Ecef| self.grid.gap2(here, many.key) <= self.eps2;
        few.core_spots().iter().filter(|mine| reaches(mine.here)).find_map(|mine| {
            many.core_within(mine.here, self.eps2).map(|theirs| (mine.point, theirs))
        })
    }

    /// Makes two clusters one: the larger takes the smaller in.
    fn join(&mut self, a: u32, b: u32, out: &mut Vec<Shift>) {
        if a == b {
            return;
        }
        let size = |of: &Cluster| of.members.len() + of.cells.len();
        let smaller = size(&self.clusters[a]) < size(&self.clusters[b]);
        let (from, into) = if smaller { (a, b) } else { (b, a) };
        let gone = self.clusters.take(from);
        for &cell in &gone.cells {
            self.enlist(cell, into);
        }
        effort::looked_at(gone.members.len() + gone.cells.len());
        for &point in &gone.members {
            let Point { tag, core, .. } = self.points[point];
            let (from, to) = (Some(from), Some(into));
            out.push(Shift::Member { point, tag, from, to, was_core: core, core });
            self.seat(point, into);
        }
        if !gone.members.is_empty() {
            out.push(Shift::Merged { from, into });
        }
    }

    /// Puts a cell among those of a cluster.
    pub(super) fn enlist(&mut self, cell: u32, cluster: u32) {
        let cells = &mut self.clusters[cluster].cells;
        let seat = u32::try_from(cells.len()).unwrap_or(NONE);
        cells.push(cell);
        let cell = self.grid.cell_mut(cell);
        (cell.cluster, cell.seat) = (cluster, seat);
    }

    /// Takes a cell from among those of its cluster.
    pub(super) fn delist(&mut self, cell: u32) {
        let cell = self.grid.cell_mut(cell);
        let (cluster, seat) = (cell.cluster, cell.seat);
        cell.cluster = NONE;
        let cells = &mut self.clusters[cluster].cells;
        cells.swap_remove(seat as usize);
        if let Some(&moved) = cells.get(seat as usize) {
            self.grid.cell_mut(moved).seat = seat;
        }
    }

    /// Puts a point among the members of a cluster.
    pub(super) fn seat(&mut self, point: u32, cluster: u32) {
        let members = &mut self.clusters[cluster].members;
        let seat = u32::try_from(members.len()).unwrap_or(NONE);
        members.push(point);
        let point = &mut self.points[point];
        (point.cluster, point.seat) = (cluster, seat);
    }

    /// Takes a point from among the members of its cluster.
    pub(super) fn unseat(&mut self, point: u32) {
        let point = &mut self.points[point];
        let (cluster, seat) = (point.cluster, point.seat);
        point.cluster = NONE;
        let members = &mut self.clusters[cluster].members;
        members.swap_remove(seat as usize);
        if let Some(&moved) = members.get(seat as usize) {
            self.points[moved].seat = seat;
        }
    }
}
