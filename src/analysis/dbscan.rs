//! Density clusters of a fixed set of points (DBSCAN; Ester, Kriegel, Sander and
//! Xu, KDD 1996), in true metres.
//!
//! The points are sorted into cubes so small that two of one cube are always
//! within reach (Gunawan 2013): a cube with enough points holds cores only, all
//! cores of a cube are one cluster, and two cubes need but one pair within reach
//! to be connected.

use rustc_hash::FxHashMap;

use crate::atlas::ground::Ecef;

use super::cubes::Cubes;
use super::sets::Sets;

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
/// equally near ones. `eps_m` must be at least 1.
#[must_use]
pub fn dbscan(points: &[Ecef], eps_m: f64, min_points: usize) -> Vec<Label> {
    let eps2 = eps_m * eps_m;
    let mut cubes = Cubes::new(points, eps_m);
    cubes.cores_first(eps2, min_points);

    let mut sets = Sets::new(cubes.len());
    for cube in 0..cubes.len() {
        for other in cubes.around(cube).filter(|&other| other < cube) {
            if sets.root(cube) != sets.root(other) && cubes.touch(cube, other, eps2) {
                sets.join(cube, other);
            }
        }
    }

    // The cube of the core that each point belongs to.
    let mut belongs = vec![None; points.len()];
    let mut core = vec![false; points.len()];
    for cube in 0..cubes.len() {
        for spot in cubes.cores(cube) {
            (belongs[spot.point as usize], core[spot.point as usize]) = (Some(cube), true);
        }
        for spot in cubes.others(cube) {
            belongs[spot.point as usize] = cubes.nearest_core(cube, spot, eps2);
        }
    }
    let mut numbers = FxHashMap::default();
    belongs
        .into_iter()
        .zip(core)
        .map(|(cube, core)| {
            let cluster = cube.map(|cube| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers.entry(sets.root(cube)).or_insert(next)
            });
            Label { cluster, core }
        })
        .collect()
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
