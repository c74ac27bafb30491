//! Score to probability by logistic regression.

use crate::prior::{Prior, check_score};
use crate::steps::Step;
use crate::{Error, PairKind, Scores};

const MOST_ITERATIONS: usize = 100;
/// A gradient below this, for each comparison, counts as zero.
const FLAT: f64 = 1e-12;
/// A step is halved at most this often in search of a decrease.
const MOST_HALVINGS: i32 = 60;

/// The probability of *genuine* as a logistic function of the score,
/// `1 / (1 + exp(-(slope * score + intercept)))`.
///
/// The maximum likelihood fit to the targets `(n + 1) / (n + 2)` for the `n`
/// genuine and `1 / (m + 2)` for the `m` impostor comparisons, which keeps it
/// finite when the classes do not overlap. Fit it on other subjects than
/// those it is judged on.
///
/// J. Platt, "Probabilistic outputs for support vector machines", 1999, with
/// the Newton method of H.-T. Lin, C.-J. Lin and R. C. Weng, "A note on
/// Platt's probabilistic outputs for support vector machines", Machine
/// Learning 68, 2007; their slope and intercept have the opposite sign.
///
/// ```
/// use verification_figures::{Direction, LogisticMap, Scores};
///
/// let scores = Scores::new(Direction::Distance, vec![0.1, 0.2, 0.5], vec![0.4, 0.8, 0.9])?;
/// let map = LogisticMap::fit(&scores)?;
/// assert!(map.slope < 0.0);
/// assert!(map.probability(0.1)? > 0.6 && map.probability(0.9)? < 0.4);
/// # Ok::<(), verification_figures::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LogisticMap {
    /// Change of the log-odds with the score. Negative for distances and
    /// positive for similarities, unless the scores are reversed.
    pub slope: f64,
    /// Log-odds at a score of 0.
    pub intercept: f64,
    /// The share of genuine comparisons that probabilities are stated for.
    pub genuine_share: f64,
}

impl LogisticMap {
    /// Fits the map to scores.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores, [`Error::Undefined`] if
    /// all scores are equal or the fit does not converge.
    pub fn fit(scores: &Scores) -> Result<Self, Error> {
        const FIGURE: &str = "logistic map";
        let prior = Prior::of(FIGURE, scores)?;
        let genuine = scores.count(PairKind::Genuine) as f64;
        let impostor = scores.count(PairKind::Impostor) as f64;
        let scale = Standard::of(scores.steps(), genuine + impostor).ok_or(Error::Undefined {
            figure: FIGURE,
            reason: "all scores are equal",
        })?;
        let problem = Problem {
            steps: scores.steps().collect(),
            scale,
            genuine_target: (genuine + 1.0) / (genuine + 2.0),
            impostor_target: 1.0 / (impostor + 2.0),
        };
        // Start without any slope, at the log-odds of the smoothed classes.
        let start = Line {
            slope: 0.0,
            intercept: ((genuine + 1.0) / (impostor + 1.0)).ln(),
        };
        let line = problem.minimise(start).ok_or(Error::Undefined {
            figure: FIGURE,
            reason: "the fit does not converge",
        })?;
        let slope = line.slope / scale.deviation;
        Ok(Self {
            // A key is a score or its negative, and so is its slope.
            slope: scores.direction().score_of(slope),
            intercept: line.intercept - slope * scale.mean,
            genuine_share: prior.share(),
        })
    }

    /// The probability that a comparison with this score is genuine.
    ///
    /// # Errors
    /// [`Error::Argument`] if the score is NaN.
    pub fn probability(&self, score: f64) -> Result<f64, Error> {
        check_score(score)?;
        Ok(sigmoid(self.slope * score + self.intercept))
    }

    /// The natural logarithm of the likelihood ratio for *genuine* that this score stands for: what it adds to the
    /// log-odds, whatever share of the comparisons is genuine.
    ///
    /// # Errors
    /// [`Error::Argument`] if the score is NaN, or the share is not strictly between 0 and 1.
    pub fn log_likelihood_ratio(&self, score: f64) -> Result<f64, Error> {
        check_score(score)?;
        Ok(self.slope * score + self.intercept - Prior::new(self.genuine_share)?.log_odds())
    }

    /// The same map for a place where another share of the comparisons is
    /// genuine.
    ///
    /// # Errors
    /// [`Error::Argument`] unless both shares are strictly between 0 and 1.
    pub fn with_genuine_share(mut self, share: f64) -> Result<Self, Error> {
        let (from, to) = (Prior::new(self.genuine_share)?, Prior::new(share)?);
        self.intercept += to.log_odds() - from.log_odds();
        self.genuine_share = share;
        Ok(self)
    }
}

