//! How two embeddings are compared.

use crate::{Direction, Embeddings, Error};

/// Running sums kept side by side, so that the compiler can use vector
/// registers without reordering a float sum.
const LANES: usize = 16;

/// The score of two embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Metric {
    /// Length of the difference, a distance of at least 0.
    Euclidean,
    /// Sum of the absolute differences, a distance of at least 0.
    Manhattan,
    /// Cosine of the angle, a similarity in -1..=1.
    Cosine,
}

impl Metric {
    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(self) -> Direction {
        match self {
            Self::Euclidean | Self::Manhattan => Direction::Distance,
            Self::Cosine => Direction::Similarity,
        }
    }

    /// The score of two embeddings of equal length, in `f32` arithmetic. The
    /// result does not depend on the order of the two. It is NaN for the
    /// cosine with an embedding of zeros.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the lengths differ.
    pub fn score(self, a: &[f32], b: &[f32]) -> Result<f32, Error> {
        if a.len() != b.len() {
            return Err(Error::LengthMismatch {
                left: "first embedding",
                left_len: a.len(),
                right: "second embedding",
                right_len: b.len(),
            });
        }
        Ok(match self {
            Self::Cosine => cosine(a, b, length(a) * length(b)),
            Self::Euclidean => euclidean(a, b),
            Self::Manhattan => manhattan(a, b),
        })
    }
}

/// Compares rows of two sets of embeddings; lengths are computed once.
#[derive(Debug, Clone)]
pub(crate) struct Scorer<'a> {
    metric: Metric,
    left: Embeddings<'a>,
    right: Embeddings<'a>,
    left_lengths: Vec<f32>,
    right_lengths: Vec<f32>,
}

impl<'a> Scorer<'a> {
    pub(crate) fn new(
        metric: Metric,
        left: Embeddings<'a>,
        right: Embeddings<'a>,
    ) -> Result<Self, Error> {
        if left.dimensions() != right.dimensions() {
            return Err(Error::LengthMismatch {
                left: "an embedding of the first set",
                left_len: left.dimensions(),
                right: "one of the second",
                right_len: right.dimensions(),
            });
        }
        let lengths = |side: Embeddings<'_>| match metric {
            Metric::Euclidean | Metric::Manhattan => Ok(Vec::new()),
            Metric::Cosine => (0..side.len())
                .map(|index| match length(side.row(index)) {
                    0.0 => Err(Error::ZeroEmbedding { index }),
                    length => Ok(length),
                })
                .collect(),
        };
        Ok(Self {
            metric,
            left,
            right,
            left_lengths: lengths(left)?,
            right_lengths: lengths(right)?,
        })
    }

    /// The score of row `i` of the first set and row `j` of the second.
    pub(crate) fn score(&self, i: usize, j: usize) -> Result<f32, Error> {
        let (a, b) = (self.left.row(i), self.right.row(j));
        let score = match self.metric {
            Metric::Euclidean => euclidean(a, b),
            Metric::Manhattan => manhattan(a, b),
            Metric::Cosine => cosine(a, b, self.left_lengths[i] * self.right_lengths[j]),
        };
        if score.is_finite() {
            Ok(score)
        } else {
            Err(Error::ScoreOverflow {
                first: i,
                second: j,
            })
        }
    }
}

fn euclidean(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |x, y| (x - y) * (x - y)).sqrt()
}

fn manhattan(a: &[f32], b: &[f32]) -> f32 {
    sum(a, b, |x, y| (x - y).abs())
}

/// Rounding can carry the quotient past the ends of the range.
fn cosine(a: &[f32], b: &[f32], lengths: f32) -> f32 {
    (sum(a, b, |x, y| x * y) / lengths).clamp(-1.0, 1.0)
}

fn length(a: &[f32]) -> f32 {
    sum(a, a, |x, y| x * y).sqrt()
}

#[inline(always)]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes[lane] += term(x[lane], y[lane]);
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(&x, &y)| term(x, y)).sum();
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_does_not_carry_a_cosine_out_of_range() {
        let mut carried = 0;
        for k in 1..500_u16 {
            let a: Vec<f32> = (0..21)
                .map(|d| f32::from(k * 31 % 97 + d) * 0.37 - 9.1)
                .collect();
            let scaled: Vec<f32> = a.iter().map(|x| x * 1.7).collect();
            let quotient = sum(&a, &scaled, |x, y| x * y) / (length(&a) * length(&scaled));
            carried += u32::from(quotient > 1.0);
            assert!(Metric::Cosine.score(&a, &scaled).unwrap() <= 1.0);
        }
        assert!(carried > 0, "the test no longer tests anything");
    }

    proptest! {
        #[test]
        fn scores_equal_plain_sums(
            pairs in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 1..70)
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
            let plain = |term: fn(f64, f64) -> f64| -> f64 {
                pairs.iter().map(|&(x, y)| term(f64::from(x), f64::from(y))).sum()
            };
            let close = |metric: Metric, expected: f64| {
                let found = metric.score(&a, &b).unwrap();
                prop_assert!((f64::from(found) - expected).abs() < 1e-4, "{metric:?} {found} {expected}");
                prop_assert_eq!(metric.score(&b, &a).unwrap(), found);
                Ok(())
            };
            close(Metric::Euclidean, plain(|x, y| (x - y).powi(2)).sqrt())?;
            close(Metric::Manhattan, plain(|x, y| (x - y).abs()))?;
            let lengths = (plain(|x, _| x * x) * plain(|_, y| y * y)).sqrt();
            if lengths > 0.01 {
                close(Metric::Cosine, plain(|x, y| x * y) / lengths)?;
            }
        }
    }
}
