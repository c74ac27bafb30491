//! What a comparison or a search answers.

use serde::Serialize;
use uuid::Uuid;
use verification_figures::{FmrPoint, SearchPoint};

/// Whom the probe shows, as far as a threshold says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Decision {
    /// This person.
    Match {
        /// Number of the person.
        person: u64,
    },
    /// Perhaps this person: the score lies within the interval of the threshold, so on other people the threshold could as
    /// well have fallen on its other side. Let a human look, or take another picture.
    Uncertain {
        /// Number of the person.
        person: u64,
    },
    /// None of those searched; for a comparison, not the person claimed.
    Unknown,
    /// There is no threshold, because nobody calibrated the gallery; so there are scores and no decision.
    Uncalibrated,
}

/// The answer of a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identification {
    /// The decision, at `point`.
    pub decision: Decision,
    /// The people who are most alike, best first.
    pub candidates: Vec<Candidate>,
    /// By how much the first is more alike than the second, in units of the score; nothing where there is no second. Small
    /// means that the two are easily confused.
    pub gap: Option<f64>,
    /// How many people were searched: those with a template who were not left out.
    pub gallery_size: u64,
    /// The false positive identification rate asked for.
    pub target_fpir: f64,
    /// Whether the rate at `point` is at most the one asked for. If not, the calibration supports nothing as strict, and the
    /// decision was made at the smallest rate that it supports.
    pub target_met: bool,
    /// Threshold and rate of the decision, and how the rate is known; nothing without a calibration.
    pub point: Option<SearchPoint>,
}

/// A person who may be the one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Number of the person.
    pub person: u64,
    /// UUID of the person.
    pub uuid: Uuid,
    /// The caller's name for the person.
    pub external_id: String,
    /// Cosine (large means alike) or Euclidean distance (small means alike), of the person's templates together.
    pub score: f64,
    /// Whether the score is more alike than the threshold.
    pub accepted: bool,
    /// The share of comparisons of strangers that are at least as alike, where the calibration says it.
    pub fmr_at_score: Option<f64>,
}

/// The answer of a comparison with one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The decision, at `point`.
    pub decision: Decision,
    /// Cosine (large means alike) or Euclidean distance (small means alike), of the person's templates together.
    pub score: f64,
    /// Whether somebody said that this picture does not show the person; then it is no match, whatever the score.
    pub excluded: bool,
    /// The false match rate asked for.
    pub target_fmr: f64,
    /// Whether the rate at `point` is at most the one asked for. If not, the calibration supports nothing as strict, and the
    /// decision was made at the smallest rate that it supports.
    pub target_met: bool,
    /// Threshold and rate of the decision; nothing without a calibration.
    pub point: Option<FmrPoint>,
    /// The share of comparisons of strangers that are at least as alike, where the calibration says it.
    pub fmr_at_score: Option<f64>,
}
