//! Vectors as signed bytes, and how far the bytes may mislead.
//!
//! A vector v becomes v' = s c, with whole c from -127 to 127 and one step s. The length of the error, |v - v'|, is kept
//! beside it, rounded up. For a query q with q' likewise,
//!
//! - q.v <= q'.v' + |q| |v - v'| + |q - q'| |v'|, by the inequality of Cauchy and Schwarz;
//! - |q - v| >= |q' - v'| - |q - q'| - |v - v'|, by the triangle inequality.
//!
//! q'.v' is a whole number times both steps, so that every processor finds the same one. The bounds are computed in `f32`
//! and widened by more than its rounding can do.

use crate::metric::{Metric, length};

/// Rows that are coded side by side: as many as the widest register has 32-bit sums.
pub(super) const GROUP: usize = 16;

/// More than the relative rounding error of all `f32` steps of a bound together (about ten of 6e-8).
const ROUNDING: f32 = 4e-6;

/// More than what underflow can take from a square: half of the smallest `f32` times the largest product of codes.
const UNDERFLOW: f32 = 1e-35;

/// Rounds a length up when it becomes `f32`.
fn up(value: f64) -> f32 {
    (value * (1.0 + 1e-6)) as f32 + f32::MIN_POSITIVE
}

/// One vector as bytes.
pub(super) struct Coded {
    pub(super) codes: Vec<i8>,
    pub(super) step: f32,
    /// |v - v'|, rounded up.
    pub(super) error: f32,
    /// |v'|, rounded up.
    pub(super) length: f32,
}

impl Coded {
    /// Codes a prepared vector.
    pub(super) fn of(vector: &[f32]) -> Self {
        let largest = vector
            .iter()
            .fold(0.0f32, |most, value| most.max(value.abs()));
        let step = largest / 127.0;
        let code = |value: f32| {
            if step > 0.0 {
                (value / step).round().clamp(-127.0, 127.0) as i8
            } else {
                0
            }
        };
        let codes: Vec<i8> = vector.iter().map(|&value| code(value)).collect();
        let (mut missed, mut coded) = (0.0f64, 0.0f64);
        for (&value, &code) in vector.iter().zip(&codes) {
            let stands_for = f64::from(step) * f64::from(code);
            missed += (f64::from(value) - stands_for).powi(2);
            coded += stands_for.powi(2);
        }
        Self {
            codes,
            step,
            error: up(missed.sqrt()),
            length: up(coded.sqrt()),
        }
    }
}

/// A query, ready for the first pass.
pub(super) struct CodedQuery {
    /// The codes, four to a word as they lie in memory.
    pub(super) quads: Vec<[i8; 4]>,
    /// The sum of the codes, by which products with unsigned codes are put right.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "others multiply signed codes")
    )]
    pub(super) sum: i32,
    metric: Metric,
    step: f32,
    error: f32,
    coded_length: f32,
    length: f32,
}

impl CodedQuery {
    pub(super) fn of(metric: Metric, prepared: &[f32]) -> Self {
        let Coded {
            codes,
            step,
            error,
            length: coded_length,
        } = Coded::of(prepared);
        let quads = codes
            .chunks(4)
            .map(|codes| std::array::from_fn(|place| codes.get(place).copied().unwrap_or(0)))
            .collect();
        let sum = codes.iter().map(|&code| i32::from(code)).sum();
        Self {
            quads,
            sum,
            metric,
            step,
            error,
            coded_length,
            length: up(length(prepared)),
        }
    }

    /// The largest likeness that each of a group of rows can have.
    #[inline(always)]
    pub(super) fn bounds(
        &self,
        products: &[i32; GROUP],
        rows: GroupBounds<'_>,
        out: &mut [f32; GROUP],
    ) {
        for row in 0..GROUP {
            let product = self.step * rows.step[row] * products[row] as f32;
            out[row] = match self.metric {
                Metric::Cosine => {
                    let sizes = self.length * rows.length[row];
                    product
                        + self.length * rows.error[row]
                        + self.error * rows.length[row]
                        + ROUNDING * sizes
                }
                Metric::Euclidean => {
                    let squares =
                        self.coded_length * self.coded_length + rows.length[row] * rows.length[row];
                    let square = squares - 2.0 * product - ROUNDING * squares - UNDERFLOW;
                    let distance = if square > 0.0 { square.sqrt() } else { 0.0 };
                    let nearest = distance * (1.0 - ROUNDING)
                        - (self.error + rows.error[row]) * (1.0 + ROUNDING);
                    if nearest > 0.0 { -nearest } else { 0.0 }
                }
            };
        }
    }
}

/// Steps, errors and lengths of a group of rows.
#[derive(Clone, Copy)]
pub(super) struct GroupBounds<'a> {
    pub(super) step: &'a [f32; GROUP],
    pub(super) error: &'a [f32; GROUP],
    pub(super) length: &'a [f32; GROUP],
}
