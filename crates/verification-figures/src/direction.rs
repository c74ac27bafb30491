//! What a score means: its direction, and the kind of comparison behind it.

use std::fmt;

/// Which end of the scale means "alike".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Direction {
    /// Small scores mean alike. A comparison is accepted as genuine if and
    /// only if `score < threshold`.
    Distance,
    /// Large scores mean alike. A comparison is accepted as genuine if and
    /// only if `score > threshold`.
    Similarity,
}

impl Direction {
    /// Whether a comparison with this score is accepted as genuine.
    ///
    /// Both rules are strict, so a score equal to the threshold is rejected
    /// and negating all scores while swapping the direction changes nothing.
    #[must_use]
    pub fn accepts(self, score: f32, threshold: f64) -> bool {
        self.is_more_alike(f64::from(score), threshold)
    }

    /// Whether a score is more alike than another one.
    pub(crate) fn is_more_alike(self, score: f64, than: f64) -> bool {
        match self {
            Self::Distance => score < than,
            Self::Similarity => score > than,
        }
    }

    /// The score as a distance. Adding zero turns -0 into +0, which makes the
    /// order of bit patterns the order of values.
    pub(crate) fn key_of(self, score: f32) -> f32 {
        match self {
            Self::Distance => score + 0.0,
            Self::Similarity => -score + 0.0,
        }
    }

    /// The score, or threshold, that a key stands for. It is its own inverse,
    /// so it also turns a threshold into a limit for keys.
    pub(crate) fn score_of(self, key: f64) -> f64 {
        match self {
            Self::Distance => key,
            Self::Similarity => -key + 0.0,
        }
    }
}

/// Whether a comparison is of one subject with itself or of two subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum PairKind {
    /// Both samples are of the same subject.
    Genuine,
    /// The samples are of two different subjects.
    Impostor,
}

impl fmt::Display for PairKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Genuine => "genuine",
            Self::Impostor => "impostor",
        })
    }
}
