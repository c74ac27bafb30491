//! The comparisons of the folds, each on its own and all together.

use verification_figures::{
    Comparison, Error as Undefined, LabelledScores, PairKind, SampleScores,
};

use super::one_shot::RunOutcome;
use crate::Error;

/// Images beyond which a fold is not searched: their number squared is the work, and the memory.
pub(super) const MOST_IMAGES: usize = 2_000;

/// What one method makes of one fold: its scores and the threshold that decides them.
///
/// A test that has no folds is a single one.
#[derive(Debug, Clone)]
pub struct FoldScores<'a> {
    pub(super) scores: LabelledScores,
    pub(super) threshold: f64,
    pub(super) number: Option<u64>,
    pub(super) images: u64,
    /// Every image against every other, where they are.
    pub(super) samples: Option<SampleScores<'a>>,
    /// Where the comparisons are one-shot trials.
    pub(super) trials: Vec<RunOutcome>,
}

impl<'a> FoldScores<'a> {
    /// Any comparisons. There will be no figures of identification: those need every image compared with every other.
    pub fn new(scores: LabelledScores, threshold: f64) -> FoldScores<'a> {
        FoldScores {
            scores,
            threshold,
            number: None,
            images: 0,
            samples: None,
            trials: Vec::new(),
        }
    }

    /// Every image compared with every other: each pair is one comparison, and each image is also searched among the
    /// others.
    ///
    /// # Errors
    ///
    /// [`Error::Figures`] for a single image, or for embeddings so far apart that their score overflows.
    pub fn of_samples(samples: SampleScores<'a>, threshold: f64) -> Result<FoldScores<'a>, Error> {
        let scores = samples.all_pairs()?;
        Ok(FoldScores {
            images: samples.subjects().len() as u64,
            samples: Some(samples),
            ..FoldScores::new(scores, threshold)
        })
    }

    /// Whether so many images of a fold are searched among themselves, where each is compared with every other. Of more,
    /// [`Self::new`] with [`Self::of_images`] says as much as [`Self::of_samples`], and takes less memory.
    pub fn searches(images: usize) -> bool {
        images <= MOST_IMAGES
    }

    /// How the fold is called, where that is not its place among the folds, counted from 0.
    #[must_use]
    pub fn numbered(self, number: u64) -> FoldScores<'a> {
        FoldScores {
            number: Some(number),
            ..self
        }
    }

    /// What came of the one-shot trials that the comparisons are.
    #[must_use]
    pub fn of_trials(self, trials: Vec<RunOutcome>) -> FoldScores<'a> {
        FoldScores { trials, ..self }
    }

    /// How many images were compared, where the scores do not say.
    #[must_use]
    pub fn of_images(self, images: u64) -> FoldScores<'a> {
        FoldScores { images, ..self }
    }

    /// Whether there are as many comparisons as pairs of images.
    pub(super) fn compares_all(&self) -> bool {
        let pairs = u128::from(self.images) * u128::from(self.images.saturating_sub(1)) / 2;
        self.images > 0 && self.scores.len() as u128 == pairs
    }

    /// How many comparisons of a kind there are.
    pub(super) fn count(&self, kind: PairKind) -> u64 {
        let all = self.scores.comparisons();
        all.filter(|comparison| comparison.kind() == kind).count() as u64
    }
}

/// The comparisons of all folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// As they are.
    pub scores: LabelledScores,
    /// Each fold's by its own FMR, where there are several: see [`Pooled::by_fold`].
    pub(super) levelled: Option<LabelledScores>,
    /// Less each fold's threshold, so that all are decided at 0: the sign of a difference is exact.
    pub decided: LabelledScores,
}

impl Pooled {
    /// Puts the folds' comparisons together. A subject has the same number in all folds, and different subjects have
    /// different ones.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolds`] without a fold, [`Error::Threshold`] for a threshold that is no number, and
    /// [`Error::Figures`] where some folds hold distances and others similarities.
    pub fn new(folds: &[FoldScores<'_>]) -> Result<Pooled, Error> {
        let thresholds: Vec<f64> = folds.iter().map(|fold| fold.threshold).collect();
        Ok(Pooled {
            scores: pooled(folds)?,
            levelled: levelled(folds)?,
            decided: decided(folds, &thresholds)?,
        })
    }

    /// What figures without a threshold rest on: of several folds, each comparison by the FMR of its own fold
    /// ([`LabelledScores::by_fmr`]). So the networks of the folds need not agree in scale, and the curve is the mean of
    /// the folds' FNMR at equal FMR. A fold without impostor comparisons has no FMR; then, and of a single fold, the
    /// comparisons as they are.
    pub fn by_fold(&self) -> &LabelledScores {
        self.levelled.as_ref().unwrap_or(&self.scores)
    }
}

/// The folds' comparisons together, each by the FMR of its own fold; nothing of a single fold, or where a fold has no
/// impostor comparisons.
pub(super) fn levelled(folds: &[FoldScores<'_>]) -> Result<Option<LabelledScores>, Error> {
    if folds.len() < 2 {
        return Ok(None);
    }
    let each: Result<Vec<LabelledScores>, Undefined> =
        folds.iter().map(|fold| fold.scores.by_fmr()).collect();
    match each {
        Ok(each) => Ok(Some(LabelledScores::pooled(&each)?)),
        Err(_) => Ok(None),
    }
}

/// The folds' comparisons together.
pub(super) fn pooled(folds: &[FoldScores<'_>]) -> Result<LabelledScores, Error> {
    if folds.is_empty() {
        return Err(Error::NoFolds);
    }
    let all = folds.iter().map(|fold| &fold.scores);
    Ok(LabelledScores::pooled(all)?)
}

/// The folds' comparisons together, less a threshold for each fold.
pub(super) fn decided(
    folds: &[FoldScores<'_>],
    thresholds: &[f64],
) -> Result<LabelledScores, Error> {
    let Some(first) = folds.first() else {
        return Err(Error::NoFolds);
    };
    let mut all = Vec::with_capacity(folds.iter().map(|fold| fold.scores.len()).sum());
    for (place, (fold, &threshold)) in folds.iter().zip(thresholds).enumerate() {
        if !threshold.is_finite() {
            return Err(Error::Threshold {
                fold: fold.number.unwrap_or(place as u64),
                found: threshold,
            });
        }
        all.extend(fold.scores.comparisons().map(|comparison| Comparison {
            score: (f64::from(comparison.score) - threshold) as f32,
            ..comparison
        }));
    }
    Ok(LabelledScores::new(first.scores.direction(), all)?)
}
