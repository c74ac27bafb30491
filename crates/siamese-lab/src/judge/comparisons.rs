//! The comparisons of a test by one method, pooled over folds.

use std::ops::Range;

use crate::error::{JudgeError, Result};
use pairgen::{Catalog, PairKind};
use verification_figures::{Bootstrap, Comparison, Direction, LabelledScores};

use crate::experiment::TestPairs;

/// One fold's comparisons with their distances and the threshold they are decided by.
#[derive(Clone, Copy)]
pub struct Scored<'a> {
    /// What is compared.
    pub test: &'a TestPairs,
    /// One for each comparison, in the test's order.
    pub distances: &'a [f32],
    /// The distance below which a comparison is called genuine.
    pub threshold: f64,
}

/// The comparisons of all folds.
pub struct Pooled {
    /// As they are.
    pub scores: LabelledScores,
    /// Less each fold's threshold, so that all are decided at 0: the sign of a difference is exact.
    pub decided: LabelledScores,
}

impl Pooled {
    /// Puts the folds' comparisons together. A person is tested in one fold only, unless a list says otherwise.
    pub fn new(catalog: &Catalog, folds: &[Scored<'_>]) -> Result<Self> {
        let (mut scores, mut decided) = (Vec::new(), Vec::new());
        for fold in folds {
            for (place, (subjects, &score)) in
                fold.test.subjects(catalog).zip(fold.distances).enumerate()
            {
                if !score.is_finite() {
                    let pair = fold.test.pairs.get(place * fold.test.images_per_template);
                    return Err(JudgeError::NotFinite {
                        a: catalog.relative_path(pair.a).to_owned(),
                        b: catalog.relative_path(pair.b).to_owned(),
                        distance: score,
                    }
                    .into());
                }
                scores.push(Comparison { subjects, score });
                decided.push(Comparison {
                    subjects,
                    score: (f64::from(score) - fold.threshold) as f32,
                });
            }
        }
        Ok(Self {
            scores: LabelledScores::new(Direction::Distance, scores)?,
            decided: LabelledScores::new(Direction::Distance, decided)?,
        })
    }
}

/// Replicates that a figure's interval rests on.
const REPLICATES: Range<usize> = 200..1000;
/// Comparisons weighed for the intervals of one set of scores, over all replicates: some seconds' work.
const MOST_WEIGHED: usize = 1_000_000_000;

/// Resampling of people, with fewer replicates where there are very many comparisons.
pub fn bootstrap(comparisons: usize, seed: u64) -> Bootstrap {
    let replicates = MOST_WEIGHED / comparisons.max(1);
    Bootstrap::default()
        .with_replicates(replicates.clamp(REPLICATES.start, REPLICATES.end))
        .with_seed(seed)
}

/// How many comparisons of a kind the folds hold.
pub fn count(folds: &[Scored<'_>], kind: PairKind) -> usize {
    folds.iter().map(|fold| fold.test.count(kind)).sum()
}
