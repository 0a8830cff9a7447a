//! Which pieces of border can be the nearest to a point.
//!
//! Squares of about two kilometres, those near a border parted in four again and
//! again. Each holds every piece that is the nearest one of any point in it, and
//! few others. The distance to a piece changes by no more than one walks: if `h`
//! is half a square's diagonal and the piece nearest to its middle lies `m`
//! metres away, then no point of the square has its nearest piece further than
//! `m + 2h` from the middle.

use std::ops::Range;

use geo::Coord;

use super::grid::{Buckets, Grid};
use super::nearest::{Piece, REACH_M};
use super::plane::Plane;

/// The size of a whole square, metres.
const SQUARE_M: f64 = 2_200.0;
/// A square with so few pieces is not parted again.
const FEW: usize = 8;
/// A square is parted at most so often: to about 275 m.
const MOST_PARTINGS: u32 = 3;
/// Nor is a square whose diagonal is below this part of the way to the border:
/// what it would still shed does not pay.
const FINE_ENOUGH: f64 = 0.15;

/// Set in a word that holds no list but the number of four parts.
const PARTED: u32 = 1 << 31;

/// For each square the pieces that can be nearest within [`REACH_M`].
#[derive(Debug)]
pub(super) struct Reach {
    grid: Grid,
    /// For each square its list, or where its four parts stand among `parts`.
    words: Vec<u32>,
    parts: Vec<[u32; 4]>,
    /// From, to among `pieces`; the first list is empty.
    lists: Vec<(u32, u32)>,
    pieces: Vec<u32>,
}

impl Reach {
    pub fn new(pieces: &[Piece]) -> Self {
        let grid = grid_over(pieces);
        let buckets = Buckets::new(&grid, pieces.iter().map(|piece| (piece.a, piece.b)));
        let mut reach = Self {
            grid,
            words: vec![0; grid.squares()],
            parts: Vec::new(),
            lists: vec![(0, 0)],
            pieces: Vec::new(),
        };
        let mut near = Near { pieces, seen: vec![u32::MAX; pieces.len()], found: Vec::new() };
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                let square = row * grid.columns + column;
                near.gather(&grid, &buckets, (column, row));
                if !near.found.is_empty() {
                    let area = Area::new(grid.bounds(column, row));
                    reach.words[square as usize] = reach.part(pieces, area, &near.found, 0);
                }
            }
        }
        reach.parts.shrink_to_fit();
        reach.lists.shrink_to_fit();
        reach.pieces.shrink_to_fit();
        reach
    }

    /// The pieces among which the nearest of a point is, ascending; where none
    /// is listed none lies within [`REACH_M`].
    #[inline]
    pub fn candidates(&self, point: Coord<f64>) -> &[u32] {
        let Some((column, row)) = self.grid.square(point) else { return &[] };
        let mut word = self.words[(row * self.grid.columns + column) as usize];
        if word & PARTED != 0 {
            let mut area = Halves::new(self.grid.bounds(column, row));
            while word & PARTED != 0 {
                word = self.parts[(word ^ PARTED) as usize][area.descend(point)];
            }
        }
        let (from, to) = self.lists[word as usize];
        &self.pieces[from as usize..to as usize]
    }

    /// The word of an area whose nearest pieces are among `near`.
    fn part(&mut self, pieces: &[Piece], area: Area, near: &[u32], partings: u32) -> u32 {
        let (least_m, list) = area.sift(pieces, near);
        if list.is_empty() {
            return 0;
        }
        let fine = area.half_m < FINE_ENOUGH * least_m;
        if list.len() <= FEW || partings == MOST_PARTINGS || fine {
            return self.list(&list);
        }
        let parts = area.parts().map(|part| self.part(pieces, part, &list, partings + 1));
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.parts.push(parts);
        number | PARTED
    }

    fn list(&mut self, list: &[u32]) -> u32 {
        let from = number(self.pieces.len());
        self.pieces.extend_from_slice(list);
        self.lists.push((from, number(self.pieces.len())));
        number(self.lists.len() - 1)
    }
}

/// Counts stay far below 2³¹: there is one list a square, of some ten pieces.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn grid_over(pieces: &[Piece]) -> Grid {
    let mut bbox = super::grid::bbox(pieces.iter().flat_map(|piece| [piece.a, piece.b]));
    let plane = Plane::at(bbox[1].abs().max(bbox[3].abs()).min(85.0));
    let (east, north) = (1.1 * REACH_M / plane.east_m, 1.1 * REACH_M / plane.north_m);
    bbox = [bbox[0] - east, bbox[1] - north, bbox[2] + east, bbox[3] + north];
    let middle = Plane::at(f64::midpoint(bbox[1], bbox[3]));
    let area_m2 = (bbox[2] - bbox[0]) * middle.east_m * (bbox[3] - bbox[1]) * middle.north_m;
    Grid::over(bbox, area_m2 / (SQUARE_M * SQUARE_M), 1)
}

/// The way down into the parts of a square.
struct Halves {
    middle: Coord<f64>,
    quarter: Coord<f64>,
}

impl Halves {
    #[inline]
    fn new([west, south, east, north]: [f64; 4]) -> Self {
        let middle = Coord { x: f64::midpoint(west, east), y: f64::midpoint(south, north) };
        Self { middle, quarter: Coord { x: (east - west) * 0.25, y: (north - south) * 0.25 } }
    }

