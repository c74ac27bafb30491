//! How alike two vectors are.

use serde::{Deserialize, Serialize};
use verification_figures::Direction;

use crate::error::Error;

/// The longest vector accepted; beyond it squares of `f32` overflow.
const LONGEST: f64 = 1e15;

/// How many running sums a product has. Fixed, so that every processor adds in the same order.
const LANES: usize = 32;

/// How two vectors are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// The cosine of the angle between them, -1 to 1. Large means alike.
    Cosine,
    /// Their Euclidean distance, from 0. Small means alike.
    Euclidean,
}

impl Metric {
    /// Whether a larger score means more alike.
    #[must_use]
    pub fn large_is_alike(self) -> bool {
        self == Self::Cosine
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::Cosine => Direction::Similarity,
            Self::Euclidean => Direction::Distance,
        }
    }

    /// The score of two vectors: what a search reports for them, to the last bit.
    ///
    /// Under the cosine both are first brought to length 1 in `f32`. Products and sums are in `f64`, in one order on every
    /// processor.
    ///
    /// # Errors
    ///
    /// [`Error::Dimension`] if the lengths differ, [`Error::NotFinite`], [`Error::Degenerate`].
    pub fn score(self, a: &[f32], b: &[f32]) -> Result<f64, Error> {
        if a.len() != b.len() {
            return Err(Error::Dimension {
                expected: a.len(),
                found: b.len(),
            });
        }
        Ok(self.likeness(self.compare(&self.prepared(a)?, &self.prepared(b)?)))
    }

    /// A score as a likeness, where large means alike, and back.
    #[must_use]
    pub(crate) fn likeness(self, score: f64) -> f64 {
        match self {
            Self::Cosine => score,
            Self::Euclidean => -score,
        }
    }

    /// The vector as it is searched: checked, and of length 1 under the cosine.
    pub(crate) fn prepared(self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        if let Some((index, &value)) = vector
            .iter()
            .enumerate()
            .find(|(_, value)| !value.is_finite())
        {
            return Err(Error::NotFinite { index, value });
        }
        let length = length(vector);
        match self {
            _ if length > LONGEST => Err(Error::Degenerate {
                length,
                expected: "expected at most 1e15",
            }),
            Self::Euclidean => Ok(vector.to_vec()),
            Self::Cosine if length < 1.0 / LONGEST => Err(Error::Degenerate {
                length,
                expected: "expected at least 1e-15 where angles are compared",
            }),
            Self::Cosine => Ok(vector
                .iter()
                .map(|&value| (f64::from(value) / length) as f32)
                .collect()),
        }
    }

    /// The likeness of two prepared vectors.
    #[inline(always)]
    pub(crate) fn compare(self, a: &[f32], b: &[f32]) -> f64 {
        match self {
            Self::Cosine => summed(a, b, |x, y| x * y),
            Self::Euclidean => -summed(a, b, |x, y| (x - y) * (x - y)).sqrt(),
        }
    }
}

/// The Euclidean length.
pub(crate) fn length(vector: &[f32]) -> f64 {
    summed(vector, vector, |x, y| x * y).sqrt()
}

/// Sums a term over all places, in `f64` and in an order that does not depend on the processor.
#[inline(always)]
fn summed(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0f64; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder());
    for (sum, (&x, &y)) in sums.iter_mut().zip(rest) {
        *sum += term(f64::from(x), f64::from(y));
    }
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += term(f64::from(a[lane]), f64::from(b[lane]));
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}
