//! Makes the mosaic from the lines.

use rustc_hash::FxHashSet;

use super::edge::{Edge, Sides};
use super::grid::{self, Grid};
use super::mosaic::{FINE, FURTHER, Key, Line, Mosaic, Square};
use super::place::{Cover, Places};
use super::side::{is_left, passes_lat};

/// Fine squares an edge: so many that most squares with lines hold one to three.
const SQUARES_PER_EDGE: f64 = 24.0;
/// Bounds on the number of fine squares: 4 million are 16 MB while being made.
const SQUARES: (f64, f64) = (4096.0, 4e6);
/// Where a key holds the township's number, and the first zone's bit.
const TOWNSHIP_BIT: u32 = 16;
const ZONE_BIT: u32 = 32;
/// More places than this meet in no real square.
const MOST_COVERS: usize = 4096;

/// The county's number in a key.
#[expect(clippy::cast_possible_truncation, reason = "takes its own 16 bits")]
pub(super) fn county(key: Key) -> u16 {
    key as u16
}

/// The township's number in a key.
pub(super) fn township(key: Key) -> u16 {
    county(key >> TOWNSHIP_BIT)
}

/// Too much meets in one square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crowded {
    /// Where, `[west, south, east, north]`.
    pub bounds: [f64; 4],
}

/// A square that a line touches: its row, its column counted from the east, and
/// the edge.
pub(super) type Touch = (u32, u32, u32);

/// Lays the mosaic over all lines. There must be one at least.
pub(super) fn survey(
    edges: &[Edge],
    grid: Grid,
    touches: &[Touch],
    places: &mut Places,
) -> Result<Mosaic, Crowded> {
    let corners = corners(edges, &grid);

    let (wide, high) = (grid.columns / FINE, grid.rows / FINE);
    let mut mosaic = Mosaic {
        grid,
        coarse: vec![0; wide as usize * high as usize],
        fine: Vec::new(),
        squares: Vec::new(),
        lines: Vec::new(),
        covers: Vec::new(),
    };
    let mut lined = touches.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).peekable();
    let mut changes = corners.into_iter().peekable();
    // The words of one row of coarse squares, row by row of fine ones.
    let mut band = vec![0; (grid.columns * FINE) as usize];
    for row in 0..grid.rows {
        let mut cover = Cover::default();
        let mut place = places.id(&cover);
        for column in (0..grid.columns).rev() {
            let mut moved = false;
            while let Some(change) = changes.next_if(|at| (at.row, at.column) == (row, column)) {
                cross(&mut cover, &edges[change.edge as usize]);
                moved = true;
            }
            if moved {
                place = places.id(&cover);
            }
            let word =
                match lined.next_if(|at| (at[0].0, at[0].1) == (row, grid.columns - 1 - column)) {
                    Some(touches) => {
                        let number = u32::try_from(mosaic.squares.len()).unwrap_or(u32::MAX);
                        mosaic.add(edges, touches, (column, row), &cover, places)?;
                        number | FURTHER
                    }
                    None => place,
                };
            band[((row % FINE) * grid.columns + column) as usize] = word;
        }
        if row % FINE == FINE - 1 {
            mosaic.fold(&band, row / FINE);
        }
    }
    Ok(mosaic)
}

/// The fine grid for some edges.
pub(super) fn grid_over(edges: &[Edge]) -> Grid {
    let bbox = grid::bbox(edges.iter().flat_map(|edge| [edge.a, edge.b]));
    #[expect(clippy::cast_precision_loss, reason = "a wish, not a count")]
    let squares = (edges.len() as f64 * SQUARES_PER_EDGE).clamp(SQUARES.0, SQUARES.1);
    Grid::over(bbox, squares, FINE)
}

/// The squares that lines touch, in the order in which they are surveyed.
pub(super) fn touches(edges: &[Edge], grid: &Grid) -> Vec<Touch> {
    let mut touches = Vec::with_capacity(edges.len() * 4);
    for (number, edge) in (0..).zip(edges) {
        grid.along(edge.a, edge.b, |column, row| {
            touches.push((row, grid.columns - 1 - column, number));
        });
    }
    touches.sort_unstable();
    touches
}

/// A line that must be crossed on the way along a row's northern rim from the
/// east to the corner of a column.
#[derive(Clone, Copy, Debug)]
struct Change {
    row: u32,
    column: u32,
    edge: u32,
}

/// Every change, row by row and from the east.
fn corners(edges: &[Edge], grid: &Grid) -> Vec<Change> {
    let mut changes = Vec::with_capacity(edges.len() * 2);
    for (number, edge) in (0..).zip(edges) {
        let (low, high) = if edge.a.y <= edge.b.y { (edge.a, edge.b) } else { (edge.b, edge.a) };
        let rows = grid.row(low.y).saturating_sub(1)..=grid.row(high.y);
        for row in rows.filter(|&row| passes_lat(low, high, grid.corner(0, row).y)) {
            let lat = grid.corner(0, row).y;
            let lng = low.x + (high.x - low.x) * ((lat - low.y) / (high.y - low.y));
            // The last column whose corner lies west of the line, exactly.
            let is_west = |column: u32| is_left(low, high, grid.corner(column, row));
            let mut column = grid.column(lng);
            while column < grid.columns - 1 && is_west(column) {
                column += 1;
            }
            while column > 0 && !is_west(column) {
                column -= 1;
            }
            if is_west(column) {
                changes.push(Change { row, column, edge: number });
            }
        }
    }
    changes.sort_unstable_by_key(|change| (change.row, std::cmp::Reverse(change.column)));
    changes
}

