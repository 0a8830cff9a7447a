use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::atlas::ground::Ecef;
use crate::domain::LngLat;

/// What is expected of one point: the oldest core of its cluster, and whether it
/// is core itself.
type Expected = (Option<Age>, bool);

/// By the definition alone, over all pairs.
fn by_definition(points: &[(Age, Ecef)], eps_m: f64, min_points: usize) -> Vec<Expected> {
    let near = |a: usize, b: usize| points[a].1.distance2(points[b].1) <= eps_m * eps_m;
    let all = 0..points.len();
    let core: Vec<bool> =
        all.clone().map(|a| all.clone().filter(|&b| near(a, b)).count() >= min_points).collect();
    let mut oldest: Vec<Option<Age>> =
        all.clone().map(|a| core[a].then_some(points[a].0)).collect();
    loop {
        let mut still = true;
        for a in all.clone().filter(|&a| core[a]) {
            for b in all.clone().filter(|&b| core[b] && near(a, b)) {
                if oldest[b] < oldest[a] {
                    oldest[a] = oldest[b];
                    still = false;
                }
            }
        }
        if still {
            break;
        }
    }
    all.clone()
        .map(|a| {
            let anchor = if core[a] {
                Some(a)
            } else {
                let cores = all.clone().filter(|&b| core[b] && near(a, b));
                cores.min_by(|&b, &c| {
                    let gap = |other: usize| points[a].1.distance2(points[other].1);
                    gap(b).total_cmp(&gap(c)).then(points[b].0.cmp(&points[c].0))
                })
            };
            (anchor.and_then(|b| oldest[b]), core[a])
        })
        .collect()
}

/// The clusters, and the picture that the shifts alone give of them.
struct Followed {
    density: Density,
    points: BTreeMap<Age, (Ecef, u32)>,
    told: BTreeMap<u32, (Option<u32>, bool)>,
}

impl Followed {
    fn follow(&mut self, shifts: &[Shift]) {
        for &shift in shifts {
            match shift {
                Shift::Member { point, from, to, was_core, core, .. } => {
                    let known = self.told.insert(point, (to, core)).unwrap_or((None, false));
                    assert_eq!(known, (from, was_core));
                }
                Shift::Merged { from, into } => {
                    for (cluster, _) in self.told.values_mut() {
                        if *cluster == Some(from) {
                            *cluster = Some(into);
                        }
                    }
                }
                Shift::Split { from, part } => {
                    assert!(self.told.values().any(|told| told.0 == Some(from)));
                    assert!(self.told.values().all(|told| told.0 != Some(part)));
                }
            }
        }
    }

    fn insert(&mut self, age: Age, here: Ecef) {
        let mut shifts = Vec::new();
        let point = self.density.insert(here, age, 7, &mut shifts);
        self.points.insert(age, (here, point));
        self.follow(&shifts);
        self.density.release();
    }

    fn remove(&mut self, age: Age) {
        let (_, point) = self.points.remove(&age).unwrap();
        let mut shifts = Vec::new();
        self.density.remove(point, &mut shifts);
        self.follow(&shifts);
        assert_eq!(self.told.remove(&point).unwrap_or((None, false)), (None, false));
    }

