//! Confidence intervals by leaving out one subject after another.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::error::Error;
use crate::interval::Interval;
use crate::resample::stream;
use crate::student::two_sided;

/// With fewer subjects than this, how they spread says nothing useful.
pub(crate) const FEWEST_SUBJECTS: usize = 10;
/// Replicates that differ by no more than this share of the figure differ by rounding.
const ROUNDING: f64 = 1e-12;

/// Settings of the jackknife over subjects.
///
/// Comparisons that share a subject are not independent, so intervals that take them for so are
/// far too narrow. Here the figure is computed again without each subject in turn, which takes
/// away every comparison that the subject is part of. From the `n` values `f(i)` comes the
/// standard error `s = sqrt((n - 1) / n * sum (f(i) - mean f)^2)`. A share `f` has the interval
/// `logistic(logit(f) ± t * s / (f * (1 - f)))`, where `t` is the quantile of Student's
/// distribution with `n - 1` degrees of freedom; any other figure has `f ± t * s`. `n` is then the
/// number of subjects with genuine comparisons, where the figure needs any.
///
/// J. W. Tukey, "Bias and confidence in not-quite large samples", Annals of Mathematical
/// Statistics 29, 1958; for figures of pairs, J. N. Arvesen, "Jackknifing U-statistics", ibid. 40,
/// 1969; the logit as in M. E. Schuckers, "Computational Methods in Biometric Authentication",
/// Springer 2010, section 3.
///
/// Percentiles of a bootstrap over subjects, which this replaces, put the true EER above the
/// interval far too often with few subjects. `examples/coverage.rs` shows both by simulation, and
/// `tests/it/coverage.rs` holds it to that. With fewer than 10 subjects, or fewer than 10 who have
/// genuine comparisons, there is no interval ([`Error::TooFewSubjects`]).
///
/// Where all values are equal, so are the ends of the interval: see [`Interval::is_degenerate`].
/// A share of 0 or 1 whose replicates differ has `f ± t * s`, cut at 0 and 1.
///
/// # Many subjects
/// Beyond [`most_groups`](Self::most_groups) subjects, so many groups of them, dealt at random, are
/// left out in turn.
///
/// # Folds
/// The comparisons of a cross-validation, [pooled](crate::LabelledScores::pooled), are treated like
/// any others: subjects are left out of all folds together, although none is compared across folds.
/// Intervals hold for the networks of these very folds. They do not cover what networks trained on
/// other subjects would have done.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Jackknife {
    /// How often such intervals are to hold the true value, in 0..1 exclusive.
    pub confidence: f64,
    /// Subjects up to which each is left out alone; groups that more of them are dealt into. At
    /// least 10.
    pub most_groups: usize,
    /// Seed of the dealing. The result depends on nothing else, in particular not on the number of
    /// threads, and up to `most_groups` subjects not on the seed either.
    pub seed: u64,
}

impl Default for Jackknife {
    /// 95 % confidence, at most 1000 groups, seed 0.
    fn default() -> Self {
        Self {
            confidence: 0.95,
            most_groups: 1000,
            seed: 0,
        }
    }
}

/// What values a figure can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Shares, in 0..=1.
    Share,
    /// Any.
    Plain,
}

impl Jackknife {
    /// The same settings with this confidence.
    #[must_use]
    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The same settings with at most so many groups.
    #[must_use]
    pub fn with_most_groups(mut self, most_groups: usize) -> Self {
        self.most_groups = most_groups;
        self
    }

