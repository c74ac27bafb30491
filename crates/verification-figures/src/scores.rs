//! In-memory scores and the figures on them.

use crate::confusion::Confusion;
use crate::direction::{Direction, PairKind};
use crate::error::Error;
use crate::sort::sort_finite;
use crate::steps::{Counts, MergedSteps};
use crate::support::Evidence;

/// Genuine and impostor scores, sorted, with exact figures on them.
///
/// Scores are kept as `f32`, what networks produce; counts are integers and
/// rates `f64`. Equal scores fall together on one side of every threshold. A
/// class may be empty. Figures that need it are then errors.
///
/// The decision rule is strict: *genuine* if and only if `score < threshold`
/// for distances, `score > threshold` for similarities
/// ([`Direction::accepts`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    direction: Direction,
    /// Ascending distances; similarities are negated.
    genuine: Vec<f32>,
    impostor: Vec<f32>,
}

impl Scores {
    /// Takes the scores of genuine and of impostor comparisons, in any order.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a NaN or infinite score, [`Error::Empty`] if
    /// both classes are empty.
    pub fn new(direction: Direction, genuine: Vec<f32>, impostor: Vec<f32>) -> Result<Self, Error> {
        if genuine.is_empty() && impostor.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self {
            direction,
            genuine: sorted_keys(direction, PairKind::Genuine, genuine)?,
            impostor: sorted_keys(direction, PairKind::Impostor, impostor)?,
        })
    }

    /// Takes finite keys in ascending order, at least one of them.
    pub(crate) fn from_sorted_keys(
        direction: Direction,
        genuine: Vec<f32>,
        impostor: Vec<f32>,
    ) -> Self {
        Self {
            direction,
            genuine,
            impostor,
        }
    }

    /// Takes scores with their kinds side by side.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the slices differ in length, else as
    /// [`Self::new`]; indices of bad scores count within their class.
    pub fn from_labelled(
        direction: Direction,
        scores: &[f32],
        kinds: &[PairKind],
    ) -> Result<Self, Error> {
        if scores.len() != kinds.len() {
            return Err(Error::LengthMismatch {
                left: "scores",
                left_len: scores.len(),
                right: "kinds",
                right_len: kinds.len(),
            });
        }
        let of = |wanted: PairKind| {
            let both = scores.iter().zip(kinds);
            both.filter(|&(_, &kind)| kind == wanted)
                .map(|(&score, _)| score)
                .collect()
        };
        Self::new(direction, of(PairKind::Genuine), of(PairKind::Impostor))
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Number of scores of a kind.
    #[must_use]
    pub fn count(&self, kind: PairKind) -> usize {
        self.keys(kind).len()
    }

    /// The scores of a kind, the most alike first.
    pub fn of_kind(&self, kind: PairKind) -> impl ExactSizeIterator<Item = f32> + '_ {
        let direction = self.direction;
        self.keys(kind)
            .iter()
            .map(move |&key| direction.score_of(f64::from(key)) as f32)
    }

    /// Share of the impostor scores that are accepted at the threshold, which
    /// may be infinite.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor scores, [`Error::Argument`] if the
    /// threshold is NaN.
    pub fn fmr_at(&self, threshold: f64) -> Result<f64, Error> {
        self.need("FMR", PairKind::Impostor)?;
        check_threshold(threshold)?;
        Ok(self.false_matches(threshold).rate())
    }

    /// Share of the genuine scores that are rejected at the threshold, which
    /// may be infinite.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine scores, [`Error::Argument`] if the
    /// threshold is NaN.
    pub fn fnmr_at(&self, threshold: f64) -> Result<f64, Error> {
        self.need("FNMR", PairKind::Genuine)?;
        check_threshold(threshold)?;
        Ok(self.false_non_matches(threshold).rate())
    }

    /// All decisions at the threshold, which may be infinite.
    ///
    /// # Errors
    /// [`Error::Argument`] if the threshold is NaN.
    pub fn confusion_at(&self, threshold: f64) -> Result<Confusion, Error> {
        check_threshold(threshold)?;
        let tp = self.accepted(PairKind::Genuine, threshold);
        let fp = self.accepted(PairKind::Impostor, threshold);
        Ok(Confusion {
            tp,
            fp,
            tn: self.impostor.len() as u64 - fp,
            fn_: self.genuine.len() as u64 - tp,
        })
    }

    pub(crate) fn genuine_keys(&self) -> &[f32] {
        &self.genuine
    }

    pub(crate) fn impostor_keys(&self) -> &[f32] {
        &self.impostor
    }

    /// Evidence for the FMR; the class must not be empty.
    pub(crate) fn false_matches(&self, threshold: f64) -> Evidence {
        Evidence {
            errors: self.accepted(PairKind::Impostor, threshold),
            comparisons: self.impostor.len() as u64,
        }
    }

    /// Evidence for the FNMR; the class must not be empty.
    pub(crate) fn false_non_matches(&self, threshold: f64) -> Evidence {
        let comparisons = self.genuine.len() as u64;
        Evidence {
            errors: comparisons - self.accepted(PairKind::Genuine, threshold),
            comparisons,
        }
    }

    pub(crate) fn need(&self, figure: &'static str, kind: PairKind) -> Result<(), Error> {
        if self.keys(kind).is_empty() {
            Err(Error::Missing { figure, kind })
        } else {
            Ok(())
        }
    }

    pub(crate) fn need_both(&self, figure: &'static str) -> Result<Counts, Error> {
        self.need(figure, PairKind::Genuine)?;
        self.need(figure, PairKind::Impostor)?;
        Ok(Counts {
            genuine: self.genuine.len() as u64,
            impostor: self.impostor.len() as u64,
        })
    }

    fn keys(&self, kind: PairKind) -> &[f32] {
        match kind {
            PairKind::Genuine => &self.genuine,
            PairKind::Impostor => &self.impostor,
        }
    }

    fn accepted(&self, kind: PairKind, threshold: f64) -> u64 {
        let limit = self.direction.score_of(threshold);
        self.keys(kind)
            .partition_point(|&key| f64::from(key) < limit) as u64
    }

    pub(crate) fn steps(&self) -> MergedSteps<'_> {
        MergedSteps::new(&self.genuine, &self.impostor)
    }
}

fn sorted_keys(
    direction: Direction,
    kind: PairKind,
    mut scores: Vec<f32>,
) -> Result<Vec<f32>, Error> {
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(Error::NotFinite {
            kind,
            index,
            value: scores[index],
        });
    }
    for score in &mut scores {
        *score = direction.key_of(*score);
    }
    sort_finite(&mut scores);
    Ok(scores)
}

fn check_threshold(threshold: f64) -> Result<(), Error> {
    if threshold.is_nan() {
        return Err(Error::Argument {
            argument: "threshold",
            expected: "a number",
            found: threshold,
        });
    }
    Ok(())
}
