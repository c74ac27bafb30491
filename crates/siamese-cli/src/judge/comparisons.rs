//! The comparisons of a test by one method, pooled over folds.

use std::ops::Range;

use anyhow::{Result, bail};
use pairgen::{Catalog, PairKind};
use verification_figures::{Bootstrap, Comparison, Direction, LabelledScores};

use crate::test_pairs::TestPairs;

/// One fold's comparisons with their distances and the threshold they are decided by.
#[derive(Clone, Copy)]
pub(crate) struct Scored<'a> {
    pub(crate) test: &'a TestPairs,
    /// One for each comparison, in the test's order.
    pub(crate) distances: &'a [f32],
    pub(crate) threshold: f64,
}

/// The comparisons of all folds.
pub(crate) struct Pooled {
    /// As they are.
    pub(crate) scores: LabelledScores,
    /// Less each fold's threshold, so that all are decided at 0: the sign of a difference is exact.
    pub(crate) decided: LabelledScores,
}

impl Pooled {
    /// Puts the folds' comparisons together. A person is tested in one fold only, unless a list says otherwise.
    pub(crate) fn new(catalog: &Catalog, folds: &[Scored<'_>]) -> Result<Self> {
        let (mut scores, mut decided) = (Vec::new(), Vec::new());
        for fold in folds {
            for (place, (subjects, &score)) in
                fold.test.subjects(catalog).zip(fold.distances).enumerate()
            {
                if !score.is_finite() {
                    let pair = fold.test.pairs.get(place * fold.test.images_per_template);
                    bail!(
                        "the distance of {} and {} is {score}: the network's weights or these images are damaged; \
                         look at `siamese embed` of them, or train anew with a lower optimizer.lr",
                        catalog.relative_path(pair.a).display(),
                        catalog.relative_path(pair.b).display()
                    );
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
pub(crate) fn bootstrap(comparisons: usize, seed: u64) -> Bootstrap {
    let replicates = MOST_WEIGHED / comparisons.max(1);
    Bootstrap::default()
        .with_replicates(replicates.clamp(REPLICATES.start, REPLICATES.end))
        .with_seed(seed)
}

/// How many comparisons of a kind the folds hold.
pub(crate) fn count(folds: &[Scored<'_>], kind: PairKind) -> usize {
    folds.iter().map(|fold| fold.test.count(kind)).sum()
}
