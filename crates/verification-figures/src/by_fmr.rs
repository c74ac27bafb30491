//! Scores on a scale that all networks share.

use rayon::prelude::*;

use crate::sort::sort_finite;
use crate::{Comparison, Direction, Error, LabelledScores, PairKind, SampleScores};

impl LabelledScores {
    /// The same comparisons, each scored by the FMR of this set at its score, as a distance in
    /// 0..=1. No figure of the set changes by it but d-prime, for ties stay ties and the order
    /// stays the order.
    ///
    /// Networks of different folds or seeds need not agree in the scale of their scores:
    /// [pooled](Self::pooled) as they are, under one threshold, they look worse than any of them.
    /// Pooled by their FMR, at each threshold every set has the same FMR, and the curve is the mean
    /// of the sets' FNMR at equal FMR, weighed by their genuine comparisons (vertical averaging: T.
    /// Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27(8), 2006).
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor comparisons.
    pub fn by_fmr(&self) -> Result<Self, Error> {
        let comparisons: Vec<Comparison> = self.comparisons().collect();
        let impostors = |of: &[Comparison]| {
            let kinds = of.iter().map(Comparison::kind);
            kinds.filter(|kind| *kind == PairKind::Impostor).count()
        };
        let total = impostors(&comparisons);
        if total == 0 {
            return Err(Error::Missing {
                figure: "FMR",
                kind: PairKind::Impostor,
            });
        }
        let mut before = 0;
        let mut levelled = Vec::with_capacity(comparisons.len());
        for equal in comparisons.chunk_by(|a, b| a.score == b.score) {
            let here = impostors(equal);
            // Half a step further where impostors are: behind genuine comparisons that are more
            // alike than they.
            let level = before as f64 + if here > 0 { 0.5 } else { 0.0 };
            levelled.extend(equal.iter().map(|comparison| Comparison {
                score: (level / total as f64) as f32,
                ..*comparison
            }));
            before += here;
        }
        Self::new(Direction::Distance, levelled)
    }
}

impl<'a> SampleScores<'a> {
    /// The same samples, each comparison scored by the FMR of [`Self::all_pairs`] at its score, as
    /// [`LabelledScores::by_fmr`] does it. No rank changes by it, and searches of several networks can be
    /// [pooled](crate::Identification::pooled) under one threshold. The scores are held: `4 n^2` bytes for `n` samples.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor comparisons, and [`Error::ScoreOverflow`] if a score of embeddings is not
    /// finite.
    pub fn by_fmr(&self) -> Result<Self, Error> {
        let subjects = self.subjects();
        let n = subjects.len();
        let mut impostors = Vec::new();
        for i in 0..n {
            for j in (0..i).filter(|&j| subjects[i] != subjects[j]) {
                impostors.push(self.key(i, j)?);
            }
        }
        if impostors.is_empty() {
            return Err(Error::Missing {
                figure: "FMR",
                kind: PairKind::Impostor,
            });
        }
        sort_finite(&mut impostors);
        let total = impostors.len() as f64;
        let level = |key: f32| {
            let before = impostors.partition_point(|&other| other < key);
            let is_one = impostors.get(before) == Some(&key);
            let level = before as f64 + if is_one { 0.5 } else { 0.0 };
            (level / total) as f32
        };
        let row = |i: usize| -> Result<Vec<f32>, Error> {
            let of = |j: usize| {
                if i == j {
                    Ok(0.0)
                } else {
                    self.key(i, j).map(level)
                }
            };
            (0..n).map(of).collect()
        };
        let rows: Result<Vec<Vec<f32>>, Error> = (0..n).into_par_iter().map(row).collect();
        SampleScores::from_matrix(Direction::Distance, subjects, rows?.concat())
    }
}
