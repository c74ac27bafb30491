//! What several answers share.

use serde::Serialize;
use siamese_use::gallery::{Basis, Decision, FmrPoint, SearchPoint};
use siamese_use::{Remark, Units};
use utoipa::ToSchema;
use verification_figures::Outcome;

/// What a threshold says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Word {
    /// The picture shows the person.
    Match,
    /// Perhaps: on other subjects the threshold could as well have fallen on the other side of the score. Let a human look.
    Uncertain,
    /// The picture shows none of those searched, or not the person claimed.
    Unknown,
    /// There is no threshold, because nobody calibrated: scores and no decision.
    None,
}

impl Word {
    /// The word for a comparison of two pictures.
    pub(crate) fn of_outcome(outcome: Option<Outcome>) -> Self {
        match outcome {
            Some(Outcome::Match) => Self::Match,
            Some(Outcome::Uncertain) => Self::Uncertain,
            Some(Outcome::NonMatch) => Self::Unknown,
            None => Self::None,
        }
    }

    /// The word, and the number of the person whom the decision names.
    pub(crate) fn of(decision: Decision) -> (Self, Option<u64>) {
        match decision {
            Decision::Match { person } => (Self::Match, Some(person)),
            Decision::Uncertain { person } => (Self::Uncertain, Some(person)),
            Decision::Unknown => (Self::Unknown, None),
            Decision::Uncalibrated => (Self::None, None),
        }
    }
}

/// The threshold of a comparison with one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompareThreshold {
    /// A distance below it is a match.
    distance: f64,
    /// A similarity above it is a match.
    similarity: f64,
    /// The false match rate asked for.
    target_fmr: f64,
    /// The false match rate at the threshold.
    fmr: f64,
    /// Whether `fmr` is at most `target_fmr`. If not, nothing as strict was measured.
    target_met: bool,
    /// The false non-match rate at the threshold, where it was measured.
    fnmr: Option<f64>,
    /// Whether so few subjects were measured that the rate is an indication.
    weak: bool,
    /// Which calibration it is of.
    calibration: Option<String>,
}

impl CompareThreshold {
    pub(crate) fn new(
        units: Units,
        point: &FmrPoint,
        target_fmr: f64,
        calibration: Option<String>,
    ) -> Self {
        Self {
            distance: units.distance(point.threshold),
            similarity: units.similarity(point.threshold),
            target_fmr,
            fmr: point.fmr,
            target_met: point.fmr <= target_fmr,
            fnmr: point.fnmr,
            weak: point.weak,
            calibration,
        }
    }
}

/// The threshold of a search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchThreshold {
    /// A distance below it is a match.
    distance: f64,
    /// A similarity above it is a match.
    similarity: f64,
    /// The false positive identification rate asked for.
    target_fpir: f64,
    /// The false positive identification rate at the threshold.
    fpir: f64,
    /// Whether `fpir` is at most `target_fpir`. If not, nothing as strict was measured.
    target_met: bool,
    /// In how large galleries the rate was measured; absent where it follows from a false match rate, as 1 - (1 - FMR)^N.
    measured_gallery_size: Option<u64>,
    /// Whether so few subjects were measured that the rate is an indication.
    weak: bool,
    /// Which calibration it is of.
    calibration: Option<String>,
}

impl SearchThreshold {
    pub(crate) fn new(
        units: Units,
        point: &SearchPoint,
        target_fpir: f64,
        calibration: Option<String>,
    ) -> Self {
        Self {
            distance: units.distance(point.threshold),
            similarity: units.similarity(point.threshold),
            target_fpir,
            fpir: point.fpir,
            target_met: point.fpir <= target_fpir,
            measured_gallery_size: match point.basis {
                Basis::Measured { gallery_size } => Some(gallery_size),
                Basis::FromFmr { .. } => None,
            },
            weak: point.weak,
            calibration,
        }
    }
}

/// A remark in the words of this interface.
pub(crate) fn remark(remark: &Remark) -> String {
    match remark {
        Remark::Shape {
            found: [height, width],
            expected: [rows, columns],
        } => format!(
            "its shape, {height}x{width} (height x width), is far from the {rows}x{columns} that the model takes: is it a \
             crop of one face? There is no face detector here; give a box"
        ),
        remark => remark.to_string(),
    }
}
