//! Whether a cluster that lost links is still in one piece.

use super::grid::Cell;
use super::{Cluster, Density, NONE, Shift};

/// What one seed has reached so far; taken up by another when they meet.
struct Front {
    cells: Vec<u32>,
    looked_at: usize,
    met: usize,
}

/// The front that a front is now part of.
fn whole(fronts: &[Front], mut at: usize) -> usize {
    while fronts[at].met != at {
        at = fronts[at].met;
    }
    at
}

impl Density {
    /// Makes a cluster of its own of every part that no longer hangs together
    /// with the rest. The seeds are the cells that lost a link, each after its
    /// cluster; those without cores are passed over.
    pub(super) fn split(&mut self, seeds: &mut Vec<(u32, u32)>, out: &mut Vec<Shift>) {
        seeds.retain(|&(_, cell)| self.grid.cell(cell).cores > 0);
        seeds.sort_unstable();
        seeds.dedup();
        for seeds in seeds.chunk_by(|a, b| a.0 == b.0) {
            let cluster = seeds[0].0;
            let mut parts = self.parts(seeds);
            self.leave_the_heaviest(cluster, &mut parts);
            for part in parts {
                self.found(cluster, &part, out);
            }
        }
    }

    /// A part that has most of the members stays what it is, however few its cells;
    /// what was left is a part in its stead.
    fn leave_the_heaviest(&mut self, cluster: u32, parts: &mut [Vec<u32>]) {
        let whole = self.clusters[cluster].members.len();
        let cores = |cells: &[u32]| -> usize {
            cells.iter().map(|&cell| self.grid.cell(cell).cores as usize).sum()
        };
        let Some(heaviest) = parts.iter().position(|cells| 2 * cores(cells) > whole) else {
            return;
        };
        self.marked += 1;
        for &cell in parts.iter().flatten() {
            self.grid.cell_mut(cell).mark = self.marked;
        }
        let left = self.clusters[cluster].cells.iter().copied();
        parts[heaviest] = left.filter(|&cell| self.grid.cell(cell).mark != self.marked).collect();
    }

    /// The parts of a cluster, all but one (the last whose search did not end).
    ///
    /// Every seed searches outwards, a cell a turn. Fronts that meet go on as one.
    /// A front with nowhere to go has found a part. The search is over when only
    /// one front has somewhere to go: so its cost is that of the smaller parts.
    fn parts(&mut self, seeds: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let base = self.marked + 1;
        self.marked += seeds.len() as u64;
        let mut fronts: Vec<Front> = Vec::with_capacity(seeds.len());
        for (at, &(_, cell)) in seeds.iter().enumerate() {
            self.grid.cell_mut(cell).mark = base + at as u64;
            fronts.push(Front { cells: vec![cell], looked_at: 0, met: at });
        }
        let mut parts = Vec::new();
        let mut open: Vec<usize> = (0..fronts.len()).collect();
        let mut turn = 0;
        while open.len() > 1 {
            turn %= open.len();
            let at = open[turn];
            if let Some(&cell) = fronts[at].cells.get(fronts[at].looked_at) {
                fronts[at].looked_at += 1;
                self.look_round(cell, at, base, &mut fronts);
                open.retain(|&front| fronts[front].met == front);
            } else {
                parts.push(std::mem::take(&mut fronts[at].cells));
                open.remove(turn);
            }
            turn += 1;
        }
        parts
    }

    fn look_round(&mut self, cell: u32, at: usize, base: u64, fronts: &mut [Front]) {
        let mut at = at;
        for n in 0..self.grid.cell(cell).around.len() {
            let neighbour = self.grid.cell(cell).around[n];
            if !neighbour.linked() {
                continue;
            }
            let other = self.grid.cell_mut(neighbour.cell);
            let Some(reached) = other.mark.checked_sub(base) else {
                other.mark = base + at as u64;
                fronts[at].cells.push(neighbour.cell);
                continue;
            };
            let reached = whole(fronts, usize::try_from(reached).unwrap_or(usize::MAX));
            if reached != at {
                at = meet(fronts, at, reached);
            }
        }
    }

    /// Makes the cells of a part a cluster of its own.
    fn found(&mut self, from: u32, cells: &[u32], out: &mut Vec<Shift>) {
        let part = self.clusters.put(Cluster::default());
        out.push(Shift::Split { from, part });
        for &cell in cells {
            self.delist(cell);
            self.enlist(cell, part);
        }
        for &cell in cells {
            self.dirty.extend(self.grid.cell(cell).core_spots().iter().map(|spot| spot.point));
            let others = self.grid.with_around(cell).flat_map(Cell::other_spots);
            for spot in others {
                let anchor = self.points[spot.point].anchor;
                if anchor != NONE && self.points[anchor].cell == cell {
                    self.dirty.push(spot.point);
                }
            }
        }
    }
}

/// Makes two fronts one and gives its number. What one has looked at stays
/// looked at, what it has not comes after.
fn meet(fronts: &mut [Front], a: usize, b: usize) -> usize {
    let (into, from) = if fronts[a].cells.len() >= fronts[b].cells.len() { (a, b) } else { (b, a) };
    let gone = std::mem::take(&mut fronts[from].cells);
    let looked_at = fronts[from].looked_at;
    fronts[from].met = into;
    let front = &mut fronts[into];
    front.cells.extend_from_slice(&gone[looked_at..]);
    // The part looked at goes to the front's own looked-at part.
    let tail = front.cells.len();
    front.cells.extend_from_slice(&gone[..looked_at]);
    for n in 0..looked_at {
        front.cells.swap(front.looked_at + n, tail + n);
    }
    front.looked_at += looked_at;
    into
}
