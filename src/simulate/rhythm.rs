//! When incidents occur: a Poisson process whose rate follows the hour.

use rand::{Rng, RngExt};

/// The moments within one hour, as shares of it from 0 to below 1, rising, of a
/// Poisson process of `mean` events an hour.
pub fn moments<R: Rng>(mean: f64, rng: &mut R) -> Vec<f64> {
    let mut found = Vec::new();
    if mean <= 0.0 {
        return found;
    }
    let mut at = 0.0;
    loop {
        let chance: f64 = rng.random();
        at -= (1.0 - chance).ln() / mean;
        if at >= 1.0 {
            return found;
        }
        found.push(at);
    }
}

/// Draws an index by weight; none if every weight is zero.
pub fn choose<R: Rng>(weights: &[f64], rng: &mut R) -> Option<usize> {
    let all: f64 = weights.iter().sum();
    if all <= 0.0 {
        return None;
    }
    let mut left = rng.random_range(0.0..all);
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight {
            return Some(index);
        }
        left -= weight;
    }
    weights.iter().rposition(|&weight| weight > 0.0)
}

/// A point of the plane drawn round the origin with the standard deviation
/// `sigma` in each direction (Box and Muller 1958).
pub fn scatter<R: Rng>(sigma: f64, rng: &mut R) -> [f64; 2] {
    let chance: f64 = rng.random();
    let away = sigma * (-2.0 * (1.0 - chance).ln()).sqrt();
    let bearing = rng.random_range(0.0..std::f64::consts::TAU);
    [away * bearing.cos(), away * bearing.sin()]
}

/// A seed for one thing of a run: equal runs draw equally for it, whatever was
/// drawn before (the finisher of splitmix64, Steele et al. 2014).
#[must_use]
pub const fn seed(run: u64, kind: u64, number: u64) -> u64 {
    let mut z = run
        .wrapping_add(kind.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(number.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn the_mean_is_kept_and_the_moments_rise() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut all = 0;
        for _ in 0..2000 {
            let moments = moments(12.0, &mut rng);
            assert!(moments.is_sorted());
            all += moments.len();
        }
        assert!((23_400..24_600).contains(&all), "{all}");
        assert_eq!(moments(0.0, &mut rng), Vec::<f64>::new());
    }

    #[test]
    fn a_weight_of_zero_is_never_drawn() {
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        let mut drawn = [0; 3];
        for _ in 0..3000 {
            drawn[choose(&[1.0, 0.0, 2.0], &mut rng).unwrap()] += 1;
        }
        assert_eq!(drawn[1], 0);
        assert!((850..1150).contains(&drawn[0]), "{drawn:?}");
        assert_eq!(choose(&[0.0], &mut rng), None);
    }

    #[test]
    fn seeds_of_neighbours_differ() {
        assert_ne!(seed(1, 2, 3), seed(1, 2, 4));
        assert_ne!(seed(1, 2, 3), seed(1, 3, 2));
        assert_eq!(seed(1, 2, 3), seed(1, 2, 3));
    }
}
