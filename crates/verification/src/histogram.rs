//! Score histograms of both classes over common bins.

/// Counts of genuine and impostor scores in equally wide bins.
///
/// Bin `k` holds scores in `edges[k]..edges[k + 1]`; the last bin also holds
/// its upper edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Ascending bin edges in score units, one more than there are bins.
    pub edges: Vec<f64>,
    /// Genuine scores in each bin.
    pub genuine: Vec<u64>,
    /// Impostor scores in each bin.
    pub impostor: Vec<u64>,
}

impl Histogram {
    /// Spans the finite range `low..=high` with bins; a range of no width is
    /// widened by half a unit on both sides.
    pub(crate) fn spanning(low: f64, high: f64, bins: usize) -> Self {
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        };
        let edges = (0..=bins)
            .map(|k| {
                let share = k as f64 / bins as f64;
                low * (1.0 - share) + high * share
            })
            .collect();
        Self {
            edges,
            genuine: vec![0; bins],
            impostor: vec![0; bins],
        }
    }

    /// The bin of a score within the range.
    pub(crate) fn bin_of(&self, score: f64) -> usize {
        let above = self.edges.partition_point(|&edge| edge <= score);
        above.saturating_sub(1).min(self.genuine.len() - 1)
    }
}
