//! The detection error trade-off curve.

use crate::direction::Direction;
#[cfg(feature = "serde")]
use crate::error::Error;
use crate::steps::{Counts, Step};

/// What one threshold does.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OperatingPoint {
    /// The threshold, in the units and direction of the scores.
    pub threshold: f64,
    /// False match rate at it, in 0..=1.
    pub fmr: f64,
    /// False non-match rate at it, in 0..=1.
    pub fnmr: f64,
}

/// Every operating point that a threshold can produce, the strictest first.
///
/// FMR never falls and FNMR never rises along the points. The first accepts
/// nothing (FMR 0, FNMR 1), the last everything (FMR 1, FNMR 0). The ROC
/// curve is the same points with `1 - fnmr` as ordinate.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Stored")
)]
pub struct DetCurve {
    points: Vec<OperatingPoint>,
}

impl DetCurve {
    /// `past_last` gives a key above all comparisons of the last step.
    pub(crate) fn from_steps(
        direction: Direction,
        steps: impl Iterator<Item = Step>,
        total: Counts,
        capacity: usize,
        past_last: impl Fn(f32) -> f32,
    ) -> Self {
        let mut points = Vec::with_capacity(capacity);
        let mut accepted = Counts::default();
        let mut last = None;
        let point = |key: f32, accepted: Counts| OperatingPoint {
            threshold: direction.score_of(f64::from(key)),
            fmr: accepted.fmr(total),
            fnmr: accepted.fnmr(total),
        };
        for step in steps {
            points.push(point(step.key, accepted));
            accepted.add(&step);
            last = Some(step.key);
        }
        if let Some(key) = last {
            points.push(point(past_last(key), accepted));
        }
        Self { points }
    }

    /// All points, the strictest threshold first.
    #[must_use]
    pub fn points(&self) -> &[OperatingPoint] {
        &self.points
    }

    /// The points without those that lie between two others on one horizontal
    /// or vertical stretch: the same staircase, fit for drawing.
    #[must_use]
    pub fn corners(&self) -> Vec<OperatingPoint> {
        let mut kept: Vec<OperatingPoint> = Vec::new();
        for (index, point) in self.points.iter().enumerate() {
            let inside = match (kept.last(), self.points.get(index + 1)) {
                (Some(before), Some(after)) => {
                    (before.fmr == point.fmr && point.fmr == after.fmr)
                        || (before.fnmr == point.fnmr && point.fnmr == after.fnmr)
                }
                _ => false,
            };
            if !inside {
                kept.push(*point);
            }
        }
        kept
    }
}

/// A curve as it is stored, before its points are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename = "DetCurve")]
struct Stored {
    points: Vec<OperatingPoint>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for DetCurve {
    type Error = Error;

    fn try_from(Stored { points }: Stored) -> Result<Self, Error> {
        let refused = |argument, expected, found| {
            Err(Error::Argument {
                argument,
                expected,
                found,
            })
        };
        let (mut fmr, mut fnmr) = (0.0, 1.0);
        for point in &points {
            if !(fmr..=1.0).contains(&point.fmr) {
                let expected = "a value in 0..=1, not below the one before";
                return refused("FMR of a point", expected, point.fmr);
            }
            if !(0.0..=fnmr).contains(&point.fnmr) {
                let expected = "a value in 0..=1, not above the one before";
                return refused("FNMR of a point", expected, point.fnmr);
            }
            (fmr, fnmr) = (point.fmr, point.fnmr);
        }
        if points.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self { points })
    }
}
