//! A point arrives.

use crate::atlas::ground::Ecef;
use crate::engine::effort;

use super::anchor::Candidate;
use super::grid::Spot;
use super::{Age, Density, NONE, Point, Shift};

impl Density {
    /// Takes in a point and gives its number. `tag` is the owner's number for it.
    pub(in crate::engine) fn insert(
        &mut self,
        here: Ecef,
        age: Age,
        tag: u32,
        out: &mut Vec<Shift>,
    ) -> u32 {
        let cell = self.grid.enter(here);
        let at = u32::try_from(self.grid.cell(cell).spots.len()).unwrap_or(NONE);
        let point = self.points.put(Point { cell, at, tag, age, ..Point::default() });
        self.grid.cell_mut(cell).spots.push(Spot { here, point, near: 0 });

        let anchor = self.count_in(point, here);
        self.points[point].anchor = anchor;
        self.dirty.push(point);

        let turning = std::mem::take(&mut self.turning);
        for &rising in &turning {
            self.promote(rising, out);
        }
        self.turning = turning;
        self.turning.clear();
        self.grid.crowd(cell, self.min_points, &self.points);
        self.settle(out);
        point
    }

    /// Counts a new point with its neighbours; notes in `turning` who becomes
    /// core; gives the nearest core that was one already.
    fn count_in(&mut self, point: u32, here: Ecef) -> u32 {
        let (min_points, eps2) = (self.min_points, self.eps2);
        let own = self.grid.cell_mut(self.points[point].cell);
        let dense = own.spots.len() >= min_points;
        let mut near = own.spots.len();
        let mut nearest = Candidate::default();
        // Where all were core before it came it is core too, and changes nobody.
        let others = if near > min_points { 0 } else { near - 1 };
        let cores = own.cores as usize;
        effort::looked_at(others);
        for (at, spot) in own.spots[..others].iter_mut().enumerate() {
            if at < cores {
                nearest.offer(here.distance2(spot.here), spot.point, &self.points);
            } else if dense {
                self.turning.push(spot.point);
            }
            if !dense {
                spot.near += 1;
                if spot.near as usize == min_points {
                    self.turning.push(spot.point);
                }
            }
        }

        let around = std::mem::take(&mut own.around);
        for neighbour in &around {
            let other = self.grid.cell_mut(neighbour.cell);
            let sparse = other.spots.len() < min_points;
            if dense && !sparse {
                continue;
            }
            if other.crowd.is_some() {
                near += other.count_within(here, eps2);
                other.offer_cores(here, eps2, &mut nearest, &self.points);
                continue;
            }
            let cores = other.cores as usize;
            effort::looked_at(other.spots.len());
            for (at, spot) in other.spots.iter_mut().enumerate() {
                let distance2 = here.distance2(spot.here);
                if distance2 > eps2 {
                    continue;
                }
                near += 1;
                if at < cores {
                    nearest.offer(distance2, spot.point, &self.points);
                }
                if sparse {
                    spot.near += 1;
                    if spot.near as usize == min_points {
                        self.turning.push(spot.point);
                    }
                }
            }
        }

        let own = self.grid.cell_mut(self.points[point].cell);
        own.around = around;
        if let Some(spot) = own.spots.last_mut() {
            spot.near = u32::try_from(near).unwrap_or(NONE);
        }
        if dense || near >= min_points {
            self.turning.push(point);
        }
        nearest.point()
    }
}
