//! The windows of convolutions and poolings.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Height and width of a window or step: one number for both, or `[height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number or [height, width]")]
pub enum Size {
    /// The same both ways.
    Square(usize),
    /// Height, width.
    Each([usize; 2]),
}

impl Size {
    /// `[height, width]`.
    #[must_use]
    pub fn pair(self) -> [usize; 2] {
        match self {
            Self::Square(side) => [side, side],
            Self::Each(pair) => pair,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.pair();
        write!(f, "{height}x{width}")
    }
}

/// Rows and columns of zeros around a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"valid\", \"same\", a whole number or [height, width]"
)]
pub enum Padding {
    /// `valid`: none; `same`: as many as keep the size at stride 1.
    Named(NamedPadding),
    /// This many on each side.
    Explicit(Size),
}

/// Padding by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamedPadding {
    /// None.
    Valid,
    /// Half the kernel; the kernel must be odd.
    Same,
}

/// Which axes of `[channels, height, width]` a pooling runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PoolAxes {
    /// The usual ones.
    #[default]
    HeightWidth,
    /// What a channels-last pooling does to a channels-first map: the windows' height runs over channels, its width
    /// over rows, and columns stay.
    ChannelsHeight,
}
