//! Intervals of figures on labelled scores: subjects are left out, and their comparisons with them.

use crate::error::Error;
use crate::figure::Figure;
use crate::interval::Interval;
use crate::jackknife::{FEWEST_SUBJECTS, Jackknife, Scale};
use crate::labelled::{Entry, LabelledScores};
use crate::steps::{Counts, Step};

impl LabelledScores {
    /// One figure with its interval; see [`Jackknife`] for the method.
    ///
    /// # Errors
    /// Those of the figure itself ([`Figure::of`]), [`Error::Argument`] for
    /// settings out of range, [`Error::TooFewSubjects`] for fewer than 10
    /// subjects, or than 10 with genuine comparisons where the figure needs
    /// any, and [`Error::UnstableInterval`] if the figure has no value without
    /// some subject.
    pub fn interval(&self, figure: Figure, jackknife: &Jackknife) -> Result<Interval, Error> {
        let mut found = self.intervals(&[figure], jackknife);
        found.pop().unwrap_or(Err(Error::Empty))
    }

    /// Several figures from the same replicates, in the order asked for, each
    /// with its own outcome as in [`Self::interval`].
    #[must_use]
    pub fn intervals(
        &self,
        figures: &[Figure],
        jackknife: &Jackknife,
    ) -> Vec<Result<Interval, Error>> {
        let subjects = self.subjects().len();
        if let Err(error) = jackknife.check(subjects) {
            return vec![Err(error); figures.len()];
        }
        let scores = self.scores();
        let estimates: Vec<_> = figures.iter().map(|figure| figure.of(&scores)).collect();
        let replicates = jackknife.replicate(subjects, |stays, steps| {
            self.figures_of(figures, stays, steps)
        });
        let summarise = |(place, estimate): (usize, Result<f64, Error>)| {
            let (figure, estimate) = (figures[place], estimate?);
            let scale = match figure {
                Figure::DPrime | Figure::ThresholdForFmr(_) => Scale::Plain,
                _ => Scale::Share,
            };
            let basis = [self.carriers(figure)?, subjects];
            let values = replicates.iter().map(|replicate| replicate[place]);
            jackknife.summarise(figure.name(), scale, estimate, basis, values)
        };
        estimates.into_iter().enumerate().map(summarise).collect()
    }

    /// How many subjects have the comparisons that a figure cannot do without.
    ///
    /// # Errors
    /// [`Error::TooFewSubjects`] where these are too few for an interval.
    pub(crate) fn carriers(&self, figure: Figure) -> Result<usize, Error> {
        let found = match figure {
            Figure::FmrAt(_) | Figure::ThresholdForFmr(_) => self.subjects().len(),
            _ => self.genuine_subjects(),
        };
        if found < FEWEST_SUBJECTS {
            return Err(Error::TooFewSubjects {
                found,
                needed: FEWEST_SUBJECTS,
            });
        }
        Ok(found)
    }

    /// Figures with each subject counting so often, `None` where undefined; `steps` is memory to work
    /// in.
    pub(crate) fn figures_of(
        &self,
        figures: &[Figure],
        multiplicity: &[u32],
        steps: &mut Vec<Step>,
    ) -> Vec<Option<f64>> {
        let total = weigh(self.entries(), multiplicity, steps);
        let limit = |threshold| self.direction().score_of(threshold);
        let value = |figure: &Figure| figure.of_steps(steps, total, limit);
        figures.iter().map(value).collect()
    }
}

/// Rebuilds `steps` for subjects counting this often; returns the totals.
fn weigh(entries: &[Entry], multiplicity: &[u32], steps: &mut Vec<Step>) -> Counts {
    steps.clear();
    let mut total = Counts::default();
    for entry in entries {
        let key = entry.key;
        let [a, b] = entry.places();
        let (times_a, times_b) = (multiplicity[a], multiplicity[b]);
        if times_a == 0 || times_b == 0 {
            continue;
        }
        let entry = if entry.is_genuine() {
            Step {
                key,
                genuine: u64::from(times_a),
                impostor: 0,
            }
        } else if a == b {
            // A subject and its forger count together.
            Step {
                key,
                genuine: 0,
                impostor: u64::from(times_a),
            }
        } else {
            Step {
                key,
                genuine: 0,
                impostor: u64::from(times_a) * u64::from(times_b),
            }
        };
        total.add(&entry);
        match steps.last_mut() {
            Some(step) if step.key == key => {
                step.genuine += entry.genuine;
                step.impostor += entry.impostor;
            }
            _ => steps.push(entry),
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Comparison, Direction, Scores};
    use proptest::prelude::*;

    const FIGURES: [Figure; 15] = [
        Figure::Eer,
        Figure::Auc,
        Figure::BestAccuracy,
        Figure::BestBalancedAccuracy,
        Figure::DPrime,
        Figure::FmrAt(0.5),
        Figure::FnmrAt(0.5),
        Figure::AccuracyAt(0.5),
        Figure::BalancedAccuracyAt(0.5),
        Figure::PrecisionAt(0.5),
        Figure::RecallAt(0.5),
        Figure::F1At(0.5),
        Figure::FnmrAtFmr(0.3),
        Figure::FmrAtFnmr(0.3),
        Figure::ThresholdForFmr(0.3),
    ];

    proptest! {
        /// A replicate is the same as writing every comparison as often as it
        /// counts, for every figure and both directions.
        #[test]
        fn weights_equal_repeated_comparisons(
            raw in prop::collection::vec((0..6_u32, 0..6_u32, 0..16_i32), 1..80),
            multiplicity in prop::collection::vec(0..4_u32, 6),
            similar in any::<bool>(),
        ) {
            let direction = if similar { Direction::Similarity } else { Direction::Distance };
            let comparisons: Vec<Comparison> = raw
                .iter()
                .map(|&(a, b, k)| Comparison { subjects: [a, b], score: k as f32 / 16.0 })
                .chain((0..6).map(|s| Comparison { subjects: [s, s], score: 0.5 }))
                .collect();
            let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
            for c in &comparisons {
                let [a, b] = c.subjects.map(|s| multiplicity[s as usize] as usize);
                if c.subjects[0] == c.subjects[1] {
                    genuine.extend(vec![c.score; a]);
                } else {
                    impostor.extend(vec![c.score; a * b]);
                }
            }
            let labelled = LabelledScores::new(direction, comparisons).unwrap();
            let mut steps = Vec::new();
            let total = weigh(labelled.entries(), &multiplicity, &mut steps);
            prop_assert_eq!(total.genuine, genuine.len() as u64);
            prop_assert_eq!(total.impostor, impostor.len() as u64);
            prop_assume!(!genuine.is_empty() || !impostor.is_empty());
            let repeated = Scores::new(direction, genuine, impostor).unwrap();
            for figure in FIGURES {
                let weighted = figure.of_steps(&steps, total, |t| direction.score_of(t));
                match figure.of(&repeated) {
                    Err(Error::Unsupported { .. }) => {}
                    Ok(expected) if figure == Figure::DPrime => {
                        prop_assert!((weighted.unwrap() - expected).abs() < 1e-9);
                    }
                    expected => prop_assert_eq!(weighted, expected.ok(), "{:?}", figure),
                }
            }
        }
    }
}
