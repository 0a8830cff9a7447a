//! Squares over a region.

use std::ops::Range;

use geo::Coord;

/// A grid of columns and rows over a box of degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub columns: u32,
    pub rows: u32,
    west: f64,
    south: f64,
    width: f64,
    height: f64,
    per_width: f64,
    per_height: f64,
}

/// How far beyond its square a square counts, in parts of its size: a point's
/// square comes from a rounded product and may be the next one at the rim.
const RIM: f64 = 1e-6;

impl Grid {
    /// About `squares` squares, as wide as high on the ground, over
    /// `[west, south, east, north]` with one square to spare on each side;
    /// columns and rows are multiples of `multiple`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of squares, between 1 and 65 536"
    )]
    pub fn over(bbox: [f64; 4], squares: f64, multiple: u32) -> Self {
        let [west, south, east, north] = bbox;
        let shrink = f64::midpoint(south, north).to_radians().cos().max(0.01);
        let (wide, high) = ((east - west).max(1e-6), (north - south).max(1e-6));
        let height = (wide * shrink * high / squares).sqrt();
        let count = |length: f64, size: f64| {
            ((length / size).ceil().clamp(1.0, 65_000.0) as u32 + 2).next_multiple_of(multiple)
        };
        let (columns, rows) = (count(wide, height / shrink), count(high, height));
        let (width, height) = (wide / f64::from(columns - 2), high / f64::from(rows - 2));
        Self {
            columns,
            rows,
            west: west - width,
            south: south - height,
            width,
            height,
            per_width: width.recip(),
            per_height: height.recip(),
        }
    }

    /// How many squares there are.
    pub fn squares(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// The column and row of a point, unless it lies outside the grid.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "both are checked to be within the grid"
    )]
    pub fn square(&self, point: Coord<f64>) -> Option<(u32, u32)> {
        let column = (point.x - self.west) * self.per_width;
        let row = (point.y - self.south) * self.per_height;
        let inside = column >= 0.0
            && row >= 0.0
            && column < f64::from(self.columns)
            && row < f64::from(self.rows);
        inside.then_some((column as u32, row as u32))
    }

    /// The north-eastern corner of a square.
    #[inline]
    pub fn corner(&self, column: u32, row: u32) -> Coord<f64> {
        Coord {
            x: self.west + f64::from(column + 1) * self.width,
            y: self.south + f64::from(row + 1) * self.height,
        }
    }

    /// `[west, south, east, north]` of a square.
    pub fn bounds(&self, column: u32, row: u32) -> [f64; 4] {
        let Coord { x, y } = self.corner(column, row);
        [x - self.width, y - self.height, x, y]
    }

    /// The column of a longitude, the nearest one for what lies outside.
    pub fn column(&self, lng: f64) -> u32 {
        clamp((lng - self.west) * self.per_width, self.columns)
    }

    /// The row of a latitude, the nearest one for what lies outside.
    pub fn row(&self, lat: f64) -> u32 {
        clamp((lat - self.south) * self.per_height, self.rows)
    }

    /// Every square that a line touches or all but touches.
    pub fn along(&self, a: Coord<f64>, b: Coord<f64>, mut each: impl FnMut(u32, u32)) {
        let (rim_x, rim_y) = (self.width * RIM, self.height * RIM);
        let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
        let slope = (high.x - low.x) / (high.y - low.y);
        for row in self.row(low.y - rim_y)..=self.row(high.y + rim_y) {
            let north = self.corner(0, row).y + rim_y;
            let south = north - self.height - 2.0 * rim_y;
            // Where the line enters and leaves the row; a level one runs through.
            let (mut from, mut to) = (low.x, high.x);
            if high.y > low.y {
                if low.y < south {
                    from = low.x + (south - low.y) * slope;
                }
                if high.y > north {
                    to = low.x + (north - low.y) * slope;
                }
            }
            let (west, east) = (from.min(to).max(a.x.min(b.x)), from.max(to).min(a.x.max(b.x)));
            for column in self.column(west - rim_x)..=self.column(east + rim_x) {
                each(column, row);
            }
        }
    }
}

/// `[west, south, east, north]` of some points; of none, an empty box at 0, 0.
pub(super) fn bbox(points: impl Iterator<Item = Coord<f64>>) -> [f64; 4] {
    points
        .map(|Coord { x, y }| [x, y, x, y])
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        .unwrap_or_default()
}

/// Which lines touch which square of a grid.
#[derive(Debug)]
pub(super) struct Buckets {
    /// Where each square's lines begin among `lines`, and where the last ends.
    starts: Vec<u32>,
    lines: Vec<u32>,
}

impl Buckets {
    /// Puts lines, by their numbers from 0, into the squares they touch.
    pub fn new(grid: &Grid, ends: impl Iterator<Item = (Coord<f64>, Coord<f64>)>) -> Self {
        let mut touches = Vec::new();
        for (number, (a, b)) in (0_u32..).zip(ends) {
            grid.along(a, b, |column, row| touches.push((row * grid.columns + column, number)));
        }
        touches.sort_unstable();
        let mut starts = vec![0; grid.squares() + 1];
        for &(square, _) in &touches {
            starts[square as usize + 1] += 1;
        }
        for square in 1..starts.len() {
            starts[square] += starts[square - 1];
        }
        Self { starts, lines: touches.into_iter().map(|touch| touch.1).collect() }
    }

    /// The lines in neighbouring squares of a row, one after the other.
    pub fn run(&self, grid: &Grid, columns: Range<u32>, row: u32) -> &[u32] {
        let first = row * grid.columns;
        let start = |column: u32| self.starts[(first + column) as usize] as usize;
        &self.lines[start(columns.start)..start(columns.end)]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the grid; the cast saturates"
)]
fn clamp(position: f64, count: u32) -> u32 {
    (position.max(0.0) as u32).min(count - 1)
}
