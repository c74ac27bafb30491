//! Is one method better than another?

use crate::jackknife::Scale;
use crate::labelled::LabelledScores;
use crate::student::beyond;
use crate::{Error, Figure, Interval, Jackknife};

/// A figure of two methods on the same comparisons, and how far they are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Difference {
    /// The figure of the first method.
    pub first: f64,
    /// The figure of the second method.
    pub second: f64,
    /// The first less the second, with its interval.
    pub interval: Interval,
}

impl Difference {
    /// Whether zero lies outside the interval, so that the data tell the two methods apart at its
    /// confidence. Which of them is the better one depends on the figure.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.interval.low > 0.0 || self.interval.high < 0.0
    }

    /// The probability of a difference at least as large where there is none, from Student's
    /// distribution: for who compares one method with several and corrects for it. It is below
    /// `1 - confidence` exactly where the difference [is clear](Self::is_clear).
    #[must_use]
    pub fn p_value(&self) -> f64 {
        let Interval {
            estimate,
            low,
            high,
            standard_error,
            freedom,
            ..
        } = self.interval;
        if low < high {
            beyond(estimate / standard_error, freedom)
        } else {
            // The same whichever subject is left out.
            f64::from(u8::from(estimate == 0.0))
        }
    }

    /// The difference of two figures, given those without each group of subjects in turn.
    pub(crate) fn of(
        figure: &'static str,
        [first, second]: [f64; 2],
        basis: [usize; 2],
        jackknife: &Jackknife,
        values: impl Iterator<Item = Option<f64>>,
    ) -> Result<Self, Error> {
        let apart = first - second;
        let interval = jackknife.summarise(figure, Scale::Plain, apart, basis, values)?;
        Ok(Self {
            first,
            second,
            interval,
        })
    }
}

impl LabelledScores {
    /// The difference of a figure between two methods that were given the same comparisons: this
    /// one less the other.
    ///
    /// The same subjects are left out for both ([`Jackknife`]), and the interval
    /// is that of the differences. It is mostly much narrower than the two
    /// methods' own intervals suggest, because what is hard for one method tends
    /// to be hard for the other. So intervals that overlap do not show that
    /// methods are alike.
    ///
    /// The methods may differ in the scale and direction of their scores. For figures at a
    /// threshold give each its own, with [`Self::differences`].
    ///
    /// ```
    /// use verification_figures::{Comparison, Direction, Figure, Jackknife, LabelledScores};
    ///
    /// let scored = |noise: u32| {
    ///     let pairs = (0..12_u32).flat_map(|a| (a..12).map(move |b| [a, b]));
    ///     let score = |[a, b]: [u32; 2]| (a.abs_diff(b) * 3 + a * b * noise % 7) as f32;
    ///     let comparisons = pairs.map(|subjects| Comparison { subjects, score: score(subjects) });
    ///     LabelledScores::new(Direction::Distance, comparisons.collect())
    /// };
    /// let difference = scored(5)?.difference(&scored(0)?, Figure::Auc, &Jackknife::default())?;
    /// assert_eq!(difference.second, 1.0);
    /// assert!(difference.first < 1.0 && difference.interval.low < 0.0);
    /// # Ok::<(), verification_figures::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::DifferentComparisons`] if a pair of subjects is compared more often in one set than
    /// in the other, else those of [`Self::interval`].
    pub fn difference(
        &self,
        other: &Self,
        figure: Figure,
        jackknife: &Jackknife,
    ) -> Result<Difference, Error> {
        let mut found = self.differences(other, &[[figure; 2]], jackknife);
        found.pop().unwrap_or(Err(Error::Empty))
    }

    /// Several differences from the same replicates, in the order asked for, each with its own
    /// outcome as in [`Self::difference`]. Of each two figures the first is of this set and the
    /// second of the other.
    #[must_use]
    pub fn differences(
        &self,
        other: &Self,
        figures: &[[Figure; 2]],
        jackknife: &Jackknife,
    ) -> Vec<Result<Difference, Error>> {
        let subjects = self.subjects().len();
        let refused = self.check_same_comparisons(other);
        if let Err(error) = refused.and_then(|()| jackknife.check(subjects)) {
            return vec![Err(error); figures.len()];
        }
        let [own_figures, other_figures] =
            [0, 1].map(|side| figures.iter().map(|pair| pair[side]).collect::<Vec<_>>());
        // The subjects are the same, and so are their places and the order of the groups.
        let replicates = jackknife.replicate(subjects, |stays, steps| {
            let own = self.figures_of(&own_figures, stays, steps);
            let others = other.figures_of(&other_figures, stays, steps);
            let less = |(own, other): (Option<f64>, Option<f64>)| Some(own? - other?);
            own.into_iter().zip(others).map(less).collect::<Vec<_>>()
        });
        let (own_scores, other_scores) = (self.scores(), other.scores());
        let summarise = |(place, [own, others]): (usize, &[Figure; 2])| {
            let (first, second) = (own.of(&own_scores)?, others.of(&other_scores)?);
            let values = replicates.iter().map(|replicate| replicate[place]);
            let basis = [self.carriers(*own)?, subjects];
            Difference::of(own.name(), [first, second], basis, jackknife, values)
        };
        figures.iter().enumerate().map(summarise).collect()
    }

    /// Refuses sets whose pairs of subjects are not compared equally often.
    fn check_same_comparisons(&self, other: &Self) -> Result<(), Error> {
        let pairs = |set: &Self| {
            let mut pairs: Vec<[u32; 2]> = set
                .comparisons()
                .map(|comparison| {
                    let [a, b] = comparison.subjects;
                    [a.min(b), a.max(b)]
                })
                .collect();
            pairs.sort_unstable();
            pairs
        };
        let (own, others) = (pairs(self), pairs(other));
        let place = own.iter().zip(&others).take_while(|(a, b)| a == b).count();
        let Some(&subjects) = own.get(place).into_iter().chain(others.get(place)).min() else {
            return Ok(());
        };
        let count = |pairs: &[[u32; 2]]| pairs.iter().filter(|&&pair| pair == subjects).count();
        Err(Error::DifferentComparisons {
            subjects,
            first: count(&own),
            second: count(&others),
        })
    }
}
