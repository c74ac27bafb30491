//! What a calibration holds.

use crate::{Direction, Evidence, Fusion, smallest_supported_rate};

/// Thresholds for wanted error rates, measured on subjects that the model did not learn from.
///
/// It holds for the scores of one model, in one unit, under one fusion. It is measured here, or brought by the caller:
///
/// ```
/// use verification_figures::{Calibration, Direction, FmrPoint, Fusion, Made, Outcome};
///
/// let mut calibration = Calibration::new(Direction::Similarity, Fusion::Best, 1, Made::new("by hand", 400));
/// calibration.comparisons = vec![FmrPoint::new(0.01, 0.5), FmrPoint::new(0.001, 0.7)];
/// let calibration = calibration.checked()?;
///
/// let decided = calibration.decide(0.6, 0.001).unwrap();
/// assert_eq!((decided.outcome, decided.point.threshold), (Outcome::NonMatch, 0.7));
/// // Nothing as strict was measured: decided at the smallest rate that was, which it says.
/// let decided = calibration.decide(0.8, 0.0001).unwrap();
/// assert_eq!((decided.outcome, decided.target_met, decided.point.fmr), (Outcome::Match, false, 0.001));
/// # Ok::<(), verification_figures::Error>(())
/// ```
///
/// With the feature `serde` it is checked when it is read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::stored::Stored")
)]
pub struct Calibration {
    /// Which end of the scale means alike. The unit is that of whoever made the scores; in a model file, distances in
    /// units of its recipe.
    pub direction: Direction,
    /// The fusion of the scores.
    pub fusion: Fusion,
    /// How many templates each subject had.
    pub templates_per_subject: u32,
    /// How it was made, and on what.
    pub made: Made,
    /// Thresholds for comparisons of one probe with one subject, in any order.
    pub comparisons: Vec<FmrPoint>,
    /// Scores, the most alike first, each with the share of impostor comparisons that are at least as alike, 0..=1. Empty
    /// where it was not measured.
    pub impostor_tail: Vec<(f64, f64)>,
    /// Thresholds for searches in galleries of several sizes, in any order.
    pub searches: Vec<FpirPoint>,
    /// Error rates of groups of subjects at the thresholds for comparisons.
    pub groups: Vec<GroupRates>,
}

/// How a calibration was made, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Made {
    /// In words, for example `out of fold, 8 folds of subjects-8-fold`.
    pub how: String,
    /// How many subjects it was measured on.
    pub subjects: u64,
    /// How many genuine comparisons; 0 where nobody noted it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub genuine: u64,
    /// How many impostor comparisons; 0 where nobody noted it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub impostor: u64,
    /// SHA-256 of the comparisons, as 64 hexadecimal digits.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub scores_sha256: Option<String>,
}

impl Made {
    /// On so many subjects, with nothing noted about the comparisons.
    #[must_use]
    pub fn new(how: impl Into<String>, subjects: u64) -> Self {
        Self {
            how: how.into(),
            subjects,
            genuine: 0,
            impostor: 0,
            scores_sha256: None,
        }
    }
}

/// A threshold for a comparison with one subject.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FmrPoint {
    /// False match rate: at most this share of the impostor comparisons is more alike than the threshold.
    pub fmr: f64,
    /// A score more alike than this is a match.
    pub threshold: f64,
    /// 95 % interval of the threshold over subjects, the smaller number first.
    #[cfg_attr(feature = "serde", serde(default))]
    pub threshold_interval: Option<(f64, f64)>,
    /// False non-match rate at the threshold, where it was measured.
    #[cfg_attr(feature = "serde", serde(default))]
    pub fnmr: Option<f64>,
    /// Its 95 % interval over subjects.
    #[cfg_attr(feature = "serde", serde(default))]
    pub fnmr_interval: Option<(f64, f64)>,
    /// Whether so many comparisons show the rate, and so many subjects alone would not (3 / subjects): the comparisons
    /// share subjects, so the rate is an indication.
    #[cfg_attr(feature = "serde", serde(default))]
    pub weak: bool,
}

impl FmrPoint {
    /// A threshold of which nothing else is known.
    #[must_use]
    pub fn new(fmr: f64, threshold: f64) -> Self {
        Self {
            fmr,
            threshold,
            threshold_interval: None,
            fnmr: None,
            fnmr_interval: None,
            weak: false,
        }
    }
}

/// A threshold for a search.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FpirPoint {
    /// How many subjects were searched.
    pub gallery_size: u64,
    /// False positive identification rate: at most this share of the searches for a stranger finds somebody.
    pub fpir: f64,
    /// A score more alike than this is a match.
    pub threshold: f64,
    /// 95 % interval of the threshold over subjects, the smaller number first.
    #[cfg_attr(feature = "serde", serde(default))]
    pub threshold_interval: Option<(f64, f64)>,
    /// False negative identification rate there, where it was measured: the share of searches for an enrolled subject that
    /// do not find it first, or not above the threshold.
    #[cfg_attr(feature = "serde", serde(default))]
    pub fnir: Option<f64>,
    /// Its 95 % interval over subjects.
    #[cfg_attr(feature = "serde", serde(default))]
    pub fnir_interval: Option<(f64, f64)>,
    /// As [`FmrPoint::weak`], by the number of strangers.
    #[cfg_attr(feature = "serde", serde(default))]
    pub weak: bool,
}

impl FpirPoint {
    /// A threshold of which nothing else is known.
    #[must_use]
    pub fn new(gallery_size: u64, fpir: f64, threshold: f64) -> Self {
        Self {
            gallery_size,
            fpir,
            threshold,
            threshold_interval: None,
            fnir: None,
            fnir_interval: None,
            weak: false,
        }
    }
}

/// Error rates of a group of subjects. Its impostor comparisons are those within the group.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupRates {
    /// Name of the group.
    pub name: String,
    /// How many subjects are in it.
    pub subjects: u64,
    /// Its rates at the thresholds for comparisons, in their order.
    pub at: Vec<GroupPoint>,
}

/// Error rates of a group at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupPoint {
    /// The false match rate that the threshold has over all groups.
    pub target_fmr: f64,
    /// False matches of the group; absent where it has no impostor comparisons.
    pub fmr: Option<Evidence>,
    /// False non-matches of the group; absent where it has no genuine comparisons.
    pub fnmr: Option<Evidence>,
}

impl GroupPoint {
    /// Counts at the threshold for this rate.
    #[must_use]
    pub fn new(target_fmr: f64, fmr: Option<Evidence>, fnmr: Option<Evidence>) -> Self {
        Self {
            target_fmr,
            fmr,
            fnmr,
        }
    }
}

impl Calibration {
    /// One without any threshold yet.
    #[must_use]
    pub fn new(
        direction: Direction,
        fusion: Fusion,
        templates_per_subject: u32,
        made: Made,
    ) -> Self {
        Self {
            direction,
            fusion,
            templates_per_subject,
            made,
            comparisons: Vec::new(),
            impostor_tail: Vec::new(),
            searches: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// The smallest FMR that its impostor comparisons can show, by the rule of three; infinite where nobody noted how many
    /// there were.
    #[must_use]
    pub fn smallest_fmr(&self) -> f64 {
        smallest_supported_rate(self.made.impostor)
    }
}
