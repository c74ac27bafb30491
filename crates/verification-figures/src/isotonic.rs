//! Score to probability by isotonic regression.

use crate::prior::{Prior, check_score};
use crate::steps::Step;
use crate::{Direction, Error, Scores};

/// The probability of *genuine* as the best-fitting monotone function of the
/// score: pool adjacent violators, then straight lines between the pools.
///
/// It assumes only that more alike scores mean more alike samples, and it needs
/// many comparisons (a thousand of each kind, say). With fewer,
/// [`LogisticMap`](crate::LogisticMap) is steadier. Fit it on other subjects
/// than those it is judged on. Outside the scores seen it stays constant.
///
/// B. Zadrozny and C. Elkan, "Transforming classifier scores into accurate
/// multiclass probability estimates", KDD 2002. Between the pools it
/// interpolates as scikit-learn does.
///
/// ```
/// use verification_figures::{Direction, IsotonicMap, Scores};
///
/// let scores = Scores::new(Direction::Distance, vec![0.1, 0.2, 0.5], vec![0.4, 0.8, 0.9])?;
/// let map = IsotonicMap::fit(&scores)?;
/// assert_eq!(map.probability(0.15)?, 1.0);
/// assert_eq!(map.probability(0.45)?, 0.5);
/// # Ok::<(), verification_figures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Stored", into = "Stored")
)]
pub struct IsotonicMap {
    direction: Direction,
    /// What the knots' probabilities are at.
    fitted: Prior,
    /// What probabilities are stated for.
    stated: Prior,
    /// By ascending distance, with falling probabilities.
    knots: Vec<Knot>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Knot {
    key: f64,
    probability: f64,
}

/// Neighbouring scores with one probability.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pool {
    first: f64,
    last: f64,
    genuine: u64,
    all: u64,
}

impl Pool {
    fn probability(&self) -> f64 {
        self.genuine as f64 / self.all as f64
    }

    /// Genuine and impostor comparisons.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.genuine, self.all - self.genuine)
    }

    /// Whether the other pool, of less alike scores, has at least the
    /// probability of this one, compared without rounding.
    fn is_violated_by(&self, other: &Self) -> bool {
        u128::from(other.genuine) * u128::from(self.all)
            >= u128::from(self.genuine) * u128::from(other.all)
    }
}

/// Pools adjacent violators: the most alike first, with falling probabilities.
pub(crate) fn pools(steps: impl Iterator<Item = Step>) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for step in steps {
        let key = f64::from(step.key);
        let mut pool = Pool {
            first: key,
            last: key,
            genuine: step.genuine,
            all: step.genuine + step.impostor,
        };
        while let Some(before) = pools.pop_if(|before| before.is_violated_by(&pool)) {
            pool.first = before.first;
            pool.genuine += before.genuine;
            pool.all += before.all;
        }
        pools.push(pool);
    }
    pools
}