/// Crosses an edge, from either side.
fn cross(cover: &mut Cover, edge: &Edge) {
    cover.county ^= edge.counties.toggle();
    cover.township ^= edge.townships.toggle();
    for &zone in &edge.zones {
        cover.cross_zone(zone);
    }
}

impl Mosaic {
    /// Adds a square with lines; `cover` is that of its corner.
    fn add(
        &mut self,
        edges: &[Edge],
        touches: &[Touch],
        (column, row): (u32, u32),
        cover: &Cover,
        places: &mut Places,
    ) -> Result<(), Crowded> {
        let crowded = Crowded { bounds: self.grid.bounds(column, row) };
        let here = || touches.iter().map(|touch| &edges[touch.2 as usize]);
        let mut zones: Vec<u16> = here().flat_map(|edge| edge.zones.iter().copied()).collect();
        zones.sort_unstable();
        zones.dedup();
        if zones.len() > (Key::BITS - ZONE_BIT) as usize {
            return Err(crowded);
        }
        let keys = Keys { zones, beyond: cover };

        let corner = self.grid.corner(column, row);
        let lines_from = self.lines.len();
        self.lines.extend(here().map(|edge| Line::new(edge.a, edge.b, keys.change(edge), corner)));
        let key = keys.of(cover);
        let covers_from = self.covers.len();
        for found in keys.reachable(key, &here()).ok_or(crowded)? {
            self.covers.push((found, places.id(&keys.cover(found))));
        }
        let number = |at: usize| u32::try_from(at).map_err(|_too_many| crowded);
        let lines = (number(lines_from)?, number(self.lines.len())?);
        let covers = (number(covers_from)?, number(self.covers.len())?);
        self.squares.push(Square { corner, key, lines, covers });
        Ok(())
    }

    /// Takes in a finished band of coarse squares.
    fn fold(&mut self, band: &[u32], coarse_row: u32) {
        let columns = self.grid.columns;
        for coarse_column in 0..columns / FINE {
            let row = |row: u32| {
                let from = (row * columns + coarse_column * FINE) as usize;
                &band[from..from + FINE as usize]
            };
            let first = row(0)[0];
            let alike = (0..FINE).all(|at| row(at).iter().all(|&word| word == first));
            let word = if alike && first & FURTHER == 0 {
                first
            } else {
                let block = self.fine.len() / (FINE * FINE) as usize;
                (0..FINE).for_each(|at| self.fine.extend_from_slice(row(at)));
                u32::try_from(block).unwrap_or(u32::MAX) | FURTHER
            };
            self.coarse[(coarse_row * (columns / FINE) + coarse_column) as usize] = word;
        }
    }
}

/// How a square writes covers as keys.
struct Keys<'a> {
    /// The zones whose outline runs through it, in the order of their bits.
    zones: Vec<u16>,
    /// A cover within it: other zones are the same all over the square.
    beyond: &'a Cover,
}

impl Keys<'_> {
    fn key(county: u16, township: u16, zones: u64) -> Key {
        Key::from(county) | Key::from(township) << TOWNSHIP_BIT | zones << ZONE_BIT
    }

    fn bits(&self, has: impl Fn(u16) -> bool) -> u64 {
        self.zones.iter().rev().fold(0, |bits, &zone| bits << 1 | u64::from(has(zone)))
    }

    fn of(&self, cover: &Cover) -> Key {
        let zones = self.bits(|zone| cover.zones.contains(&zone));
        Self::key(cover.county, cover.township, zones)
    }

    fn change(&self, edge: &Edge) -> Key {
        let zones = self.bits(|zone| edge.zones.contains(&zone));
        Self::key(edge.counties.toggle(), edge.townships.toggle(), zones)
    }

    fn cover(&self, key: Key) -> Cover {
        let mut cover = self.beyond.clone();
        (cover.county, cover.township) = (county(key), township(key));
        for (bit, &zone) in (ZONE_BIT..).zip(&self.zones) {
            if (key >> bit & 1 == 1) != cover.zones.contains(&zone) {
                cover.cross_zone(zone);
            }
        }
        cover
    }

    /// Every key that occurs in the square: a face next to another differs from
    /// it by one line's change, and its county and township are ones that a line
    /// of the square names, or the corner's.
    fn reachable<'e>(
        &self,
        corner: Key,
        edges: &(impl Iterator<Item = &'e Edge> + Clone),
    ) -> Option<Vec<Key>> {
        let named = |of: fn(&Edge) -> Sides, corner: u16| -> FxHashSet<u16> {
            let sides = edges.clone().map(of).filter(|sides| sides.differ());
            sides.flat_map(|sides| [sides.left, sides.right]).chain([corner]).collect()
        };
        let start = self.cover(corner);
        let counties = named(|edge| edge.counties, start.county);
        let townships = named(|edge| edge.townships, start.township);
        let mut changes: Vec<Key> = edges.clone().map(|edge| self.change(edge)).collect();
        changes.sort_unstable();
        changes.dedup();

        let mut found = vec![corner];
        let mut at = 0;
        while at < found.len() && found.len() <= MOST_COVERS {
            for change in &changes {
                let next = found[at] ^ change;
                let cover = self.cover(next);
                let real = counties.contains(&cover.county) && townships.contains(&cover.township);
                if real && !found.contains(&next) {
                    found.push(next);
                }
            }
            at += 1;
        }
        (found.len() <= MOST_COVERS).then_some(found)
    }
}
