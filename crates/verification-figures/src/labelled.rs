//! Scores that know whose samples were compared.

use crate::sort::ordered_bits;
use crate::{Direction, Error, PairKind, Scores};

/// One comparison of two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Comparison {
    /// The subjects of the two samples, by any numbering below [`FORGER`]; the comparison is
    /// genuine if they are equal.
    pub subjects: [u32; 2],
    /// How alike the samples are, by the direction of the set.
    pub score: f32,
}

/// Added to a subject's number it is that of whoever forges the subject: an impostor of the subject, and for intervals no
/// subject of its own. The comparisons with a subject's forgeries are left out with that subject.
pub const FORGER: u32 = 1 << 31;

impl Comparison {
    /// A genuine sample of a subject, or its template, with a forgery of it: a *skilled* impostor.
    #[must_use]
    pub fn skilled(subject: u32, score: f32) -> Self {
        Self {
            subjects: [subject, subject | FORGER],
            score,
        }
    }

    /// Genuine if both samples are of one subject.
    #[must_use]
    pub fn kind(&self) -> PairKind {
        if self.subjects[0] == self.subjects[1] {
            PairKind::Genuine
        } else {
            PairKind::Impostor
        }
    }
}

/// Comparisons with their subjects, which is what intervals need.
///
/// ```
/// use verification_figures::{Comparison, Direction, Figure, Jackknife, LabelledScores};
///
/// let mut comparisons = Vec::new();
/// for a in 0..12_u32 {
///     for b in a..12 {
///         let distance = if a == b { 0.25 } else { 0.2 + 0.1 * (b - a) as f32 };
///         comparisons.push(Comparison { subjects: [a, b], score: distance });
///     }
/// }
/// let scores = LabelledScores::new(Direction::Distance, comparisons)?;
/// let auc = scores.interval(Figure::Auc, &Jackknife::default())?;
/// assert!(auc.low <= auc.estimate && auc.estimate <= auc.high);
/// # Ok::<(), verification_figures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledScores {
    direction: Direction,
    /// Distinct subjects, ascending; the comparisons refer to places in it.
    subjects: Vec<u32>,
    /// Sorted by key, the most alike first.
    entries: Vec<Entry>,
}

/// A comparison with dense subject numbers and its score as a distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: f32,
    /// Places of the subjects, that of a forger with [`FORGER`] added and second.
    pub(crate) subjects: [u32; 2],
}

impl Entry {
    /// The places of the subjects, a forger being at that of whom it forges.
    pub(crate) fn places(self) -> [usize; 2] {
        self.subjects.map(|subject| (subject & !FORGER) as usize)
    }

    pub(crate) fn is_genuine(self) -> bool {
        self.subjects[0] == self.subjects[1]
    }
}

impl LabelledScores {
    /// Takes comparisons in any order.
    ///
    /// # Errors
    /// [`Error::Empty`] without comparisons, [`Error::NotFinite`] for a NaN or
    /// infinite score, with its index among all comparisons.
    pub fn new(direction: Direction, comparisons: Vec<Comparison>) -> Result<Self, Error> {
        if comparisons.is_empty() {
            return Err(Error::Empty);
        }
        if let Some(index) = comparisons.iter().position(|c| !c.score.is_finite()) {
            let Comparison { score: value, .. } = comparisons[index];
            return Err(Error::NotFinite {
                kind: comparisons[index].kind(),
                index,
                value,
            });
        }
        let mut subjects: Vec<u32> = comparisons
            .iter()
            .flat_map(|c| c.subjects.map(|subject| subject & !FORGER))
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        let dense = |subject: u32| {
            let place = subjects.partition_point(|&s| s < subject & !FORGER) as u32;
            place | (subject & FORGER)
        };
        let mut entries: Vec<Entry> = comparisons
            .iter()
            .map(|c| Entry {
                key: direction.key_of(c.score),
                subjects: c.subjects.map(dense),
            })
            .collect();
        entries.sort_unstable_by_key(|entry| ordered_bits(entry.key));
        Ok(Self {
            direction,
            subjects,
            entries,
        })
    }

    /// The comparisons of several sets in one: of the folds of a cross-validation, or of several
    /// trainings.
    ///
    /// A subject must have the same number in all of them, and different
    /// subjects different ones: intervals leave out all comparisons of a subject
    /// together. The fold of a comparison is not kept, see
    /// [`Jackknife`](crate::Jackknife#folds). One threshold is applied to all
    /// scores, so if the folds' networks differ in scale, the pooled EER tends
    /// to be higher than the folds' own; [`Self::by_fmr`] levels them first.
    ///
    /// # Errors
    /// [`Error::Empty`] without a set, [`Error::MixedDirections`] if they differ in direction.
    pub fn pooled<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Result<Self, Error> {
        let mut sets = sets.into_iter().peekable();
        let direction = sets.peek().ok_or(Error::Empty)?.direction;
        let mut comparisons = Vec::new();
        for set in sets {
            if set.direction != direction {
                return Err(Error::MixedDirections);
            }
            comparisons.extend(set.comparisons());
        }
        Self::new(direction, comparisons)
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The distinct subjects, ascending.
    #[must_use]
    pub fn subjects(&self) -> &[u32] {
        &self.subjects
    }

    /// The number of comparisons.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Always false: a set without comparisons cannot be made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The comparisons, the most alike first.
    pub fn comparisons(&self) -> impl ExactSizeIterator<Item = Comparison> + '_ {
        self.entries.iter().map(|entry| Comparison {
            subjects: entry
                .subjects
                .map(|place| self.subjects[(place & !FORGER) as usize] | (place & FORGER)),
            score: self.direction.score_of(f64::from(entry.key)) as f32,
        })
    }

    /// The scores without the subjects.
    #[must_use]
    pub fn scores(&self) -> Scores {
        let of = |wanted_genuine: bool| {
            let chosen = self
                .entries
                .iter()
                .filter(|entry| entry.is_genuine() == wanted_genuine);
            chosen.map(|entry| entry.key).collect()
        };
        Scores::from_sorted_keys(self.direction, of(true), of(false))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
