//! Points by cubes in which all are within reach of one another.

use rustc_hash::FxHashMap;

use crate::atlas::ground::Ecef;
use crate::engine::effort;
use crate::engine::slab::Slab;

use super::anchor::Candidate;
use super::crowd::Crowd;
use super::{Age, NONE, Point};

/// A cell keeps its points once more when they are more.
const CROWD: usize = 64;

/// Which cube, counted from the earth's centre.
pub(super) type Key = [i32; 3];

/// A point in its cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Where.
    pub here: Ecef,
    /// Which point.
    pub point: u32,
    /// Points within reach, itself included; kept only while the cell is sparse.
    pub near: u32,
}

/// A cell that lies so near that a point there may be within reach of one here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    pub cell: u32,
    /// The witness of the link: a core here and one there, within reach; or none.
    pub mine: u32,
    pub theirs: u32,
}

impl Neighbour {
    pub(super) const fn linked(&self) -> bool {
        self.mine != NONE
    }
}

/// A cube with at least one point.
#[derive(Debug)]
pub(super) struct Cell {
    pub key: Key,
    /// Its points, the cores first.
    pub spots: Vec<Spot>,
    pub cores: u32,
    /// Every other cell within reach, mutual.
    pub around: Vec<Neighbour>,
    /// The cluster of its cores, and its place among that one's cells.
    pub cluster: u32,
    pub seat: u32,
    /// Set by the search for parts.
    pub mark: u64,
    /// Its points once more, while they are many and it is dense.
    pub crowd: Option<Box<Crowd>>,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            key: [0; 3],
            spots: Vec::new(),
            cores: 0,
            around: Vec::new(),
            cluster: NONE,
            seat: 0,
            mark: 0,
            crowd: None,
        }
    }
}

impl Cell {
    /// Its core spots.
    pub(super) fn core_spots(&self) -> &[Spot] {
        &self.spots[..self.cores as usize]
    }

    /// Its other spots.
    pub(super) fn other_spots(&self) -> &[Spot] {
        &self.spots[self.cores as usize..]
    }

    /// How many of its points lie within reach of a place.
    pub(super) fn count_within(&self, here: Ecef, eps2: f64) -> usize {
        if let Some(crowd) = &self.crowd {
            return crowd.count_within(here, eps2);
        }
        effort::looked_at(self.spots.len());
        self.spots.iter().filter(|spot| here.distance2(spot.here) <= eps2).count()
    }

    /// Any of its cores within reach of a place.
    pub(super) fn core_within(&self, here: Ecef, eps2: f64) -> Option<u32> {
        let within = |spot: &&Spot| {
            effort::looked_at(1);
            here.distance2(spot.here) <= eps2
        };
        match &self.crowd {
            Some(crowd) => crowd.any_within(here, eps2),
            None => self.core_spots().iter().find(within).map(|spot| spot.point),
        }
    }

    /// Offers its cores within reach of a place, as far as one may be the nearest.
    pub(super) fn offer_cores(
        &self,
        here: Ecef,
        eps2: f64,
        nearest: &mut Candidate,
        points: &Slab<Point>,
    ) {
        if let Some(crowd) = &self.crowd {
            return crowd.offer(here, eps2, nearest, points);
        }
        effort::looked_at(self.core_spots().len());
        for spot in self.core_spots() {
            let distance2 = here.distance2(spot.here);
            if distance2 <= eps2 {
                nearest.offer(distance2, spot.point, points);
            }
        }
    }

    /// Keeps its points once more if they are many and it is dense; the newest is the
    /// last.
    pub(super) fn crowd(&mut self, side_m: f64, min_points: usize, points: &Slab<Point>) {
        let many = self.spots.len();
        if (self.crowd.is_some() || many > CROWD) && many >= min_points {
            let spots = match &mut self.crowd {
                Some(_) => &self.spots[many - 1..],
                None => &self.spots[..],
            };
            let low = self.key.map(|at| f64::from(at) * side_m);
            let crowd = self.crowd.get_or_insert_with(|| Box::new(Crowd::new(low, side_m)));
            for spot in spots {
                crowd.insert(spot.here, points[spot.point].age, spot.point);
            }
        }
    }

