//! The cost of log-likelihood ratios.

use crate::direction::PairKind;
use crate::error::Error;
use crate::isotonic::pools;
use crate::scores::Scores;

impl Scores {
    /// Cllr, the cost of log-likelihood ratios in bits: how much is lost by who takes decisions, at any costs and any
    /// share of genuine comparisons, by these likelihood ratios.
    ///
    /// `ratio` gives the natural logarithm of the likelihood ratio for *genuine* that a score stands for, as
    /// [`LogisticMap::log_likelihood_ratio`](crate::LogisticMap::log_likelihood_ratio) does; of scores that are such
    /// ratios themselves it is `Ok`. Infinite ratios are taken
    /// at their word: one that is wrong costs infinitely much. 0 is perfect, and 1 is what the ratio 1 for every score
    /// costs. [`Self::min_cllr`] is the part that no calibration can take away.
    ///
    /// `(mean over genuine of log2(1 + 1/LR) + mean over impostor of log2(1 + LR)) / 2`: N. Brümmer and J. du Preez,
    /// "Application-independent evaluation of speaker detection", Computer Speech and Language 20, 2006.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores, [`Error::Argument`] for a ratio that is NaN, and those of `ratio`.
    pub fn cllr(&self, ratio: impl Fn(f64) -> Result<f64, Error>) -> Result<f64, Error> {
        self.need_both("Cllr")?;
        let mean = |kind: PairKind, sign: f64| -> Result<f64, Error> {
            let mut sum = 0.0;
            for score in self.of_kind(kind) {
                let found = ratio(f64::from(score))?;
                if found.is_nan() {
                    return Err(Error::Argument {
                        argument: "log-likelihood ratio",
                        expected: "a number for each score",
                        found,
                    });
                }
                sum += bits(sign * found);
            }
            Ok(sum / self.count(kind) as f64)
        };
        Ok(f64::midpoint(
            mean(PairKind::Genuine, -1.0)?,
            mean(PairKind::Impostor, 1.0)?,
        ))
    }

    /// The least Cllr that any monotone calibration of these scores reaches, in bits: 0 if the classes are apart, and at
    /// most 1. It is a figure of separation, like the AUC, and optimistic for new scores: it was fitted to these.
    ///
    /// The best ratios come from pooling adjacent violators: N. Brümmer and J. du Preez, 2006 (see [`Self::cllr`]).
    ///
    /// ```
    /// use verification_figures::{Direction, Scores};
    ///
    /// let scores = Scores::new(Direction::Distance, vec![0.1, 0.2], vec![0.2, 0.4])?;
    /// // Half of each class lies in one pool, whose ratio is 1 and costs one bit.
    /// assert_eq!(scores.min_cllr()?, 0.5);
    /// # Ok::<(), verification_figures::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn min_cllr(&self) -> Result<f64, Error> {
        let total = self.need_both("minimal Cllr")?;
        let cost = |(genuine, impostor): (u64, u64)| {
            let share = [
                genuine as f64 / total.genuine as f64,
                impostor as f64 / total.impostor as f64,
            ];
            let ratio = (share[0] / share[1]).ln();
            // A pool of one kind costs nothing.
            if genuine == 0 || impostor == 0 {
                0.0
            } else {
                share[0] * bits(-ratio) + share[1] * bits(ratio)
            }
        };
        let pools = pools(self.steps());
        Ok(pools.iter().map(|pool| cost(pool.counts())).sum::<f64>() / 2.0)
    }
}

/// `log2(1 + exp(x))`, without overflow.
fn bits(x: f64) -> f64 {
    (x.max(0.0) + (-x.abs()).exp().ln_1p()) / std::f64::consts::LN_2
}
