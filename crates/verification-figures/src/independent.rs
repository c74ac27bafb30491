//! Intervals from scores alone, for who does not know whose samples were compared.

use rayon::prelude::*;

use crate::bootstrap::Bootstrap;
use crate::error::Error;
use crate::figure::Figure;
use crate::resample::{central_interval, draw};
use crate::scores::Scores;
use crate::steps::{Counts, Step};

/// A figure with an interval that holds if all comparisons are independent.
///
/// Comparisons that share a subject are not, and then this interval is too narrow, often by far. Where subjects are
/// known, use [`LabelledScores::interval`](crate::LabelledScores::interval).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct IfIndependent {
    /// The figure on the scores as they are.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Share of the replicates between the ends.
    pub confidence: f64,
    /// Genuine comparisons that were resampled.
    pub genuine: usize,
    /// Impostor comparisons that were resampled.
    pub impostor: usize,
}

impl Scores {
    /// A figure with its interval if the comparisons are independent: each replicate draws as many genuine and as many
    /// impostor comparisons as there are, with replacement, and the interval is that of the percentiles.
    ///
    /// Time grows with replicates times comparisons: 1000 times 100,000 take about a second on two cores.
    ///
    /// ```
    /// use verification_figures::{Bootstrap, Direction, Figure, Scores};
    ///
    /// let (genuine, impostor) = (vec![0.1, 0.2, 0.3, 0.6, 0.2], vec![0.4, 0.7, 0.8, 0.9, 0.25, 0.7]);
    /// let scores = Scores::new(Direction::Distance, genuine, impostor)?;
    /// let eer = scores.interval_if_independent(Figure::Eer, &Bootstrap::default())?;
    /// assert!(eer.low <= eer.estimate && eer.estimate <= eer.high);
    /// # Ok::<(), verification_figures::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the figure itself ([`Figure::of`]), [`Error::Argument`] for settings out of range, and
    /// [`Error::UnstableInterval`] if more than 5 % of the replicates have no value.
    pub fn interval_if_independent(
        &self,
        figure: Figure,
        bootstrap: &Bootstrap,
    ) -> Result<IfIndependent, Error> {
        bootstrap.check_settings()?;
        let estimate = figure.of(self)?;
        let [genuine, impostor] = [self.genuine_keys(), self.impostor_keys()].map(<[f32]>::len);
        let values: Vec<Option<f64>> = (0..bootstrap.replicates as u64)
            .into_par_iter()
            .map_init(
                || Replicate::of(genuine, impostor),
                |replicate, number| replicate.value(self, figure, bootstrap.seed, number),
            )
            .collect();
        let defined = bootstrap.defined(figure.name(), values.into_iter())?;
        let (low, high) = central_interval(defined, bootstrap.confidence);
        Ok(IfIndependent {
            estimate,
            low,
            high,
            confidence: bootstrap.confidence,
            genuine,
            impostor,
        })
    }
}

/// Memory for one replicate after another.
struct Replicate {
    genuine: Vec<u32>,
    impostor: Vec<u32>,
    steps: Vec<Step>,
}

impl Replicate {
    fn of(genuine: usize, impostor: usize) -> Self {
        Self {
            genuine: vec![0; genuine],
            impostor: vec![0; impostor],
            steps: Vec::with_capacity(genuine + impostor),
        }
    }

    fn value(&mut self, scores: &Scores, figure: Figure, seed: u64, number: u64) -> Option<f64> {
        draw(&mut self.genuine, seed, 2 * number);
        draw(&mut self.impostor, seed, 2 * number + 1);
        let (mut genuine, mut impostor) = (self.genuine.iter(), self.impostor.iter());
        let sum = |counts: &mut std::slice::Iter<'_, u32>, of: u64| -> u64 {
            counts
                .take(of as usize)
                .map(|&times| u64::from(times))
                .sum()
        };
        self.steps.clear();
        let mut total = Counts::default();
        for step in scores.steps() {
            let drawn = Step {
                key: step.key,
                genuine: sum(&mut genuine, step.genuine),
                impostor: sum(&mut impostor, step.impostor),
            };
            if drawn.genuine + drawn.impostor > 0 {
                total.add(&drawn);
                self.steps.push(drawn);
            }
        }
        figure.of_steps(&self.steps, total, |threshold| {
            scores.direction().score_of(threshold)
        })
    }
}
