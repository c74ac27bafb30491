//! Score histograms of both classes over common bins.

use crate::{Error, PairKind, Scores};

/// Counts of genuine and impostor scores in equally wide bins.
///
/// Bin `k` holds scores in `edges[k]..edges[k + 1]`; the last bin also holds
/// its upper edge.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Histogram {
    /// Ascending bin edges in score units, one more than there are bins.
    pub edges: Vec<f64>,
    /// Genuine scores in each bin.
    pub genuine: Vec<u64>,
    /// Impostor scores in each bin.
    pub impostor: Vec<u64>,
}

impl Scores {
    /// Counts both classes in equally wide bins from the smallest to the
    /// largest score. If all scores are equal, the range is half a unit to
    /// both sides of them, as in NumPy.
    ///
    /// # Errors
    /// [`Error::Argument`] if `bins` is 0.
    pub fn histogram(&self, bins: usize) -> Result<Histogram, Error> {
        if bins == 0 {
            return Err(Error::Argument {
                argument: "bins",
                expected: "at least 1",
                found: 0.0,
            });
        }
        let ends = [self.genuine_keys(), self.impostor_keys()]
            .into_iter()
            .flat_map(|keys| keys.first().into_iter().chain(keys.last()))
            .map(|&key| self.direction().score_of(f64::from(key)));
        let low = ends.clone().fold(f64::INFINITY, f64::min);
        let high = ends.fold(f64::NEG_INFINITY, f64::max);
        let edges = edges(low, high, bins);
        let count = |kind| {
            let mut counts = vec![0_u64; bins];
            for score in self.of_kind(kind) {
                let above = edges.partition_point(|&edge| edge <= f64::from(score));
                counts[above.saturating_sub(1).min(bins - 1)] += 1;
            }
            counts
        };
        let (genuine, impostor) = (count(PairKind::Genuine), count(PairKind::Impostor));
        Ok(Histogram {
            edges,
            genuine,
            impostor,
        })
    }
}

fn edges(low: f64, high: f64, bins: usize) -> Vec<f64> {
    let (low, high) = if low < high {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    };
    let at = |k| {
        let share = k as f64 / bins as f64;
        low * (1.0 - share) + high * share
    };
    (0..=bins).map(at).collect()
}
