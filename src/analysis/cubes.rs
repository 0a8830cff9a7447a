//! Points sorted into cubes.

use crate::atlas::ground::Ecef;

/// Which cube, counted from the earth's centre.
type Key = [i32; 3];

/// A point in its cube.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    here: Ecef,
    /// Its index among the points given.
    pub point: u32,
}

/// One cube: where its spots begin, how many of them (the first) are cores, and
/// where its neighbours begin.
#[derive(Clone, Copy, Debug)]
struct Cube {
    key: Key,
    spots: usize,
    cores: usize,
    around: usize,
}

/// Points by cubes in which all are within reach of one another, the cubes in
/// the order of their keys.
pub(super) struct Cubes {
    all: Vec<Cube>,
    spots: Vec<Spot>,
    /// Of each cube the others that may hold points within reach.
    around: Vec<u32>,
}

impl Cubes {
    pub(super) fn new(points: &[Ecef], eps_m: f64) -> Self {
        // The diagonal falls short of the reach by a millionth, more than rounding
        // can do to a coordinate when the reach is at least a metre.
        let side_m = eps_m / 3.0_f64.sqrt() * (1.0 - 1e-6);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "an earth's radius fits in 0.5 m cubes"
        )]
        let key = |at: Ecef| [at.x, at.y, at.z].map(|metres| (metres / side_m).floor() as i32);
        let mut sorted: Vec<(Key, Spot)> =
            (0..).zip(points).map(|(point, &here)| (key(here), Spot { here, point })).collect();
        sorted.sort_unstable_by_key(|&(key, spot)| (key, spot.point));

        let mut all: Vec<Cube> = Vec::new();
        for (at, &(key, _)) in sorted.iter().enumerate() {
            if all.last().is_none_or(|last| last.key != key) {
                all.push(Cube { key, spots: at, cores: 0, around: 0 });
            }
        }
        let spots: Vec<Spot> = sorted.into_iter().map(|(_, spot)| spot).collect();
        let mut around = Vec::new();
        // As the cubes come in order, so do those at a fixed distance from them:
        // one finger for each row of five that may be within reach.
        let mut fingers = [0; 25];
        for at in 0..all.len() {
            all[at].around = around.len();
            let [x, y, z] = all[at].key;
            for (row, finger) in (0..).zip(&mut fingers) {
                let first = [x + row / 5 - 2, y + row % 5 - 2, z - 2];
                while all.get(*finger).is_some_and(|cube| cube.key < first) {
                    *finger += 1;
                }
                let within = |cube: &&Cube| cube.key[..2] == first[..2] && cube.key[2] <= z + 2;
                let found = all[*finger..].iter().take_while(within).count();
                around.extend((*finger..*finger + found).filter(|&n| n != at).filter_map(index));
            }
        }
        all.push(Cube { key: [i32::MAX; 3], spots: spots.len(), cores: 0, around: around.len() });
        Self { all, spots, around }
    }

    /// How many cubes there are.
    pub(super) fn len(&self) -> usize {
        self.all.len() - 1
    }

    /// The other cubes that may hold points within reach of one.
    pub(super) fn around(&self, cube: usize) -> impl Iterator<Item = usize> {
        let around = &self.around[self.all[cube].around..self.all[cube + 1].around];
        around.iter().map(|&cube| cube as usize)
    }

    fn spots(&self, cube: usize) -> &[Spot] {
        &self.spots[self.all[cube].spots..self.all[cube + 1].spots]
    }

    /// The cores of a cube, once they are known.
    pub(super) fn cores(&self, cube: usize) -> &[Spot] {
        &self.spots(cube)[..self.all[cube].cores]
    }

    /// Its other points.
    pub(super) fn others(&self, cube: usize) -> &[Spot] {
        &self.spots(cube)[self.all[cube].cores..]
    }

    /// Finds the cores and puts them first in their cubes.
    pub(super) fn cores_first(&mut self, eps2: f64, min_points: usize) {
        for cube in 0..self.len() {
            let (first, count) = (self.all[cube].spots, self.spots(cube).len());
            if count >= min_points {
                self.all[cube].cores = count;
                continue;
            }
            let mut cores = 0;
            for at in 0..count {
                if self.has_near(cube, self.spots(cube)[at].here, eps2, min_points - count) {
                    self.spots.swap(first + cores, first + at);
                    cores += 1;
                }
            }
            self.all[cube].cores = cores;
        }
    }

    /// Whether at least so many points of other cubes are within reach.
    fn has_near(&self, cube: usize, here: Ecef, eps2: f64, wanted: usize) -> bool {
        let mut found = 0;
        for other in self.around(cube) {
            let near = |spot: &&Spot| here.distance2(spot.here) <= eps2;
            found += self.spots(other).iter().filter(near).count();
            if found >= wanted {
                return true;
            }
        }
        false
    }

    /// Whether a core of one cube is within reach of one of another.
    pub(super) fn touch(&self, a: usize, b: usize, eps2: f64) -> bool {
        let within = |spot: &Spot, other: &Spot| spot.here.distance2(other.here) <= eps2;
        let theirs = self.cores(b);
        self.cores(a).iter().any(|spot| theirs.iter().any(|other| within(spot, other)))
    }

    /// The cube of the nearest core within reach of a spot, the first given among
    /// equally near ones.
    pub(super) fn nearest_core(&self, cube: usize, spot: &Spot, eps2: f64) -> Option<usize> {
        let mut nearest = (f64::INFINITY, u32::MAX, None);
        for other in std::iter::once(cube).chain(self.around(cube)) {
            for core in self.cores(other) {
                let distance2 = spot.here.distance2(core.here);
                if distance2 <= eps2 && (distance2, core.point) < (nearest.0, nearest.1) {
                    nearest = (distance2, core.point, Some(other));
                }
            }
        }
        nearest.2
    }
}

fn index(cube: usize) -> Option<u32> {
    u32::try_from(cube).ok()
}
