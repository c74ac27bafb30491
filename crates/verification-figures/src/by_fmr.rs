//! Scores on a scale that all networks share.

use crate::{Comparison, Direction, Error, LabelledScores, PairKind};

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
