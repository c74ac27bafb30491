//! What thresholds do: those in use, and those for wanted error rates.

use serde::{Deserialize, Serialize};
use verification_figures::Direction;

use super::figure::{Answer, Measured, Rate};

/// What the thresholds in use do on the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Decision {
    /// What the numbers are: `euclidean distance`.
    pub unit: String,
    /// Which end of the scale means alike. Absent from the JSON form for distances.
    #[serde(default = "distance", skip_serializing_if = "is_distance")]
    pub direction: Direction,
    /// Two images are called genuine below it (above it, for similarities); one for each fold.
    pub thresholds: Vec<f64>,
    /// How they were found, in words.
    pub source: String,
    /// False match rate at them: strangers accepted.
    pub fmr: Option<Rate>,
    /// False non-match rate at them: genuine subjects rejected.
    pub fnmr: Option<Rate>,
    /// Share of right decisions.
    pub accuracy: Option<Measured>,
    /// Mean of the shares of right decisions on genuine and on impostor comparisons.
    pub balanced_accuracy: Option<Measured>,
    /// Share of the pairs called genuine that are.
    pub precision: Option<Measured>,
    /// Share of the genuine pairs that are called so.
    pub recall: Option<Measured>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<Measured>,
    /// FNMR at the thresholds in which every subject counts alike, where subjects have unequal numbers of genuine
    /// comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fnmr_subjects_alike: Option<f64>,
    /// `[fmr, fnmr]` as the thresholds of all folds move by the same amount, the strictest first: the curve on which the
    /// thresholds in use lie. Empty for a single fold, whose threshold lies on the method's own curve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub det: Vec<[f64; 2]>,
    /// The smallest FMR that this many impostor comparisons can show (rule of three), and can show firmly (rule of 30).
    pub smallest_fmr: Option<[f64; 2]>,
}

impl Decision {
    /// Thresholds without figures yet.
    pub fn new(
        unit: impl Into<String>,
        direction: Direction,
        thresholds: Vec<f64>,
        source: impl Into<String>,
    ) -> Decision {
        Decision {
            unit: unit.into(),
            direction,
            thresholds,
            source: source.into(),
            fmr: None,
            fnmr: None,
            accuracy: None,
            balanced_accuracy: None,
            precision: None,
            recall: None,
            f1: None,
            fnmr_subjects_alike: None,
            det: Vec::new(),
            smallest_fmr: None,
        }
    }
}

fn distance() -> Direction {
    Direction::Distance
}

// The signature is serde's.
fn is_distance(direction: &Direction) -> bool {
    *direction == Direction::Distance
}

/// A threshold for a wanted error rate, and what it does on the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdChoice {
    /// The aim: `FMR 1 %`.
    pub aim: String,
    /// Its outcome, or why the data cannot say.
    pub outcome: Answer<ThresholdOutcome>,
}

/// A threshold chosen on other subjects than those it is judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdOutcome {
    /// One for each fold.
    pub thresholds: Vec<f64>,
    /// On whom they were chosen, in words; whether those were trained on.
    pub chosen_on: String,
    /// FMR on the test.
    pub fmr: Rate,
    /// FNMR on the test.
    pub fnmr: Rate,
}
