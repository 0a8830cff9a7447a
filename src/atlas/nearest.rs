//! The nearest border of a point.

use geo::Coord;

use super::border::Border;
use super::grid::{self, Buckets, Grid};
use super::plane::Plane;
use super::reach::Reach;
use super::side::is_left;
use crate::domain::{Code, LngLat};

/// How far a border can be and still be named by [`super::Atlas::locate`].
pub const REACH_M: f64 = 5_000.0;

/// A border near a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearBorder {
    /// Its index among the borders of its level.
    pub border: u32,
    /// Metres from the point.
    pub distance_m: f64,
    /// The side on which the point lies.
    pub side: Side,
}

/// A side of a border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Where its `left` lies.
    Left,
    /// Where its `right` lies.
    Right,
}

/// A straight piece of a border, its `left` on the left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub a: Coord<f64>,
    pub b: Coord<f64>,
    pub border: u32,
}

/// The borders of one level, ready to be asked.
#[derive(Debug)]
pub(super) struct Lines {
    /// In the order of the borders.
    pieces: Vec<Piece>,
    /// Of each border.
    sides: Vec<(Code, Code)>,
    reach: Reach,
    grid: Grid,
    buckets: Buckets,
}

/// About how wide the squares are in which [`Lines::within`] looks, metres.
const SQUARE_M: f64 = 1_000.0;

impl Lines {
    pub fn new(borders: &[Border]) -> Self {
        let coord = |point: LngLat| Coord { x: point.lng(), y: point.lat() };
        let pieces: Vec<Piece> = (0..)
            .zip(borders)
            .flat_map(|(border, of)| {
                let pairs = of.lines.iter().flat_map(|line| line.windows(2));
                pairs.map(move |ends| Piece { a: coord(ends[0]), b: coord(ends[1]), border })
            })
            .collect();
        let bbox = grid::bbox(pieces.iter().flat_map(|piece| [piece.a, piece.b]));
        let plane = Plane::at(f64::midpoint(bbox[1], bbox[3]));
        let area_m2 = (bbox[2] - bbox[0]) * plane.east_m * (bbox[3] - bbox[1]) * plane.north_m;
        let grid = Grid::over(bbox, (area_m2 / (SQUARE_M * SQUARE_M)).clamp(1.0, 1e6), 1);
        Self {
            sides: borders.iter().map(|border| (border.left, border.right)).collect(),
            reach: Reach::new(&pieces),
            buckets: Buckets::new(&grid, pieces.iter().map(|piece| (piece.a, piece.b))),
            grid,
            pieces,
        }
    }

    /// The nearest border within [`REACH_M`] of a point that lies in `home`.
    ///
    /// Of borders equally near, as where three meet, it is the first of which
    /// `home` is a side, or else the first.
    #[inline]
    pub fn nearest(&self, point: Coord<f64>, home: Option<Code>) -> Option<NearBorder> {
        let candidates = self.reach.candidates(point);
        let (first, rest) = candidates.split_first()?;
        let plane = Plane::at(point.y);
        let mut best = &self.pieces[*first as usize];
        let mut least = plane.distance2(point, best.a, best.b);
        for &at in rest {
            let piece = &self.pieces[at as usize];
            let distance2 = plane.distance2(point, piece.a, piece.b);
            let equal = distance2.total_cmp(&least).is_eq();
            if distance2 < least || equal && self.is_side(piece, home) && !self.is_side(best, home)
            {
                (least, best) = (distance2, piece);
            }
        }
        if least > REACH_M * REACH_M {
            return None;
        }
        let (left, right) = self.sides[best.border as usize];
        let side = match home {
            Some(home) if home == left => Side::Left,
            Some(home) if home == right => Side::Right,
            _ if is_left(best.a, best.b, point) => Side::Left,
            _ => Side::Right,
        };
        Some(NearBorder { border: best.border, distance_m: least.sqrt(), side })
    }

    fn is_side(&self, piece: &Piece, home: Option<Code>) -> bool {
        let (left, right) = self.sides[piece.border as usize];
        home == Some(left) || home == Some(right)
    }

    /// Every border within `within_m` of a point, with its distance in metres.
    pub fn within(&self, point: Coord<f64>, within_m: f64, out: &mut Vec<(u32, f64)>) {
        out.clear();
        let plane = Plane::at(point.y);
        // A thousandth for rounding.
        let reach = Coord { x: within_m / plane.east_m, y: within_m / plane.north_m } * 1.001;
        let columns = self.grid.column(point.x - reach.x)..self.grid.column(point.x + reach.x) + 1;
        for row in self.grid.row(point.y - reach.y)..=self.grid.row(point.y + reach.y) {
            for &at in self.buckets.run(&self.grid, columns.clone(), row) {
                let piece = &self.pieces[at as usize];
                let distance2 = plane.distance2(point, piece.a, piece.b);
                if distance2 > within_m * within_m {
                    continue;
                }
                match out.iter_mut().find(|found| found.0 == piece.border) {
                    Some(found) => found.1 = found.1.min(distance2),
                    None => out.push((piece.border, distance2)),
                }
            }
        }
        out.sort_unstable_by_key(|found| found.0);
        for found in out {
            found.1 = found.1.sqrt();
        }
    }
}
