//! What share of comparisons is genuine, and what that does to a probability.

use crate::{Error, PairKind, Scores};

/// The share of genuine comparisons, strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prior(f64);

impl Prior {
    pub(crate) fn new(genuine_share: f64) -> Result<Self, Error> {
        if genuine_share > 0.0 && genuine_share < 1.0 {
            return Ok(Self(genuine_share));
        }
        Err(Error::Argument {
            argument: "share of genuine comparisons",
            expected: "a value between 0 and 1, both excluded",
            found: genuine_share,
        })
    }

    pub(crate) fn of(figure: &'static str, scores: &Scores) -> Result<Self, Error> {
        scores.need(figure, PairKind::Genuine)?;
        scores.need(figure, PairKind::Impostor)?;
        let genuine = scores.count(PairKind::Genuine) as f64;
        Ok(Self(
            genuine / (genuine + scores.count(PairKind::Impostor) as f64),
        ))
    }

    pub(crate) fn share(self) -> f64 {
        self.0
    }

    pub(crate) fn log_odds(self) -> f64 {
        (self.0 / (1.0 - self.0)).ln()
    }

    /// A probability under this prior, restated for another: by Bayes' rule
    /// the odds change by the ratio of the prior odds. 0 and 1 stay.
    pub(crate) fn restate(self, probability: f64, other: Self) -> f64 {
        let genuine = probability * other.0 * (1.0 - self.0);
        let impostor = (1.0 - probability) * (1.0 - other.0) * self.0;
        genuine / (genuine + impostor)
    }
}

/// A score that a probability is asked for.
pub(crate) fn check_score(score: f64) -> Result<(), Error> {
    if score.is_nan() {
        return Err(Error::Argument {
            argument: "score",
            expected: "a number",
            found: score,
        });
    }
    Ok(())
}
