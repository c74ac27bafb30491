//! Retrieval figures of metric learning: precision@1, R-precision, MAP@R.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::jackknife::clustered_mean;
use crate::sort::ordered_bits;
use crate::{Error, Interval, Jackknife, SampleScores};

/// How well each sample, as a query, retrieves the others of its subject.
///
/// With `R` the number of other samples of the query's subject, the `R` most
/// alike samples are looked at. K. Musgrave, S. Belongie and S.-N. Lim, "A
/// metric learning reality check", ECCV 2020. Equal scores are ranked with
/// other subjects first, so that ties never flatter.
///
/// A sample that is alone of its subject has nothing to retrieve: it is no
/// query, but stays among the samples that others retrieve.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrieval {
    queries: Vec<Query>,
    lone: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Query {
    subject: u32,
    first_is_right: bool,
    r_precision: f64,
    map_at_r: f64,
}

/// A figure of [`Retrieval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum RetrievalFigure {
    /// Whether the most alike sample is of the query's subject.
    PrecisionAt1,
    /// Share of the query's subject among the `R` most alike samples.
    RPrecision,
    /// `1/R` times the sum, over the ranks `i` up to `R` that hold the query's
    /// subject, of its share among the first `i`.
    MapAtR,
}

impl RetrievalFigure {
    /// The customary name of the figure.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrecisionAt1 => "precision@1",
            Self::RPrecision => "R-precision",
            Self::MapAtR => "MAP@R",
        }
    }
}

impl Retrieval {
    /// Ranks all other samples for each query, in parallel.
    ///
    /// # Errors
    /// [`Error::Undefined`] if no subject has two samples,
    /// [`Error::ScoreOverflow`] if a score of embeddings is not finite.
    pub fn new(scores: &SampleScores<'_>) -> Result<Self, Error> {
        let subjects = scores.subjects();
        let mut samples_of: HashMap<u32, usize> = HashMap::new();
        for &subject in subjects {
            *samples_of.entry(subject).or_default() += 1;
        }
        let asking: Vec<usize> = (0..subjects.len())
            .filter(|&i| samples_of[&subjects[i]] > 1)
            .collect();
        if asking.is_empty() {
            return Err(Error::Undefined {
                figure: "retrieval",
                reason: "no subject has two samples",
            });
        }
        let lone = subjects.len() - asking.len();
        let queries: Result<Vec<Query>, Error> = asking
            .into_par_iter()
            .map_init(Vec::new, |ranked, i| {
                ranked.clear();
                for j in (0..subjects.len()).filter(|&j| j != i) {
                    // False sorts before true: other subjects win ties.
                    ranked.push((ordered_bits(scores.key(i, j)?), subjects[j] == subjects[i]));
                }
                Ok(judge(subjects[i], ranked, samples_of[&subjects[i]] - 1))
            })
            .collect();
        Ok(Self {
            queries: queries?,
            lone,
        })
    }

    /// Number of queries.
    #[must_use]
    pub fn queries(&self) -> usize {
        self.queries.len()
    }

    /// Number of samples that are alone of their subject and no queries.
    #[must_use]
    pub fn lone(&self) -> usize {
        self.lone
    }

    /// The mean over all queries, in 0..=1.
    #[must_use]
    pub fn mean(&self, figure: RetrievalFigure) -> f64 {
        let sum: f64 = self.queries.iter().map(|query| query.value(figure)).sum();
        sum / self.queries.len() as f64
    }

    /// The mean with an interval over the queries' subjects; what is retrieved
    /// from stays as it is.
    ///
    /// # Errors
    /// Those of [`LabelledScores::interval`](crate::LabelledScores::interval).
    pub fn interval(
        &self,
        figure: RetrievalFigure,
        jackknife: &Jackknife,
    ) -> Result<Interval, Error> {
        let outcomes = self
            .queries
            .iter()
            .map(|query| (query.subject, query.value(figure)));
        clustered_mean(figure.name(), outcomes, jackknife)
    }
}

impl Query {
    fn value(&self, figure: RetrievalFigure) -> f64 {
        match figure {
            RetrievalFigure::PrecisionAt1 => f64::from(u8::from(self.first_is_right)),
            RetrievalFigure::RPrecision => self.r_precision,
            RetrievalFigure::MapAtR => self.map_at_r,
        }
    }
}

/// Judges one query with `r` right answers among the samples, unsorted.
fn judge(subject: u32, samples: &mut [(u32, bool)], r: usize) -> Query {
    if r < samples.len() {
        samples.select_nth_unstable(r - 1);
    }
    let first = &mut samples[..r];
    first.sort_unstable();
    let (mut right, mut precisions) = (0_usize, 0.0);
    for (rank, &(_, is_right)) in first.iter().enumerate() {
        if is_right {
            right += 1;
            precisions += right as f64 / (rank + 1) as f64;
        }
    }
    Query {
        subject,
        first_is_right: first[0].1,
        r_precision: right as f64 / r as f64,
        map_at_r: precisions / r as f64,
    }
}