    /// The part that holds a point: 0 south-west, 1 south-east, 2 north-west,
    /// 3 north-east.
    #[inline]
    fn descend(&mut self, point: Coord<f64>) -> usize {
        let (east, north) = (point.x >= self.middle.x, point.y >= self.middle.y);
        self.middle.x += if east { self.quarter.x } else { -self.quarter.x };
        self.middle.y += if north { self.quarter.y } else { -self.quarter.y };
        self.quarter = self.quarter * 0.5;
        usize::from(east) + 2 * usize::from(north)
    }
}

/// A square or a part of one.
#[derive(Clone, Copy)]
struct Area {
    bounds: [f64; 4],
    middle: Coord<f64>,
    /// Half its diagonal, metres.
    half_m: f64,
    /// The plane at the middle of the whole square.
    plane: Plane,
    /// How much longer, as a factor, the plane at a point of it can make a line
    /// than that plane, or shorter.
    stretch: f64,
}

impl Area {
    fn new(bounds: [f64; 4]) -> Self {
        let [west, south, east, north] = bounds;
        let middle = Coord { x: f64::midpoint(west, east), y: f64::midpoint(south, north) };
        let plane = Plane::at(middle.y);
        // A rim for the rounding of the point's square.
        let wide = plane.east_m * (east - west) * 0.5;
        let half_m = 1.0001 * wide.hypot(plane.north_m * (north - south) * 0.5);
        let equator = 0.0_f64.clamp(south, north);
        let stretch = [south, north, equator].into_iter().fold(1.0_f64, |most, lat| {
            let here = Plane::at(lat);
            let (x, y) = (here.east_m / plane.east_m, here.north_m / plane.north_m);
            most.max(x).max(x.recip()).max(y).max(y.recip())
        });
        Self { bounds, middle, half_m, plane, stretch }
    }

    /// The pieces of `near` that can be the nearest to a point in here, and how
    /// far the nearest of them lies from the middle, metres.
    fn sift(&self, pieces: &[Piece], near: &[u32]) -> (f64, Vec<u32>) {
        let far = |&at: &u32| {
            let piece = &pieces[at as usize];
            self.plane.distance2(self.middle, piece.a, piece.b)
        };
        let far2: Vec<f64> = near.iter().map(far).collect();
        let least_m = far2.iter().copied().fold(f64::INFINITY, f64::min).sqrt();
        let any = self.half_m + self.stretch * self.stretch * (least_m + self.half_m);
        let reached = self.half_m + self.stretch * REACH_M;
        // A millimetre for rounding.
        let bound = any.min(reached) + 1e-3;
        let kept = near.iter().zip(&far2).filter(|far| *far.1 <= bound * bound).map(|far| *far.0);
        (least_m, kept.collect())
    }

    /// Its four parts, in the order of [`Halves::descend`], measured on the same
    /// plane: what stretches a line at most in the whole does so in a part.
    fn parts(&self) -> [Self; 4] {
        let [west, south, east, north] = self.bounds;
        let Coord { x, y } = self.middle;
        [[west, south, x, y], [x, south, east, y], [west, y, x, north], [x, y, east, north]].map(
            |bounds| {
                let [west, south, east, north] = bounds;
                let middle = Coord { x: f64::midpoint(west, east), y: f64::midpoint(south, north) };
                Self { bounds, middle, half_m: self.half_m * 0.5, ..*self }
            },
        )
    }
}

/// Gathers the pieces round a square.
struct Near<'a> {
    pieces: &'a [Piece],
    /// For each piece the last square that saw it.
    seen: Vec<u32>,
    /// Ascending.
    found: Vec<u32>,
}

impl Near<'_> {
    /// Finds the pieces in rings of squares round one, until no further ring can
    /// hold the nearest of any of its points.
    fn gather(&mut self, grid: &Grid, buckets: &Buckets, (column, row): (u32, u32)) {
        self.found.clear();
        let square = row * grid.columns + column;
        let area = Area::new(grid.bounds(column, row));
        let mut bound = area.half_m + area.stretch * REACH_M;
        let [west, south, east, north] = area.bounds;
        let size_m = (area.plane.east_m * (east - west)).min(area.plane.north_m * (north - south))
            / area.stretch;
        for ring in 0_u32.. {
            // From the middle to the nearest point of the ring.
            if (f64::from(ring) - 0.5) * size_m * 0.999 > bound {
                break;
            }
            ring_of(grid, (column, row), ring, |columns, at_row| {
                for &at in buckets.run(grid, columns, at_row) {
                    if std::mem::replace(&mut self.seen[at as usize], square) != square {
                        let piece = &self.pieces[at as usize];
                        let m = area.plane.distance2(area.middle, piece.a, piece.b).sqrt();
                        bound = bound.min(area.half_m + area.stretch.powi(2) * (m + area.half_m));
                        self.found.push(at);
                    }
                }
            });
        }
        self.found.sort_unstable();
    }
}

/// The squares of a ring round one, as runs in rows.
fn ring_of(
    grid: &Grid,
    (column, row): (u32, u32),
    ring: u32,
    mut each: impl FnMut(Range<u32>, u32),
) {
    let west = column.saturating_sub(ring);
    let east = (column + ring).min(grid.columns - 1);
    let rows = row.saturating_sub(ring)..=(row + ring).min(grid.rows - 1);
    for at_row in rows {
        if at_row + ring == row || at_row == row + ring {
            each(west..east + 1, at_row);
            continue;
        }
        if column >= ring {
            each(west..west + 1, at_row);
        }
        if column + ring < grid.columns {
            each(east..east + 1, at_row);
        }
    }
}