    fn check(&self, eps_m: f64, min_points: usize) {
        let points: Vec<(Age, Ecef)> =
            self.points.iter().map(|(&age, &(here, _))| (age, here)).collect();
        let expected = by_definition(&points, eps_m, min_points);
        for (&(age, _), expected) in points.iter().zip(&expected) {
            let point = self.points[&age].1;
            let (cluster, core) = self.density.label(point);
            let oldest = cluster.and_then(|cluster| self.density.oldest_core(cluster));
            assert_eq!((oldest, core), *expected);
            let told = self.told.get(&point).copied().unwrap_or((None, false));
            assert_eq!(told, (cluster, core));
            if let Some(cluster) = cluster {
                assert!(self.density.members(cluster).contains(&point));
            }
        }
        let counted: usize = {
            let mut clusters: Vec<u32> = self
                .points
                .values()
                .filter_map(|&(_, point)| self.density.label(point).0)
                .collect();
            clusters.sort_unstable();
            clusters.dedup();
            clusters.iter().map(|&cluster| self.density.members(cluster).len()).sum()
        };
        assert_eq!(counted, expected.iter().filter(|(cluster, _)| cluster.is_some()).count());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert { x: f64, y: f64, at: i64 },
    Remove(prop::sample::Index),
}

/// On a lattice, so that equal places, equal distances and equal times happen,
/// or anywhere.
fn steps(across: i32) -> impl Strategy<Value = Vec<Step>> {
    let lattice = (0..across, 0..across).prop_map(|(x, y)| (f64::from(x), f64::from(y)));
    let side = f64::from(across);
    let anywhere = (0.0..side, 0.0..side);
    let place = prop_oneof![2 => lattice, 1 => anywhere];
    let insert = (place, 0..20_i64).prop_map(|((x, y), at)| Step::Insert { x, y, at });
    let remove = any::<prop::sample::Index>().prop_map(Step::Remove);
    prop::collection::vec(prop_oneof![5 => insert, 3 => remove], 0..200)
}

/// Few places with many points each, and some beside them.
fn heaps() -> impl Strategy<Value = Vec<Step>> {
    let heap = (0..3_i32, 0..2_i32).prop_map(|(x, y)| (f64::from(x) * 1.1, f64::from(y) * 1.7));
    let cloud = (0.0..0.2_f64, 0.0..0.2_f64);
    let anywhere = (-2.0..4.0_f64, -2.0..4.0_f64);
    let place = prop_oneof![4 => heap, 4 => cloud, 1 => anywhere];
    let insert = (place, 0..40_i64).prop_map(|((x, y), at)| Step::Insert { x, y, at });
    let remove = any::<prop::sample::Index>().prop_map(Step::Remove);
    let come = prop::collection::vec(prop_oneof![9 => insert.clone(), 1 => remove.clone()], 0..600);
    let go = prop::collection::vec(prop_oneof![1 => insert, 4 => remove], 0..300);
    (come, go).prop_map(|(come, go)| [come, go].concat())
}

fn run(steps: &[Step], eps_m: f64, min_points: u32, origin: (f64, f64)) {
    run_looking(steps, eps_m, min_points, origin, 1);
}

fn run_looking(steps: &[Step], eps_m: f64, min_points: u32, origin: (f64, f64), every: usize) {
    let density = Density::new(eps_m, min_points);
    let mut followed = Followed { density, points: BTreeMap::new(), told: BTreeMap::new() };
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Insert { x, y, at } => {
                let point = LngLat::new(origin.0 + x * 0.002, origin.1 + y * 0.002).unwrap();
                let age = (Time::from_ms(*at), IncidentId(n as u64));
                followed.insert(age, Ecef::from(point));
            }
            Step::Remove(which) => {
                if !followed.points.is_empty() {
                    let ages: Vec<Age> = followed.points.keys().copied().collect();
                    followed.remove(*which.get(&ages));
                }
            }
        }
        if n % every == 0 {
            followed.check(eps_m, min_points as usize);
        }
    }
    while let Some((&age, _)) = followed.points.iter().next() {
        followed.remove(age);
    }
    followed.check(eps_m, min_points as usize);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn after_every_step_the_clusters_are_those_of_the_definition(
        steps in steps(14),
        eps_m in 150.0..900.0_f64,
        min_points in 1..7_u32,
    ) {
        run(&steps, eps_m, min_points, (120.9, 31.0));
    }

    #[test]
    fn heaps_that_grow_and_shrink_are_those_of_the_definition(
        steps in heaps(),
        eps_m in 150.0..450.0_f64,
        min_points in 1..90_u32,
    ) {
        run_looking(&steps, eps_m, min_points, (120.9, 31.0), 37);
    }

    #[test]
    fn chains_that_break_and_mend_are_followed(
        steps in steps(9),
        eps_m in 195.0..330.0_f64,
        min_points in 1..4_u32,
    ) {
        run(&steps, eps_m, min_points, (-71.1, 42.3));
    }
}
