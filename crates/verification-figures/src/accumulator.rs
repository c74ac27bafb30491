//! Scores counted as they come, in bounded memory.

use crate::det::DetCurve;
use crate::sort::{from_ordered_bits, ordered_bits};
use crate::steps::{self, Counts, Step};
use crate::{Direction, Error, PairKind};

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
///   certain ([`Bounded`]), computed from the counts themselves.
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

/// A figure that is known to lie between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounded {
    /// The true value is not below this.
    pub low: f64,
    /// The best guess.
    pub estimate: f64,
    /// The true value is not above this.
    pub high: f64,
}

/// The equal error rate of streamed scores; see
/// [`Scores::eer`](crate::Scores::eer) for the definition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedEer {
    /// The rate.
    pub rate: Bounded,
    /// The edge, in the units and direction of the scores, of the bucket in
    /// which FMR and FNMR cross. The threshold of the exact EER is at most a
    /// bucket's width away, or anywhere in a gap that has no scores.
    pub threshold: f64,
}

/// The scores in one bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
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

    /// FMR at a threshold, exact where that lies on the edge of a bucket. The
    /// estimate is the middle of the bounds.
    ///
    /// # Errors
    /// As for [`Scores::fmr_at`](crate::Scores::fmr_at).
    pub fn fmr_at(&self, threshold: f64) -> Result<Bounded, Error> {
        self.need("FMR", PairKind::Impostor)?;
        let (least, most) = self.accepted_at(threshold)?;
        Ok(Bounded::between(
            least.fmr(self.total),
            most.fmr(self.total),
        ))
    }

    /// FNMR at a threshold, exact where that lies on the edge of a bucket. The
    /// estimate is the middle of the bounds.
    ///
    /// # Errors
    /// As for [`Scores::fnmr_at`](crate::Scores::fnmr_at).
    pub fn fnmr_at(&self, threshold: f64) -> Result<Bounded, Error> {
        self.need("FNMR", PairKind::Genuine)?;
        let (least, most) = self.accepted_at(threshold)?;
        Ok(Bounded::between(
            most.fnmr(self.total),
            least.fnmr(self.total),
        ))
    }

    /// Equal error rate, with bounds: within the bucket where FMR and FNMR
    /// cross, the two can take no values but those between its edges. The
    /// estimate takes all scores in the bucket for equal.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn eer(&self) -> Result<BoundedEer, Error> {
        self.need_both("EER")?;
        let crossing = steps::equal_error(self.steps(), self.total).ok_or(Error::Empty)?;
        let (before, after) = (crossing.before, crossing.after);
        let estimate = crossing.rate();
        let (low, high, key) = if crossing.is_met() {
            let end = self.edge_above(crossing.key);
            let key = crossing.next.map_or(end, |next| steps::between(end, next));
            (estimate, estimate, key)
        } else {
            let low = before.fmr(self.total).max(after.fnmr(self.total));
            let high = after.fmr(self.total).min(before.fnmr(self.total));
            (low, high, crossing.key)
        };
        Ok(BoundedEer {
            rate: Bounded {
                low,
                estimate: estimate.clamp(low, high),
                high,
            },
            threshold: self.direction.score_of(f64::from(key)),
        })
    }

    /// Area under the ROC curve, with bounds: couples within one bucket may
    /// all be in the right or all in the wrong order; the estimate counts half
    /// of them.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn auc(&self) -> Result<Bounded, Error> {
        self.need_both("AUC")?;
        let estimate = steps::area(self.steps(), self.total).ok_or(Error::Empty)?;
        let couples = self.total.genuine as f64 * self.total.impostor as f64;
        let unordered: f64 = self
            .steps()
            .map(|s| s.genuine as f64 * s.impostor as f64)
            .sum();
        let half = unordered / couples / 2.0;
        Ok(Bounded {
            low: (estimate - half).max(0.0),
            estimate,
            high: (estimate + half).min(1.0),
        })
    }

    /// The points of the exact DET curve that lie on edges of buckets, and its
    /// ends.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no scores.
    pub fn det(&self) -> Result<DetCurve, Error> {
        self.need_both("DET")?;
        let past_last = |key: f32| self.edge_above(key);
        Ok(DetCurve::from_steps(
            self.direction,
            self.steps(),
            self.total,
            0,
            past_last,
        ))
    }

    /// What is accepted for certain at a threshold, and what perhaps.
    fn accepted_at(&self, threshold: f64) -> Result<(Counts, Counts), Error> {
        if threshold.is_nan() {
            return Err(Error::Argument {
                argument: "threshold",
                expected: "a number",
                found: threshold,
            });
        }
        let limit = self.direction.score_of(threshold);
        let (mut least, mut most) = (Counts::default(), Counts::default());
        for (bucket, step) in self.filled() {
            if f64::from(step.key) >= limit {
                break;
            }
            most.add(&step);
            if f64::from(self.edge(bucket + 1)) <= limit {
                least.add(&step);
            }
        }
        Ok((least, most))
    }

    fn shift(&self) -> u32 {
        FRACTION_BITS - self.bits
    }

    /// The lower edge of a bucket, as a key.
    fn edge(&self, bucket: u32) -> f32 {
        from_ordered_bits(bucket << self.shift())
    }

    /// The upper edge of the bucket of a key.
    pub(crate) fn edge_above(&self, key: f32) -> f32 {
        self.edge((ordered_bits(key) >> self.shift()) + 1)
    }

    /// Buckets that hold scores, with their lower edges as keys.
    fn filled(&self) -> impl Iterator<Item = (u32, Step)> + '_ {
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

    fn need_both(&self, figure: &'static str) -> Result<(), Error> {
        self.need(figure, PairKind::Genuine)?;
        self.need(figure, PairKind::Impostor)
    }
}

impl Bounded {
    fn between(low: f64, high: f64) -> Self {
        Self {
            low,
            estimate: f64::midpoint(low, high),
            high,
        }
    }
}
