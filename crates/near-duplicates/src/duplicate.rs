//! What a search for near-duplicates finds, and why one is refused.

use crate::alignment::WORTH_ALIGNING;

/// Two images of one picture, by their places in the sets given.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Duplicate {
    /// Place of the one.
    pub first: usize,
    /// Place of the other: in the same set behind `first`, or in the second set.
    pub second: usize,
    /// How alike they are.
    pub likeness: Likeness,
}

/// How alike two images of one picture are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Likeness {
    /// Equal in size, maxval and every sample.
    Equal,
    /// Alike.
    #[non_exhaustive]
    Near {
        /// [`Fingerprint::correlation`](crate::Fingerprint::correlation).
        correlation: f64,
        /// [`Fingerprint::distance`](crate::Fingerprint::distance).
        distance: u32,
    },
}

/// Why a search for near-duplicates was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DuplicatesError {
    /// The radius is more than the index can search.
    #[error("expected a radius of at most {largest} gradient signs, found {found}")]
    Radius {
        /// The largest radius.
        largest: u32,
        /// The radius given.
        found: u32,
    },
    /// The correlation would take different images for near-duplicates, or is none.
    #[error("expected a least correlation from {WORTH_ALIGNING} to 1, found {found}")]
    Correlation {
        /// The correlation given.
        found: f64,
    },
    /// Too many images are alike to name all pairs.
    #[error(
        "expected at most {limit} pairs of near-duplicates, found more; raise `NearDuplicates::max_pairs`, or look at fewer images at once"
    )]
    TooManyPairs {
        /// The limit set.
        limit: usize,
    },
}