impl IsotonicMap {
    /// Fits the map to scores; equal scores are one observation of their mix.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn fit(scores: &Scores) -> Result<Self, Error> {
        let prior = Prior::of("isotonic map", scores)?;
        let mut knots = Vec::new();
        for pool in pools(scores.steps()) {
            let probability = pool.probability();
            knots.push(Knot {
                key: pool.first,
                probability,
            });
            if pool.last > pool.first {
                knots.push(Knot {
                    key: pool.last,
                    probability,
                });
            }
        }
        Ok(Self {
            direction: scores.direction(),
            fitted: prior,
            stated: prior,
            knots,
        })
    }

    /// The probability that a comparison with this score is genuine, at the
    /// share of genuine comparisons in the data of the fit, or as set by
    /// [`Self::with_genuine_share`].
    ///
    /// # Errors
    /// [`Error::Argument`] if the score is NaN.
    pub fn probability(&self, score: f64) -> Result<f64, Error> {
        check_score(score)?;
        Ok(self
            .fitted
            .restate(self.fitted_probability(score), self.stated))
    }

    /// The natural logarithm of the likelihood ratio for *genuine* that this score stands for: what it adds to the
    /// log-odds, whatever share of the comparisons is genuine. Infinite where the data of the fit have one kind only.
    ///
    /// # Errors
    /// [`Error::Argument`] if the score is NaN.
    pub fn log_likelihood_ratio(&self, score: f64) -> Result<f64, Error> {
        check_score(score)?;
        let probability = self.fitted_probability(score);
        Ok((probability / (1.0 - probability)).ln() - self.fitted.log_odds())
    }

    /// The probability at the share of the fit.
    fn fitted_probability(&self, score: f64) -> f64 {
        let key = self.direction.score_of(score);
        let above = self.knots.partition_point(|knot| knot.key <= key);
        match (
            above.checked_sub(1).map(|k| self.knots[k]),
            self.knots.get(above),
        ) {
            (Some(low), Some(high)) => {
                let weight = (key - low.key) / (high.key - low.key);
                low.probability + weight * (high.probability - low.probability)
            }
            (Some(end), None) => end.probability,
            (None, Some(end)) => end.probability,
            (None, None) => self.fitted.share(),
        }
    }

    /// The same map for a place where another share of the comparisons is
    /// genuine. By Bayes' rule the odds of every score change by one factor, between the pools too; pools of one kind
    /// only keep their probability of 0 or 1.
    ///
    /// # Errors
    /// [`Error::Argument`] unless the share is strictly between 0 and 1.
    pub fn with_genuine_share(mut self, share: f64) -> Result<Self, Error> {
        self.stated = Prior::new(share)?;
        Ok(self)
    }

    /// The share of genuine comparisons that probabilities are stated for.
    #[must_use]
    pub fn genuine_share(&self) -> f64 {
        self.stated.share()
    }

    /// The share of genuine comparisons in the data of the fit, at which the probabilities of [`Self::knots`] are.
    #[must_use]
    pub fn fitted_share(&self) -> f64 {
        self.fitted.share()
    }

    /// The corners of the map as `(score, probability)`, the most alike score
    /// first, to store, at the share of the fit. Between them it is straight; at another
    /// share it is curved there.
    pub fn knots(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + '_ {
        let score = |knot: &Knot| (self.direction.score_of(knot.key), knot.probability);
        self.knots.iter().map(score)
    }

    /// Rebuilds a map from [`Self::knots`] and [`Self::fitted_share`].
    ///
    /// # Errors
    /// [`Error::Empty`] without knots, and [`Error::Argument`] for a share out
    /// of range, a score that is not finite or not less alike than the one
    /// before, or a probability outside `0..=1` or above the one before.
    pub fn from_knots(
        direction: Direction,
        fitted_share: f64,
        knots: impl IntoIterator<Item = (f64, f64)>,
    ) -> Result<Self, Error> {
        let prior = Prior::new(fitted_share)?;
        let mut checked: Vec<Knot> = Vec::new();
        for (score, probability) in knots {
            let key = direction.score_of(score);
            let (lowest, highest) = checked.last().map_or((f64::NEG_INFINITY, 1.0), |last| {
                (last.key, last.probability)
            });
            if !(key.is_finite() && key > lowest) {
                return Err(Error::Argument {
                    argument: "score of a knot",
                    expected: "a finite score, less alike than the one before",
                    found: score,
                });
            }
            if !(0.0..=highest).contains(&probability) {
                return Err(Error::Argument {
                    argument: "probability of a knot",
                    expected: "a value in 0..=1, not above the one before",
                    found: probability,
                });
            }
            checked.push(Knot { key, probability });
        }
        if checked.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self {
            direction,
            fitted: prior,
            stated: prior,
            knots: checked,
        })
    }
}

/// A map as it is stored, before it is checked: its knots as `[score, probability]`.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "IsotonicMap")]
struct Stored {
    direction: Direction,
    genuine_share: f64,
    /// Absent where it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fitted_share: Option<f64>,
    knots: Vec<(f64, f64)>,
}

#[cfg(feature = "serde")]
impl From<IsotonicMap> for Stored {
    fn from(map: IsotonicMap) -> Self {
        Self {
            direction: map.direction,
            genuine_share: map.genuine_share(),
            fitted_share: (map.fitted != map.stated).then(|| map.fitted_share()),
            knots: map.knots().collect(),
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for IsotonicMap {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let fitted = stored.fitted_share.unwrap_or(stored.genuine_share);
        Self::from_knots(stored.direction, fitted, stored.knots)?
            .with_genuine_share(stored.genuine_share)
    }
}