/// Mean and deviation of all keys; Newton's method wants them near 0 and 1.
#[derive(Debug, Clone, Copy)]
struct Standard {
    mean: f64,
    deviation: f64,
}

impl Standard {
    /// `None` without spread.
    fn of(steps: impl Iterator<Item = Step> + Clone, count: f64) -> Option<Self> {
        let weighted = |term: &dyn Fn(f64) -> f64| -> f64 {
            let all = |step: &Step| (step.genuine + step.impostor) as f64;
            let sum: f64 = steps
                .clone()
                .map(|s| all(&s) * term(f64::from(s.key)))
                .sum();
            sum / count
        };
        let mean = weighted(&|key| key);
        let deviation = weighted(&|key| (key - mean).powi(2)).sqrt();
        (deviation > 0.0).then_some(Self { mean, deviation })
    }
}

#[derive(Debug, Clone, Copy)]
struct Line {
    slope: f64,
    intercept: f64,
}

/// Cross-entropy against the smoothed targets, and its derivatives.
struct Problem {
    steps: Vec<Step>,
    scale: Standard,
    genuine_target: f64,
    impostor_target: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Derivatives {
    slope: f64,
    intercept: f64,
    slope_slope: f64,
    slope_intercept: f64,
    intercept_intercept: f64,
}

impl Derivatives {
    /// The larger component of the gradient.
    fn size(&self) -> f64 {
        self.slope.abs().max(self.intercept.abs())
    }
}

impl Problem {
    /// Standardised key, number of comparisons and sum of their targets.
    fn terms(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.steps.iter().map(|step| {
            let key = (f64::from(step.key) - self.scale.mean) / self.scale.deviation;
            let (genuine, impostor) = (step.genuine as f64, step.impostor as f64);
            let target = genuine * self.genuine_target + impostor * self.impostor_target;
            (key, genuine + impostor, target)
        })
    }

    fn loss(&self, line: Line) -> f64 {
        let term = |(key, count, target): (f64, f64, f64)| {
            let z = line.slope * key + line.intercept;
            // ln(1 + exp z), without overflow.
            count * (z.max(0.0) + (-z.abs()).exp().ln_1p()) - target * z
        };
        self.terms().map(term).sum()
    }

    fn derivatives(&self, line: Line) -> Derivatives {
        let mut sums = Derivatives::default();
        for (key, count, target) in self.terms() {
            let p = sigmoid(line.slope * key + line.intercept);
            let (error, curvature) = (count * p - target, count * p * (1.0 - p));
            sums.slope += error * key;
            sums.intercept += error;
            sums.slope_slope += curvature * key * key;
            sums.slope_intercept += curvature * key;
            sums.intercept_intercept += curvature;
        }
        sums
    }

    /// Newton's method with halved steps; the loss is convex. `None` if it
    /// does not converge.
    fn minimise(&self, start: Line) -> Option<Line> {
        let comparisons: f64 = self.terms().map(|(_, count, _)| count).sum();
        let mut line = start;
        let mut loss = self.loss(line);
        for _ in 0..MOST_ITERATIONS {
            let d = self.derivatives(line);
            if d.size() <= FLAT * comparisons {
                return Some(line);
            }
            // Keeps the determinant positive where the curvature vanishes.
            let ridge = FLAT * comparisons;
            let (a, c) = (d.slope_slope + ridge, d.intercept_intercept + ridge);
            let determinant = a * c - d.slope_intercept * d.slope_intercept;
            let slope_step = (d.slope_intercept * d.intercept - c * d.slope) / determinant;
            let intercept_step = (d.slope_intercept * d.slope - a * d.intercept) / determinant;
            let moved = |share: f64| Line {
                slope: line.slope + share * slope_step,
                intercept: line.intercept + share * intercept_step,
            };
            let better = (0..MOST_HALVINGS).find_map(|halvings| {
                let tried = moved(0.5_f64.powi(halvings));
                let tried_loss = self.loss(tried);
                (tried_loss < loss).then_some((tried, tried_loss))
            });
            match better {
                Some(found) => (line, loss) = found,
                // The loss is flat to rounding long before the gradient is:
                // one more full step doubles the digits.
                None => {
                    let polished = moved(1.0);
                    let smaller = self.derivatives(polished).size() < d.size();
                    return Some(if smaller { polished } else { line });
                }
            }
        }
        None
    }
}

fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        z.exp() / (1.0 + z.exp())
    }
}