    /// Takes a point that leaves out of those kept once more; `many` are left.
    pub(super) fn uncrowd(&mut self, spot: Spot, age: Age, min_points: usize) {
        let many = self.spots.len();
        if many <= CROWD / 2 || many < min_points {
            self.crowd = None;
        } else if let Some(crowd) = &mut self.crowd {
            crowd.remove(spot.here, age, spot.point);
        }
    }
}

/// Every cell that holds a point.
#[derive(Debug)]
pub(super) struct Grid {
    side_m: f64,
    cells: Slab<Cell>,
    by_key: FxHashMap<Key, u32>,
}

impl Grid {
    /// The cube's diagonal falls short of the reach by a millionth, a thousand
    /// times what rounding can do to a coordinate when the reach is a metre.
    pub(super) fn new(eps_m: f64) -> Self {
        let side_m = eps_m / 3.0_f64.sqrt() * (1.0 - 1e-6);
        Self { side_m, cells: Slab::default(), by_key: FxHashMap::default() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "an earth's radius in cubes of 0.5 m fits")]
    fn key(&self, here: Ecef) -> Key {
        [here.x, here.y, here.z].map(|metres| (metres / self.side_m).floor() as i32)
    }

    /// The square of the least distance from a place to a cube, less a little.
    pub(super) fn gap2(&self, here: Ecef, key: Key) -> f64 {
        let gap = |metres: f64, at: i32| {
            let low = f64::from(at) * self.side_m;
            (low - metres).max(metres - low - self.side_m).max(0.0)
        };
        let [x, y, z] = [gap(here.x, key[0]), gap(here.y, key[1]), gap(here.z, key[2])];
        (x * x + y * y + z * z) * (1.0 - 1e-6)
    }

    /// The cell of a place, made if need be.
    pub(super) fn enter(&mut self, here: Ecef) -> u32 {
        let key = self.key(here);
        if let Some(&cell) = self.by_key.get(&key) {
            return cell;
        }
        // Most cells hold one point for long.
        let spots = Vec::with_capacity(1);
        let cell = self.cells.put(Cell { key, spots, ..Cell::default() });
        // Beyond two cubes along any side the gap is wider than the reach.
        let others = (0..125).filter(|&n| n != 62).filter_map(|n| {
            let key = [key[0] + n % 5 - 2, key[1] + n / 5 % 5 - 2, key[2] + n / 25 - 2];
            self.by_key.get(&key).copied()
        });
        let unlinked = |cell| Neighbour { cell, mine: NONE, theirs: NONE };
        let mut around: Vec<Neighbour> = others.map(unlinked).collect();
        around.shrink_to_fit();
        for other in &around {
            self.cells[other.cell].around.push(unlinked(cell));
        }
        self.cells[cell].around = around;
        self.by_key.insert(key, cell);
        cell
    }

    /// Forgets a cell that holds no point any more.
    pub(super) fn forget(&mut self, cell: u32) {
        let gone = self.cells.take(cell);
        self.by_key.remove(&gone.key);
        for neighbour in &gone.around {
            let around = &mut self.cells[neighbour.cell].around;
            if let Some(at) = around.iter().position(|back| back.cell == cell) {
                around.swap_remove(at);
            }
        }
    }

    /// Keeps the points of a cell once more if they are many: to be called when one
    /// has come and all who became core with it are.
    pub(super) fn crowd(&mut self, cell: u32, min_points: usize, points: &Slab<Point>) {
        self.cells[cell].crowd(self.side_m, min_points, points);
    }

    pub(super) fn cell(&self, cell: u32) -> &Cell {
        &self.cells[cell]
    }

    pub(super) fn cell_mut(&mut self, cell: u32) -> &mut Cell {
        &mut self.cells[cell]
    }

    /// The cell itself and every one within reach.
    pub(super) fn with_around(&self, cell: u32) -> impl Iterator<Item = &Cell> {
        let own = &self.cells[cell];
        std::iter::once(own).chain(own.around.iter().map(|other| &self.cells[other.cell]))
    }
}
