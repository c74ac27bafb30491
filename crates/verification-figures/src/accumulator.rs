//! Scores counted as they come, in bounded memory.

use crate::direction::{Direction, PairKind};
use crate::error::Error;
use crate::sort::{from_ordered_bits, ordered_bits};
use crate::steps::{Counts, Step};

const DEFAULT_BITS: u32 = 11;
const SIGN_AND_EXPONENT_BITS: u32 = 9;
const FRACTION_BITS: u32 = 23;

/// Counts scores instead of holding them, for sets too large for
/// [`Scores`](crate::Scores).
///
/// A score falls into the bucket that its sign, its exponent and the first
/// `b` bits of its fraction name, 11 unless chosen otherwise. A bucket is at
/// most `2^-b` of its scores wide (0.05 % for 11 bits; `2^(-126-b)` for scores
/// below `2^-126`), whatever their range, and nothing need be known about them
/// beforehand. The memory is `2^(b + 13)` bytes, 16 MiB
/// for 11 bits, however many scores are counted.
///
/// What is lost is only the order of scores within a bucket:
///
/// - rates at a threshold on an edge between buckets are exact, and so are all
///   points of [`det`](Self::det) and the rates that come with thresholds for
///   a target;
/// - thresholds are off by at most the width of one bucket;
/// - EER, AUC and rates at any other threshold come with bounds that hold for
///   certain ([`Bounded`](crate::Bounded)), computed from the counts themselves.
///
/// ```
/// use verification_figures::{Accumulator, Direction, PairKind};
///
/// let mut accumulator = Accumulator::new(Direction::Distance);
/// for k in 0..1000_u16 {
///     accumulator.push(PairKind::Genuine, f32::from(k) / 1000.0)?;
///     accumulator.push(PairKind::Impostor, f32::from(k) / 1000.0 + 0.8)?;
/// }
/// let eer = accumulator.eer()?.rate;
/// assert!(eer.low <= 0.1 && 0.1 <= eer.high);
/// assert!(eer.high - eer.low < 1e-2);
/// # Ok::<(), verification_figures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Accumulator {
    direction: Direction,
    bits: u32,
    /// Genuine and impostor counts, by ordered bits of the key.
    buckets: Vec<[u64; 2]>,
    total: Counts,
}

/// The scores in one bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bucket {
    /// The smallest score that falls into it, up to rounding of the edge.
    pub low: f64,
    /// The largest score that falls into it, up to rounding of the edge.
    pub high: f64,
    /// Genuine scores in it.
    pub genuine: u64,
    /// Impostor scores in it.
    pub impostor: u64,
}

impl Accumulator {
    /// An empty accumulator with buckets of 11 bits.
    #[must_use]
    pub fn new(direction: Direction) -> Self {
        Self::empty(direction, DEFAULT_BITS)
    }

    /// An empty accumulator with buckets of `bits` bits.
    ///
    /// # Errors
    /// [`Error::Argument`] unless `bits` is in `4..=16`.
    pub fn with_bits(direction: Direction, bits: u32) -> Result<Self, Error> {
        if !(4..=16).contains(&bits) {
            return Err(Error::Argument {
                argument: "bits",
                expected: "a value in 4..=16",
                found: f64::from(bits),
            });
        }
        Ok(Self::empty(direction, bits))
    }

    fn empty(direction: Direction, bits: u32) -> Self {
        Self {
            direction,
            bits,
            buckets: vec![[0; 2]; 1 << (SIGN_AND_EXPONENT_BITS + bits)],
            total: Counts::default(),
        }
    }

    /// Counts one score.
    ///
    /// # Errors
    /// [`Error::NotFinite`] for a NaN or infinite score, with the number of
    /// scores of its kind before it; nothing is counted then.
    pub fn push(&mut self, kind: PairKind, score: f32) -> Result<(), Error> {
        let count = match kind {
            PairKind::Genuine => &mut self.total.genuine,
            PairKind::Impostor => &mut self.total.impostor,
        };
        if !score.is_finite() {
            return Err(Error::NotFinite {
                kind,
                index: *count as usize,
                value: score,
            });
        }
        *count += 1;
        let bucket = ordered_bits(self.direction.key_of(score)) >> self.shift();
        self.buckets[bucket as usize][usize::from(kind == PairKind::Impostor)] += 1;
        Ok(())
    }

    /// Adds the counts of another accumulator. The result is the same as that
    /// of one which saw all scores, in any order.
    ///
    /// # Errors
    /// [`Error::Unmergeable`] if direction or bits differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if (self.direction, self.bits) != (other.direction, other.bits) {
            return Err(Error::Unmergeable);
        }
        for (own, others) in self.buckets.iter_mut().zip(&other.buckets) {
            own[0] += others[0];
            own[1] += others[1];
        }
        self.total.genuine += other.total.genuine;
        self.total.impostor += other.total.impostor;
        Ok(())
    }

    /// Which end of the scale means alike.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Number of scores of a kind.
    #[must_use]
    pub fn count(&self, kind: PairKind) -> u64 {
        match kind {
            PairKind::Genuine => self.total.genuine,
            PairKind::Impostor => self.total.impostor,
        }
    }

    /// The buckets that hold scores, the most alike first.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.filled().map(|(bucket, step)| {
            let ends = [self.edge(bucket), self.edge(bucket + 1)];
            let [a, b] = ends.map(|edge| self.direction.score_of(f64::from(edge)));
            Bucket {
                low: a.min(b),
                high: a.max(b),
                genuine: step.genuine,
                impostor: step.impostor,
            }
        })
    }

    fn shift(&self) -> u32 {
        FRACTION_BITS - self.bits
    }

    /// The lower edge of a bucket, as a key.
    pub(crate) fn edge(&self, bucket: u32) -> f32 {
        from_ordered_bits(bucket << self.shift())
    }

    /// The upper edge of the bucket of a key.
    pub(crate) fn edge_above(&self, key: f32) -> f32 {
        self.edge((ordered_bits(key) >> self.shift()) + 1)
    }

    /// Buckets that hold scores, with their lower edges as keys.
    pub(crate) fn filled(&self) -> impl Iterator<Item = (u32, Step)> + '_ {
        let counted = self
            .buckets
            .iter()
            .zip(0..)
            .filter(|(counts, _)| **counts != [0, 0]);
        counted.map(|(&[genuine, impostor], bucket)| {
            (
                bucket,
                Step {
                    key: self.edge(bucket),
                    genuine,
                    impostor,
                },
            )
        })
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.filled().map(|(_, step)| step)
    }

    pub(crate) fn need(&self, figure: &'static str, kind: PairKind) -> Result<(), Error> {
        if self.count(kind) == 0 {
            Err(Error::Missing { figure, kind })
        } else {
            Ok(())
        }
    }

    pub(crate) fn need_both(&self, figure: &'static str) -> Result<Counts, Error> {
        self.need(figure, PairKind::Genuine)?;
        self.need(figure, PairKind::Impostor)?;
        Ok(self.total)
    }

    pub(crate) fn total(&self) -> Counts {
        self.total
    }
}
