//! How far to shrink a scatter matrix estimated from few images.

use nalgebra::DMatrix;

/// The least shrinkage. It makes any scatter except zero invertible.
const LEAST: f64 = 1e-6;

/// The scatter `X X^T / n` of deviations `[p, n]` from their means, shrunk towards a multiple of
/// the identity: `(1 - share) S + share mu I`, where S is the scatter and mu its mean eigenvalue.
///
/// The share is the one that minimises the expected squared error, estimated from the deviations
/// themselves: with norms `|A|^2 = tr(A A^T) / p`, `d^2 = |S - mu I|^2`, `b^2 = min(d^2, sum_k |x_k x_k^T - S|^2 / n^2)`, share = `b^2 / d^2`
/// (O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance
/// matrices", Journal of Multivariate Analysis 88, 2004), and at least a millionth. The paper takes
/// the mean as known; here deviations are from the mean of a subject, as is usual.
pub(crate) fn ledoit_wolf(deviations: &DMatrix<f64>) -> DMatrix<f64> {
    let (p, n) = (deviations.nrows() as f64, deviations.ncols() as f64);
    let mut scatter = deviations * deviations.transpose() / n;
    let mean = scatter.trace() / p;
    let squares = scatter.norm_squared();
    let fourth_powers: f64 = deviations
        .column_iter()
        .map(|deviation| deviation.norm_squared().powi(2))
        .sum();

    let spread = squares - p * mean * mean;
    let error = (fourth_powers / n - squares) / n;
    let share = if error < spread { error / spread } else { 1.0 };
    let share = share.max(LEAST);

    scatter *= 1.0 - share;
    for place in 0..scatter.nrows() {
        scatter[(place, place)] += share * mean;
    }
    scatter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```python
    /// r, q = np.ogrid[:9, :4]
    /// d = ((r * r * 7 + q * q * 5 + r * q * 11 + r) % 23).astype(float)
    /// sklearn.covariance.ledoit_wolf(d - d.mean(0), assume_centered=True)
    /// ```
    #[test]
    fn equals_scikit_learn() {
        let values = DMatrix::from_fn(4, 9, |q, r| {
            ((r * r * 7 + q * q * 5 + r * q * 11 + r) % 23) as f64
        });
        let means = DMatrix::from_columns(&vec![values.column_mean(); 9]);
        let shrunk = ledoit_wolf(&(values - means));
        let expected = [
            51.65513509,
            11.37822184,
            -9.30094779,
            -9.75008812,
            11.37822184,
            41.41224021,
            -0.89204261,
            -15.9943864,
            -9.30094779,
            -0.89204261,
            43.47080009,
            8.32157233,
            -9.75008812,
            -15.9943864,
            8.32157233,
            53.23960239,
        ];
        let difference = shrunk - DMatrix::from_row_slice(4, 4, &expected);
        assert!(difference.amax() < 1e-7, "{difference}");
    }

    #[test]
    fn a_scatter_that_needs_none_stays_invertible() {
        // Both deviations have the same outer product, so the estimated error of the scatter is 0.
        let shrunk = ledoit_wolf(&DMatrix::from_row_slice(2, 2, &[3.0, -3.0, 4.0, -4.0]));
        assert!(shrunk.determinant() > 0.0);
        assert!((shrunk[(0, 1)] - 12.0).abs() < 1e-3);
    }
}
