//! When two images are said to show the same subject.

use serde::{Deserialize, Serialize};

/// When two images are said to show the same subject: distance below the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionSpec {
    /// Fixed threshold; absent: the one at which both error rates are equal on the validation pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The highest FMR (impostor comparisons accepted) that is good enough, above 0 and below 1: a report's verdict goes by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fmr: Option<f64>,
    /// The highest FNMR (genuine comparisons rejected) that is good enough, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_fnmr: Option<f64>,
    /// Genuine samples of a subject that a sample is compared with where forgeries are judged; absent: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub references: Option<usize>,
    /// If several images of a person are enrolled: how one comparison is made with all of them.
    pub fusion: Fusion,
}

impl Fusion {
    /// What the fused distance is.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Mean => "mean distance",
            Self::Nearest => "distance of the nearest",
            Self::Relative => "mean distance relative to that among the references",
        }
    }
}

impl From<Fusion> for verification_figures::Fusion {
    fn from(fusion: Fusion) -> Self {
        match fusion {
            Fusion::Mean => Self::Mean,
            Fusion::Nearest => Self::Best,
            Fusion::Relative => Self::Relative,
        }
    }
}

/// How the distances from an image to each enrolled image of a person become one (the sum and the max rule of J. Kittler
/// et al., "On Combining Classifiers", IEEE TPAMI 20(3), 1998).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// Their mean.
    Mean,
    /// The least: it is enough to look like one of the enrolled images, for instance if they were taken in several
    /// sittings.
    #[default]
    Nearest,
    /// Their mean, less the mean distance of the enrolled images from each other: somebody whose images vary much is judged by how
    /// much they do. Where forgeries are judged.
    Relative,
}
