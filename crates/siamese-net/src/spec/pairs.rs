//! Which pairs are trained on.

use serde::{Deserialize, Serialize};

/// Which pairs are trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PairsSpec {
    /// How pairs are drawn.
    pub build: PairBuild,
    /// Genuine pairs to draw, and as many impostor pairs.
    pub per_kind: usize,
}

impl Default for PairsSpec {
    fn default() -> Self {
        Self {
            build: PairBuild::Balanced,
            per_kind: 1000,
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
