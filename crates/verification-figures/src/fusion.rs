//! One score from the several templates of a subject.

use crate::{Direction, Error};

/// How the scores of a subject's templates become one.
///
/// A calibration holds for one fusion, and for about the number of templates that it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Fusion {
    /// The template that is most alike decides.
    Best,
    /// The mean over all templates.
    Mean,
    /// The mean over the so many templates that are most alike, or over all where there are fewer.
    MeanOfBest(usize),
    /// The mean over all templates, less the mean score of the templates among each other: subjects who vary much, as unsteady
    /// writers do, are judged by how much they do. Of a single template nothing is taken away. The scores of which this is made are
    /// each less that mean already, see [`Fusion::within`].
    Relative,
}

impl Fusion {
    /// Refuses a mean over no template.
    ///
    /// # Errors
    /// [`Error::Argument`] for `MeanOfBest(0)`.
    pub fn checked(self) -> Result<Self, Error> {
        match self {
            Self::MeanOfBest(0) => Err(Error::Argument {
                argument: "the number of templates whose mean is taken",
                expected: "at least 1",
                found: 0.0,
            }),
            fusion => Ok(fusion),
        }
    }

    /// One score from those of the templates, which it sorts, the most alike first. The result never gets less alike when
    /// one of them gets more alike. NaN for no score.
    #[must_use]
    pub fn fuse(self, direction: Direction, scores: &mut [f64]) -> f64 {
        // In order of size, so that the sum does not depend on the order of the templates.
        match direction {
            Direction::Distance => scores.sort_unstable_by(f64::total_cmp),
            Direction::Similarity => scores.sort_unstable_by(|a, b| b.total_cmp(a)),
        }
        let counted = match self {
            Self::Best => 1,
            Self::Mean | Self::Relative => scores.len(),
            Self::MeanOfBest(best) => best,
        };
        let counted = counted.min(scores.len());
        scores[..counted].iter().sum::<f64>() / counted as f64
    }

    /// What is taken from each score of a subject's templates before they are fused: for [`Fusion::Relative`] the mean score of the
    /// templates among each other, given that of two of them; for all others, and for a single template, 0.
    #[must_use]
    pub fn within(self, templates: usize, between: impl Fn(usize, usize) -> f64) -> f64 {
        if self != Self::Relative || templates < 2 {
            return 0.0;
        }
        let pairs = (0..templates).flat_map(|a| (a + 1..templates).map(move |b| (a, b)));
        let sum: f64 = pairs.map(|(a, b)| between(a, b)).sum();
        sum / (templates * (templates - 1) / 2) as f64
    }
}
