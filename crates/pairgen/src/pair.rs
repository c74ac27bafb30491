//! One pair: two images and whether they show the same subject.

use std::fmt;
use std::str::FromStr;

/// Whether the two images of a pair show the same subject (ISO/IEC 2382-37 terms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PairKind {
    /// Two images of one subject.
    Genuine,
    /// Images of two different subjects.
    Impostor,
}

impl PairKind {
    /// `true` for [`PairKind::Genuine`].
    #[must_use]
    pub fn is_genuine(self) -> bool {
        self == Self::Genuine
    }
}

impl fmt::Display for PairKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Genuine => "genuine",
            Self::Impostor => "impostor",
        })
    }
}

/// Parsing failed: the text is neither `genuine` nor `impostor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `genuine` or `impostor`")]
pub struct ParsePairKindError;

impl FromStr for PairKind {
    type Err = ParsePairKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "genuine" => Ok(Self::Genuine),
            "impostor" => Ok(Self::Impostor),
            _ => Err(ParsePairKindError),
        }
    }
}

/// Two different samples of a [`Catalog`](crate::Catalog), by number, and their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The first sample.
    pub a: u32,
    /// The second sample, never equal to `a`.
    pub b: u32,
    /// Whether both show the same subject.
    pub kind: PairKind,
}

impl Pair {
    /// The two samples, the smaller number first: equal for a pair and its mirror image.
    #[must_use]
    pub fn unordered(self) -> (u32, u32) {
        (self.a.min(self.b), self.a.max(self.b))
    }
}
