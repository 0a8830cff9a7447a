//! The nearest border of a point.

use geo::Coord;

use super::border::Border;
use super::plane::Plane;
use super::side::is_left;
use crate::domain::Code;

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
struct Piece {
    a: Coord<f64>,
    b: Coord<f64>,
    border: u32,
}

/// The borders of one level, ready to be asked.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pieces: Vec<Piece>,
    sides: Vec<(Code, Code)>,
}

impl Lines {
    pub fn new(borders: &[Border]) -> Self {
        let coord = |point: crate::domain::LngLat| Coord { x: point.lng(), y: point.lat() };
        let pieces = (0..).zip(borders).flat_map(|(border, of)| {
            let pairs = of.lines.iter().flat_map(|line| line.windows(2));
            pairs.map(move |ends| Piece { a: coord(ends[0]), b: coord(ends[1]), border })
        });
        let sides = borders.iter().map(|border| (border.left, border.right)).collect();
        Self { pieces: pieces.collect(), sides }
    }

    /// The nearest border within [`REACH_M`] of a point that lies in `home`.
    pub fn nearest(&self, point: Coord<f64>, home: Option<Code>) -> Option<NearBorder> {
        let plane = Plane::at(point.y);
        let mut best: Option<(f64, bool, &Piece)> = None;
        for piece in &self.pieces {
            let distance2 = plane.distance2(point, piece.a, piece.b);
            let foreign = !self.touches(piece.border, home);
            if best.is_none_or(|(least, other, _)| (distance2, foreign) < (least, other)) {
                best = Some((distance2, foreign, piece));
            }
        }
        let (distance2, _, piece) = best.filter(|best| best.0 <= REACH_M * REACH_M)?;
        let (left, right) = self.sides[piece.border as usize];
        let side = match home {
            Some(home) if home == left => Side::Left,
            Some(home) if home == right => Side::Right,
            _ if is_left(piece.a, piece.b, point) => Side::Left,
            _ => Side::Right,
        };
        Some(NearBorder { border: piece.border, distance_m: distance2.sqrt(), side })
    }

    fn touches(&self, border: u32, home: Option<Code>) -> bool {
        let (left, right) = self.sides[border as usize];
        home == Some(left) || home == Some(right)
    }

    /// Every border within `within_m` of a point, with its distance in metres.
    pub fn within(&self, point: Coord<f64>, within_m: f64, out: &mut Vec<(u32, f64)>) {
        out.clear();
        let plane = Plane::at(point.y);
        let mut least = vec![f64::INFINITY; self.sides.len()];
        for piece in &self.pieces {
            let so_far = &mut least[piece.border as usize];
            *so_far = so_far.min(plane.distance2(point, piece.a, piece.b));
        }
        for (border, distance2) in (0..).zip(least) {
            if distance2 <= within_m * within_m {
                out.push((border, distance2.sqrt()));
            }
        }
    }
}