    /// The same settings with this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses settings out of range and too few subjects.
    pub(crate) fn check(&self, subjects: usize) -> Result<(), Error> {
        let refused = |argument, expected, found| {
            Err(Error::Argument {
                argument,
                expected,
                found,
            })
        };
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return refused("confidence", "a value between 0 and 1", self.confidence);
        }
        if self.most_groups < FEWEST_SUBJECTS {
            let found = self.most_groups as f64;
            return refused("groups of subjects", "at least 10", found);
        }
        if subjects < FEWEST_SUBJECTS {
            return Err(Error::TooFewSubjects {
                found: subjects,
                needed: FEWEST_SUBJECTS,
            });
        }
        Ok(())
    }

    /// What comes of leaving out each group of that many subjects, in parallel, in the order of the
    /// groups. `of_rest` gets 1 for each subject that stays and 0 for those left out.
    pub(crate) fn replicate<T: Send, M: Default>(
        &self,
        subjects: usize,
        of_rest: impl Fn(&[u32], &mut M) -> T + Sync,
    ) -> Vec<T> {
        let groups = subjects.min(self.most_groups);
        let mut group_of: Vec<usize> = (0..subjects).map(|subject| subject % groups).collect();
        if groups < subjects {
            group_of.shuffle(&mut stream(self.seed, 0));
        }
        let group_of = &group_of;
        (0..groups)
            .into_par_iter()
            .map_init(
                || (vec![1_u32; subjects], M::default()),
                |(stays, memory), group| {
                    for (stays, &of) in stays.iter_mut().zip(group_of) {
                        *stays = u32::from(of != group);
                    }
                    of_rest(stays, memory)
                },
            )
            .collect()
    }

    /// Makes the interval of one figure from its values without each group. `carriers` subjects
    /// have the comparisons that the figure cannot do without, `subjects` were left out in turn.
    pub(crate) fn summarise(
        &self,
        figure: &'static str,
        scale: Scale,
        estimate: f64,
        [carriers, subjects]: [usize; 2],
        values: impl Iterator<Item = Option<f64>>,
    ) -> Result<Interval, Error> {
        let values: Vec<Option<f64>> = values.collect();
        let defined: Vec<f64> = values.iter().copied().flatten().collect();
        let (replicates, n) = (values.len(), defined.len() as f64);
        // A figure that one subject can take away rests on that subject alone.
        if defined.len() < replicates {
            return Err(Error::UnstableInterval {
                figure,
                undefined: replicates - defined.len(),
                replicates,
            });
        }
        let mean = defined.iter().sum::<f64>() / n;
        let squares: f64 = defined.iter().map(|value| (value - mean).powi(2)).sum();
        let error = ((n - 1.0) / n * squares).sqrt();
        let freedom = carriers.min(replicates) - 1;
        let reach = two_sided(self.confidence, freedom) * error;
        let (low, high) = match scale {
            _ if error <= ROUNDING * estimate.abs().max(1.0) => (estimate, estimate),
            Scale::Plain => (estimate - reach, estimate + reach),
            Scale::Share if estimate > 0.0 && estimate < 1.0 => {
                let logit = (estimate / (1.0 - estimate)).ln();
                let reach = reach / (estimate * (1.0 - estimate));
                let share = |logit: f64| 1.0 / (1.0 + (-logit).exp());
                (share(logit - reach), share(logit + reach))
            }
            Scale::Share => ((estimate - reach).max(0.0), (estimate + reach).min(1.0)),
        };
        Ok(Interval {
            estimate,
            low,
            high,
            confidence: self.confidence,
            subjects,
            standard_error: error,
            freedom,
        })
    }
}

/// The interval of a mean over outcomes that come in clusters, one for each
/// subject: whole clusters are left out. Outcomes are shares.
pub(crate) fn clustered_mean(
    figure: &'static str,
    outcomes: impl Iterator<Item = (u32, f64)>,
    jackknife: &Jackknife,
) -> Result<Interval, Error> {
    let mut clusters: BTreeMap<u32, (f64, u64)> = BTreeMap::new();
    for (subject, value) in outcomes {
        let cluster = clusters.entry(subject).or_default();
        cluster.0 += value;
        cluster.1 += 1;
    }
    let clusters: Vec<(f64, u64)> = clusters.into_values().collect();
    let subjects = clusters.len();
    jackknife.check(subjects)?;
    let mean = |stays: &[u32]| {
        let (mut sum, mut count) = (0.0, 0);
        for (cluster, &stays) in clusters.iter().zip(stays) {
            sum += f64::from(stays) * cluster.0;
            count += u64::from(stays) * cluster.1;
        }
        sum / count as f64
    };
    let values = jackknife.replicate(subjects, |stays, (): &mut ()| Some(mean(stays)));
    let estimate = mean(&vec![1; subjects]);
    let all = [subjects; 2];
    jackknife.summarise(figure, Scale::Share, estimate, all, values.into_iter())
}
