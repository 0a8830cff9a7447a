//! Density clusters of a fixed set of points (DBSCAN; Ester, Kriegel, Sander and
//! Xu, KDD 1996), in true metres.

use rustc_hash::FxHashMap;

use crate::atlas::ground::Ecef;

/// What a point is to the clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its cluster, numbered from 0 by the first member; `None` is noise.
    pub cluster: Option<u32>,
    /// Whether at least `min_points` points, itself included, lie within reach.
    pub core: bool,
}

/// Labels every point, given the oldest first.
///
/// Points with at least `min_points` points (itself included) within `eps_m`
/// metres are core; connected cores are one cluster; any other point within
/// reach of a core joins the cluster of its nearest one, the oldest among
/// equally near ones. `eps_m` must be above zero.
#[must_use]
pub fn dbscan(points: &[Ecef], eps_m: f64, min_points: usize) -> Vec<Label> {
    let grid = Grid::new(points, eps_m);
    let core: Vec<bool> = (0..points.len()).map(|at| grid.near(at).count() >= min_points).collect();

    let mut sets = Sets::new(points.len());
    for at in (0..points.len()).filter(|&at| core[at]) {
        for (other, _) in grid.near(at).filter(|&(other, _)| other < at && core[other]) {
            sets.join(at, other);
        }
    }

    let mut numbers = FxHashMap::default();
    (0..points.len())
        .map(|at| {
            let nearest = if core[at] {
                Some(at)
            } else {
                grid.near(at)
                    .filter(|&(other, _)| core[other])
                    .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
                    .map(|(other, _)| other)
            };
            let cluster = nearest.map(|other| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(sets.root(other)).or_insert(next)
            });
            Label { cluster, core: core[at] }
        })
        .collect()
}

type Cell = [i64; 3];

/// Points by cubes of the reach's side: whatever is within reach of a point is
/// in its cube or one of the 26 round it.
struct Grid<'a> {
    points: &'a [Ecef],
    eps_m: f64,
    cells: FxHashMap<Cell, Vec<usize>>,
}

impl<'a> Grid<'a> {
    fn new(points: &'a [Ecef], eps_m: f64) -> Self {
        let mut cells: FxHashMap<Cell, Vec<usize>> = FxHashMap::default();
        for (at, &point) in points.iter().enumerate() {
            cells.entry(Self::cell(point, eps_m)).or_default().push(at);
        }
        Self { points, eps_m, cells }
    }

    #[expect(clippy::cast_possible_truncation, reason = "an earth's radius over a reach is small")]
    fn cell(point: Ecef, eps_m: f64) -> Cell {
        [point.x, point.y, point.z].map(|metres| (metres / eps_m).floor() as i64)
    }

    /// Every point within reach, itself included, with the squared distance.
    fn near(&self, at: usize) -> impl Iterator<Item = (usize, f64)> {
        let here = self.points[at];
        let [x, y, z] = Self::cell(here, self.eps_m);
        let reach2 = self.eps_m * self.eps_m;
        (0..27)
            .filter_map(move |n| self.cells.get(&[x + n % 3 - 1, y + n / 3 % 3 - 1, z + n / 9 - 1]))
            .flatten()
            .map(move |&other| (other, here.distance2(self.points[other])))
            .filter(move |&(_, distance2)| distance2 <= reach2)
    }
}

/// Disjoint sets with path halving.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self { parent: (0..len).collect() }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::LngLat;

    /// By the definition alone: a flood over all pairs.
    fn naive(points: &[Ecef], eps_m: f64, min_points: usize) -> Vec<Label> {
        let near = |a: usize, b: usize| points[a].distance2(points[b]) <= eps_m * eps_m;
        let all = 0..points.len();
        let core: Vec<bool> = all
            .clone()
            .map(|a| all.clone().filter(|&b| near(a, b)).count() >= min_points)
            .collect();
        let mut flood: Vec<Option<usize>> = vec![None; points.len()];
        for seed in all.clone().filter(|&a| core[a]) {
            let mut edge = vec![seed];
            while let Some(a) = edge.pop() {
                if flood[a].is_none() {
                    flood[a] = Some(seed);
                    edge.extend(all.clone().filter(|&b| core[b] && near(a, b)));
                }
            }
        }
        let mut seen = Vec::new();
        all.clone()
            .map(|a| {
                let mut best: Option<usize> = if core[a] { Some(a) } else { None };
                if !core[a] {
                    for b in all.clone().filter(|&b| core[b] && near(a, b)) {
                        let gap = |c: usize| points[a].distance2(points[c]);
                        if best.is_none_or(|c| gap(b) < gap(c)) {
                            best = Some(b);
                        }
                    }
                }
                let cluster = best.and_then(|b| flood[b]).map(|seed| {
                    let at = seen.iter().position(|&s| s == seed).unwrap_or_else(|| {
                        seen.push(seed);
                        seen.len() - 1
                    });
                    u32::try_from(at).unwrap()
                });
                Label { cluster, core: core[a] }
            })
            .collect()
    }

    #[test]
    fn a_chain_is_one_cluster_and_a_stray_is_noise() {
        let at = |lng: f64| Ecef::from(LngLat::new(lng, 31.0).unwrap());
        let labels = dbscan(&[at(121.0), at(121.004), at(121.008), at(121.1)], 500.0, 2);
        let clusters: Vec<_> = labels.iter().map(|label| label.cluster).collect();
        assert_eq!(clusters, [Some(0), Some(0), Some(0), None]);
    }

    proptest! {
        #[test]
        fn the_labels_are_those_of_the_definition(
            steps in prop::collection::vec((0..40_i32, 0..40_i32), 0..120),
            eps_m in 100.0..900.0_f64,
            min_points in 1..8_usize,
        ) {
            // A lattice, so that equal distances and ties really happen.
            let points: Vec<Ecef> = steps
                .iter()
                .map(|&(x, y)| LngLat::new(120.9 + f64::from(x) * 0.002, 31.0 + f64::from(y) * 0.002))
                .map(|point| Ecef::from(point.unwrap()))
                .collect();
            prop_assert_eq!(dbscan(&points, eps_m, min_points), naive(&points, eps_m, min_points));
        }
    }
}
