//! One score from the several templates of a person.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How the scores of a person's templates become one.
///
/// A calibration holds for one fusion, and for about the number of templates that it was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// The template that is most alike decides.
    Best,
    /// The mean over all templates.
    Mean,
    /// The mean over the so many templates that are most alike, or over all where there are fewer.
    MeanOfBest(usize),
}

impl Fusion {
    /// Refuses a mean over no template.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        match self {
            Self::MeanOfBest(0) => Err(Error::Argument {
                argument: "the number of templates whose mean is taken",
                expected: "at least 1",
                found: "0".to_owned(),
            }),
            fusion => Ok(fusion),
        }
    }

    /// One likeness from those of the templates, which it sorts. The result never falls when one of them rises.
    pub(crate) fn of(self, likenesses: &mut [f64]) -> f64 {
        // In order of size, so that the sum does not depend on the order of enrolment.
        likenesses.sort_unstable_by(|a, b| b.total_cmp(a));
        let counted = match self {
            Self::Best => 1,
            Self::Mean => likenesses.len(),
            Self::MeanOfBest(best) => best.min(likenesses.len()),
        };
        likenesses[..counted].iter().sum::<f64>() / counted as f64
    }
}
