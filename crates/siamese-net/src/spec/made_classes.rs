//! Classes that are made of others.

use serde::{Deserialize, Serialize};

/// What makes further classes of each subject while training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MadeClasses {
    /// A quarter turn, half a turn and three quarters, counter-clockwise: four classes of one.
    Rotate90,
    /// The mirror image, left to right: two classes of one.
    Flip,
}

impl MadeClasses {
    /// The classes that become of one.
    #[must_use]
    pub fn factor(self) -> usize {
        match self {
            Self::Rotate90 => 4,
            Self::Flip => 2,
        }
    }
}
