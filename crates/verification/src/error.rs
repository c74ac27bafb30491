//! The error of this crate.

use crate::PairKind;

/// Why a figure could not be computed.
///
/// A figure that is undefined for the data at hand is an error here, never an
/// invented value such as an AUC of 0.5 for an empty class.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A score is NaN or infinite.
    #[error(
        "{kind} score {index} is {value}; scores must be finite, so find out which comparison produced it and leave it out"
    )]
    NotFinite {
        /// The class the score was given in.
        kind: PairKind,
        /// Its place in the input, counted from zero.
        index: usize,
        /// The offending value.
        value: f32,
    },

    /// There is no score at all.
    #[error("no genuine and no impostor scores were given; give at least one comparison")]
    Empty,

    /// The figure needs comparisons of a class that has none.
    #[error("{figure} needs {kind} scores and there are none; add {kind} comparisons")]
    Missing {
        /// The figure that was asked for.
        figure: &'static str,
        /// The class without scores.
        kind: PairKind,
    },

    /// The figure has no value on this data.
    #[error("{figure} is undefined: {reason}")]
    Undefined {
        /// The figure that was asked for.
        figure: &'static str,
        /// What makes it undefined.
        reason: &'static str,
    },

    /// An argument lies outside its domain.
    #[error("{argument} is {found}, expected {expected}")]
    Argument {
        /// The name of the argument.
        argument: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value given.
        found: f64,
    },

    /// The target rate is smaller than this many comparisons can show.
    #[error(
        "{figure} {target} cannot be shown with {comparisons} {kind} comparisons: by the rule of three the smallest is {smallest}; use more comparisons or a larger target"
    )]
    Unsupported {
        /// The rate that was to be reached, for example `FMR`.
        figure: &'static str,
        /// The target given.
        target: f64,
        /// The class the rate is counted on.
        kind: PairKind,
        /// How many comparisons of that class there are.
        comparisons: u64,
        /// The smallest rate that this many comparisons can support.
        smallest: f64,
    },

    /// Two inputs that belong together differ in length.
    #[error("{left} has {left_len} entries and {right} has {right_len}; they must agree")]
    LengthMismatch {
        /// The first input.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// The second input.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },

    /// Too few subjects to resample.
    #[error(
        "intervals over subjects need at least {needed} subjects and there are {found}; add subjects, or show the figure without an interval and say so"
    )]
    TooFewSubjects {
        /// How many distinct subjects the comparisons have.
        found: usize,
        /// How many are needed.
        needed: usize,
    },

    /// Too many bootstrap replicates have no value for the figure.
    #[error(
        "{figure} is undefined in {undefined} of {replicates} bootstrap replicates; too few subjects carry comparisons of both kinds"
    )]
    UnstableInterval {
        /// The figure that was asked for.
        figure: &'static str,
        /// Replicates without a value.
        undefined: usize,
        /// Replicates drawn.
        replicates: usize,
    },
}
