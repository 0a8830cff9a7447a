//! The place of a point, from a grid.
//!
//! Two grids lie over the region, the finer one eight by eight in each square
//! of the coarser. A square that no line touches holds its place. A fine square
//! with lines holds them, and what covers its north-eastern corner: the way from
//! a point due east to the square's rim and then due north to that corner stays
//! in the square, so the lines it crosses are the square's own, and what covers
//! the point is what covers the corner, changed by each line crossed.

use geo::Coord;

use super::grid::Grid;
use super::place::{NOWHERE, PlaceId};
use super::side::{is_left, passes_lat, passes_lng};

/// Fine squares along each side of a coarse one.
pub(super) const FINE: u32 = 8;
/// Set in a word that does not hold a place but where to look further.
pub(super) const FURTHER: u32 = 1 << 31;

/// The places of a region.
#[derive(Debug)]
pub(super) struct Mosaic {
    /// The fine grid.
    pub grid: Grid,
    /// For each coarse square its place, or which block of `fine` it is.
    pub coarse: Vec<u32>,
    /// For each fine square of a block its place, or which of `squares` it is.
    pub fine: Vec<u32>,
    pub squares: Vec<Square>,
    pub lines: Vec<Line>,
    pub covers: Vec<(Key, PlaceId)>,
}

/// What covers a point within one square: the county's number, the township's,
/// and a bit for each zone whose outline runs through the square.
pub(super) type Key = u64;

/// A fine square with lines in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Square {
    /// Its north-eastern corner.
    pub corner: Coord<f64>,
    /// What covers that corner.
    pub key: Key,
    /// Its lines: from, to among [`Mosaic::lines`].
    pub lines: (u32, u32),
    /// The places that occur in it: from, to among [`Mosaic::covers`].
    pub covers: (u32, u32),
}

/// A line as one square sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub a: Coord<f64>,
    pub b: Coord<f64>,
    /// What changes when it is crossed.
    pub change: Key,
    /// Whether the square's corner lies left of it.
    pub corner_is_left: bool,
    /// Whether it passes the longitude of the square's eastern rim.
    pub passes_rim: bool,
}

impl Line {
    /// A line in the square with the given north-eastern corner.
    pub fn new(a: Coord<f64>, b: Coord<f64>, change: Key, corner: Coord<f64>) -> Self {
        let corner_is_left = is_left(a, b, corner);
        Self { a, b, change, corner_is_left, passes_rim: passes_lng(a, b, corner.x) }
    }

    /// Whether the way from a point by `turn` (the rim at the point's latitude)
    /// to the corner crosses it an odd number of times.
    #[inline]
    fn parts(&self, point: Coord<f64>, turn: Coord<f64>) -> bool {
        let passes_point = passes_lat(self.a, self.b, point.y);
        if !passes_point && !self.passes_rim {
            return false;
        }
        let turn_is_left = is_left(self.a, self.b, turn);
        let east = passes_point && is_left(self.a, self.b, point) != turn_is_left;
        let north = self.passes_rim && turn_is_left != self.corner_is_left;
        east != north
    }
}

impl Square {
    /// What covers a point of this square.
    #[inline]
    pub fn key_at(&self, lines: &[Line], point: Coord<f64>) -> Key {
        let turn = Coord { x: self.corner.x, y: point.y };
        lines[self.lines.0 as usize..self.lines.1 as usize]
            .iter()
            .filter(|line| line.parts(point, turn))
            .fold(self.key, |key, line| key ^ line.change)
    }
}

impl Mosaic {
    /// What covers a point, where lines are near it.
    pub fn key(&self, point: Coord<f64>) -> Option<Key> {
        let word = self.word(point);
        let square = (word & FURTHER != 0).then(|| &self.squares[(word ^ FURTHER) as usize]);
        square.map(|square| square.key_at(&self.lines, point))
    }

    /// The place of a point.
    #[inline]
    pub fn place(&self, point: Coord<f64>) -> PlaceId {
        let word = self.word(point);
        if word & FURTHER == 0 {
            return word;
        }
        let square = &self.squares[(word ^ FURTHER) as usize];
        let key = square.key_at(&self.lines, point);
        let covers = &self.covers[square.covers.0 as usize..square.covers.1 as usize];
        covers.iter().find(|cover| cover.0 == key).map_or(NOWHERE, |cover| cover.1)
    }

    /// The word of the fine square that holds a point.
    #[inline]
    fn word(&self, point: Coord<f64>) -> u32 {
        let Some((column, row)) = self.grid.square(point) else { return NOWHERE };
        let coarse = (row / FINE) * (self.grid.columns / FINE) + column / FINE;
        let word = self.coarse[coarse as usize];
        if word & FURTHER == 0 {
            return word;
        }
        let fine = (word ^ FURTHER) * FINE * FINE + (row % FINE) * FINE + column % FINE;
        self.fine[fine as usize]
    }
}
