//! At the end of a step: every point is counted where it belongs.

use crate::engine::effort;

use super::{Density, NONE, Shift, some};

impl Density {
    /// Where a point belongs now, and whether as a core.
    fn belongs(&self, point: u32) -> (u32, bool) {
        let point = &self.points[point];
        let cell = self.grid.cell(point.cell);
        if point.at < cell.cores {
            (cell.cluster, true)
        } else if point.anchor != NONE {
            (self.grid.cell(self.points[point.anchor].cell).cluster, false)
        } else {
            (NONE, false)
        }
    }

    /// Counts every dirty point where it belongs and tells so.
    pub(super) fn settle(&mut self, out: &mut Vec<Shift>) {
        let mut dirty = std::mem::take(&mut self.dirty);
        effort::looked_at(dirty.len());
        for &point in &dirty {
            let (cluster, core) = self.belongs(point);
            self.count(point, cluster, core, out);
        }
        dirty.clear();
        self.dirty = dirty;
    }

    /// Counts a point in a cluster, or in none, if it was not counted so before.
    pub(super) fn count(&mut self, point: u32, cluster: u32, core: bool, out: &mut Vec<Shift>) {
        let before = self.points[point];
        if (before.cluster, before.core) == (cluster, core) {
            return;
        }
        if before.cluster != cluster {
            if before.cluster != NONE {
                self.unseat(point);
            }
            if cluster != NONE {
                self.seat(point, cluster);
            }
        }
        self.points[point].core = core;
        out.push(Shift::Member {
            point,
            tag: before.tag,
            from: some(before.cluster),
            to: some(cluster),
            was_core: before.core,
            core,
        });
    }
}
