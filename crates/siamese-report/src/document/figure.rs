//! Single figures: a value, an error rate, an answer that may not be there.

use serde::{Deserialize, Serialize};
use verification_figures::{Evidence, Interval, Support};

/// A figure with its confidence interval over subjects.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The figure on the data as they are.
    pub value: f64,
    /// Lower and upper end of the 95 % interval: see [`Self::status`]. In reports of earlier
    /// versions it may also be absent where it is now degenerate.
    pub interval: Option<[f64; 2]>,
}

/// What is known of how sure a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalStatus {
    /// There is an interval.
    Known,
    /// Both ends are the figure itself, as it is the same whichever subject is left out: that of a perfect verifier, say.
    /// It is no sign of certainty, nor of too few subjects.
    Degenerate,
    /// There is none: the comparisons are of too few subjects.
    TooFewSubjects,
}

impl Measured {
    /// A value with the ends of its interval, which are equal where it is degenerate.
    pub fn new(value: f64, interval: Option<Interval>) -> Measured {
        Measured {
            value,
            interval: interval.map(|interval| [interval.low, interval.high]),
        }
    }

    /// Whether there is an interval, and why not.
    pub fn status(&self) -> IntervalStatus {
        match self.interval {
            None => IntervalStatus::TooFewSubjects,
            Some([low, high]) if low == high => IntervalStatus::Degenerate,
            Some(_) => IntervalStatus::Known,
        }
    }

    /// The ends of the interval, where it is one.
    pub(crate) fn ends(&self) -> Option<[f64; 2]> {
        self.interval
            .filter(|_| self.status() == IntervalStatus::Known)
    }
}

/// An error rate with what it rests on.
///
/// Its JSON form is `{"measured": .., "errors": .., "trials": .., "support": ".."}`. The support follows from the errors
/// and is not read back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "ReadRate", into = "WrittenRate")]
pub struct Rate {
    /// The rate, 0..=1, and its interval.
    pub measured: Measured,
    /// Wrong decisions among the comparisons (or searches) that could have been decided wrongly.
    pub evidence: Evidence,
}

impl Rate {
    /// The rate that was counted.
    pub fn new(evidence: Evidence, interval: Option<Interval>) -> Rate {
        Rate {
            measured: Measured::new(evidence.rate(), interval),
            evidence,
        }
    }

    /// How far it can be trusted.
    pub fn support(&self) -> Support {
        self.evidence.support()
    }
}

#[derive(Deserialize)]
struct ReadRate {
    measured: Measured,
    errors: u64,
    trials: u64,
}

#[derive(Serialize)]
struct WrittenRate {
    measured: Measured,
    errors: u64,
    trials: u64,
    support: Support,
}

impl From<ReadRate> for Rate {
    fn from(read: ReadRate) -> Rate {
        Rate {
            measured: read.measured,
            evidence: Evidence {
                errors: read.errors,
                comparisons: read.trials,
            },
        }
    }
}

impl From<Rate> for WrittenRate {
    fn from(rate: Rate) -> WrittenRate {
        WrittenRate {
            measured: rate.measured,
            errors: rate.evidence.errors,
            trials: rate.evidence.comparisons,
            support: rate.support(),
        }
    }
}

/// Something that was asked of the data.
///
/// Its JSON form is `{"known": ..}` or `{"unavailable": "why"}`. Reports of format 1 have `Ok` and `Err` in their place
/// and are still read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer<T> {
    /// The data say it.
    #[serde(alias = "Ok")]
    Known(T),
    /// The data cannot say, and why: a sentence.
    #[serde(alias = "Err")]
    Unavailable(String),
}

impl<T> Answer<T> {
    /// What the data say, where they do.
    pub fn known(&self) -> Option<&T> {
        match self {
            Answer::Known(value) => Some(value),
            Answer::Unavailable(_) => None,
        }
    }
}

impl<T, E: std::error::Error> From<Result<T, E>> for Answer<T> {
    fn from(result: Result<T, E>) -> Answer<T> {
        match result {
            Ok(value) => Answer::Known(value),
            Err(error) => Answer::Unavailable(error.to_string()),
        }
    }
}

/// One error rate where another is held at a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtTarget {
    /// The rate that is held, 0..1.
    pub target: f64,
    /// What the held rate rests on, where that is known: at most `target` of the trials are errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Evidence>,
    /// The other rate, or why the data cannot say.
    pub rate: Answer<Rate>,
}
