//! Which pairs are trained on.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Which pairs are trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PairsSpec {
    /// How pairs are drawn.
    pub build: PairBuild,
    /// What is drawn first, where pairs are drawn without repetition.
    #[serde(skip_serializing_if = "PairDraw::is_usual")]
    pub draw: PairDraw,
    /// Genuine pairs to draw, and as many impostor pairs.
    pub per_kind: usize,
    /// The share of the impostor pairs, 0 to 1, that are of a genuine sample and a forgery of the same subject.
    #[serde(skip_serializing_if = "is_zero")]
    pub skilled: f64,
    /// A list of pairs to learn from in place of drawn ones: CSV with the header `a,b,kind`, or LFW's form. Those count whose
    /// subjects are learnt from by the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<PathBuf>,
}

fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl Default for PairsSpec {
    fn default() -> Self {
        Self {
            build: PairBuild::Balanced,
            draw: PairDraw::Pairs,
            per_kind: 1000,
            skilled: 0.0,
            list: None,
        }
    }
}

/// How pairs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairBuild {
    /// As the classic recipe does: genuine pairs with repetition, impostors that share the image number.
    Seed,
    /// At random without repetition.
    Balanced,
}

/// What is drawn first, which says who counts alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairDraw {
    /// A pair, each as likely as any other: a subject with many images is in most of the genuine pairs. This is what recipes
    /// mean that do not speak of it.
    #[default]
    Pairs,
    /// A subject, each as often as any other, then two images of it; and two subjects, then an image of each.
    Subjects,
}

impl PairDraw {
    /// Whether it is what recipes mean that do not speak of it.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
