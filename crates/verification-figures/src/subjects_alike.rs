//! Figures in which every subject counts alike, however many of its samples were compared.

use crate::steps::{self, Counts, Step};
use crate::target::check_target;
use crate::{Direction, Error, LabelledScores, PairKind};

/// A genuine comparison of a subject with `n` of them weighs `WHOLE / n`, rounded: off by less than `n` in four thousand
/// million.
const WHOLE: u64 = 1 << 32;

/// Error rates in which the genuine comparisons of each subject together weigh as much as those of
/// any other. Impostor comparisons weigh alike.
///
/// Where a few subjects have most images, plain rates are mostly theirs:
/// [`LabelledScores::effective_subjects`] says how much. These rates are those of a subject drawn
/// at random.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectsAlike {
    direction: Direction,
    steps: Vec<Step>,
    total: Counts,
}

impl LabelledScores {
    /// How many genuine comparisons each subject has, those without any left out.
    fn genuine_of_each(&self) -> Vec<u64> {
        let mut counts = vec![0_u64; self.subjects().len()];
        for entry in self.entries() {
            let [a, _] = entry.places();
            counts[a] += u64::from(entry.is_genuine());
        }
        counts
    }

    /// How many subjects have genuine comparisons.
    #[must_use]
    pub fn genuine_subjects(&self) -> usize {
        let counts = self.genuine_of_each();
        counts.iter().filter(|count| **count > 0).count()
    }

    /// The effective number of subjects, `(sum w)^2 / sum w^2`, where `w` is a subject's share of
    /// the genuine comparisons: the number of subjects where all have as many, and close to 1 where
    /// one has nearly all.
    ///
    /// L. Kish, "Survey Sampling", Wiley 1965, section 11.7.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine comparisons.
    pub fn effective_subjects(&self) -> Result<f64, Error> {
        let counts = self.genuine_of_each();
        let sum: u64 = counts.iter().sum();
        if sum == 0 {
            return Err(Error::Missing {
                figure: "effective number of subjects",
                kind: PairKind::Genuine,
            });
        }
        let squares: f64 = counts.iter().map(|&count| (count as f64).powi(2)).sum();
        Ok((sum as f64).powi(2) / squares)
    }

    /// Error rates in which every subject counts alike.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no comparisons.
    pub fn subjects_alike(&self) -> Result<SubjectsAlike, Error> {
        let counts = self.genuine_of_each();
        let mut total = Counts::default();
        let mut steps: Vec<Step> = Vec::with_capacity(self.len());
        for entry in self.entries() {
            let [a, _] = entry.places();
            let [genuine, impostor] = if entry.is_genuine() {
                let count = counts[a];
                [(WHOLE + count / 2) / count, 0]
            } else {
                [0, 1]
            };
            let step = Step {
                key: entry.key,
                genuine,
                impostor,
            };
            total.add(&step);
            match steps.last_mut() {
                Some(last) if last.key == step.key => {
                    last.genuine += genuine;
                    last.impostor += impostor;
                }
                _ => steps.push(step),
            }
        }
        for (count, kind) in [
            (total.genuine, PairKind::Genuine),
            (total.impostor, PairKind::Impostor),
        ] {
            if count == 0 {
                let figure = "a rate of subjects that count alike";
                return Err(Error::Missing { figure, kind });
            }
        }
        Ok(SubjectsAlike {
            direction: self.direction(),
            steps,
            total,
        })
    }
}

impl SubjectsAlike {
    /// Equal error rate, as [`Scores::eer`](crate::Scores::eer) defines it.
    #[must_use]
    pub fn eer(&self) -> f64 {
        let crossing = steps::equal_error(self.steps.iter().copied(), self.total);
        // Both classes have comparisons, so the rates cross.
        crossing.map_or(f64::NAN, |crossing| crossing.rate())
    }

    /// The lowest FNMR of any threshold with `FMR <= target`.
    ///
    /// # Errors
    /// As for [`Scores::threshold_for_fmr`](crate::Scores::threshold_for_fmr).
    pub fn fnmr_at_fmr(&self, target: f64) -> Result<f64, Error> {
        check_target("FMR", "impostor comparisons", self.total.impostor, target)?;
        let steps = self.steps.iter().copied();
        Ok(steps::fnmr_within_fmr(steps, self.total, target))
    }

    /// FNMR at a threshold, which may be infinite.
    ///
    /// # Errors
    /// [`Error::Argument`] if the threshold is NaN.
    pub fn fnmr_at(&self, threshold: f64) -> Result<f64, Error> {
        if threshold.is_nan() {
            return Err(Error::Argument {
                argument: "threshold",
                expected: "a number",
                found: threshold,
            });
        }
        let limit = self.direction.score_of(threshold);
        let mut accepted = Counts::default();
        for step in self
            .steps
            .iter()
            .take_while(|step| f64::from(step.key) < limit)
        {
            accepted.add(step);
        }
        Ok(accepted.fnmr(self.total))
    }
}
