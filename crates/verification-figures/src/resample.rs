//! Drawing with replacement, and what the replicates say.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random stream of one replicate. Streams do not depend on each other,
/// so neither does the result on the number of threads.
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// Draws as many things as there are, with replacement; `multiplicity[k]`
/// becomes how often thing `k` was drawn.
pub(crate) fn draw(multiplicity: &mut [u32], seed: u64, replicate: u64) {
    let mut rng = stream(seed, replicate);
    multiplicity.fill(0);
    for _ in 0..multiplicity.len() {
        let subject = rng.random_range(0..multiplicity.len() as u64) as usize;
        multiplicity[subject] += 1;
    }
}

/// The central interval that holds `confidence` of the values, which must
/// not be empty. Between two order statistics it is interpolated linearly
/// (Hyndman and Fan's definition 7, the default of NumPy and R).
pub(crate) fn central_interval(mut values: Vec<f64>, confidence: f64) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    (quantile(&values, tail), quantile(&values, 1.0 - tail))
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = share * last as f64;
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (sorted[below], sorted[above]);
    low + (high - low) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `np.quantile([1, 2, 4, 8, 16], [0.05, 0.95])`
    #[test]
    fn quantiles_equal_numpy() {
        let (low, high) = central_interval(vec![16.0, 2.0, 1.0, 8.0, 4.0], 0.9);
        assert!((low - 1.2).abs() < 1e-12 && (high - 14.4).abs() < 1e-12);
    }

    #[test]
    fn each_replicate_draws_as_many_subjects_as_there_are() {
        let mut multiplicity = vec![0; 17];
        draw(&mut multiplicity, 5, 1);
        let first = multiplicity.clone();
        assert_eq!(first.iter().sum::<u32>(), 17);
        draw(&mut multiplicity, 5, 2);
        assert_ne!(first, multiplicity);
        draw(&mut multiplicity, 5, 1);
        assert_eq!(first, multiplicity);
    }
}
