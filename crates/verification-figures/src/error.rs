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

    /// The target rate is smaller than this many trials can show.
    #[error(
        "{figure} {} cannot be shown with {count} {trials}: by the rule of three the smallest is {}; use more of them or a larger target", percent(*target), percent(*smallest)
    )]
    Unsupported {
        /// The rate that was to be reached, for example `FMR`.
        figure: &'static str,
        /// The target given.
        target: f64,
        /// What the rate is counted on, for example `impostor comparisons`.
        trials: &'static str,
        /// How many of them there are.
        count: u64,
        /// The smallest rate that this many can support.
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

    /// Too few subjects for an interval.
    #[error(
        "intervals over subjects need at least {needed} subjects who have such comparisons, and there are {found}; add subjects, or show the figure without an interval and say so"
    )]
    TooFewSubjects {
        /// How many distinct subjects have the comparisons that the figure needs.
        found: usize,
        /// How many are needed.
        needed: usize,
    },

    /// Replicates have no value for the figure.
    #[error(
        "{figure} is undefined in {undefined} of {replicates} replicates: it rests on too few subjects; add subjects who have comparisons of both kinds"
    )]
    UnstableInterval {
        /// The figure that was asked for.
        figure: &'static str,
        /// Replicates without a value.
        undefined: usize,
        /// Replicates drawn.
        replicates: usize,
    },

    /// A component of an embedding is NaN or infinite.
    #[error(
        "embedding {index} is {value} in dimension {dimension}; embeddings must be finite, so look for a diverged network or a broken image"
    )]
    NotFiniteEmbedding {
        /// The row of the embedding.
        index: usize,
        /// The component.
        dimension: usize,
        /// The offending value.
        value: f32,
    },

    /// An embedding has length zero, so it has no direction to compare.
    #[error("embedding {index} is all zeros and has no cosine similarity; use another metric")]
    ZeroEmbedding {
        /// The row of the embedding.
        index: usize,
    },

    /// Two finite embeddings are further apart than a score can say.
    #[error(
        "the score of embeddings {first} and {second} overflows; scale the embeddings to a sensible range"
    )]
    ScoreOverflow {
        /// The row of the first embedding.
        first: usize,
        /// The row of the second embedding, in its own set.
        second: usize,
    },

    /// Distances and similarities cannot be pooled.
    #[error(
        "some of the parts to pool hold distances and others similarities; negate the scores of one kind and swap its direction"
    )]
    MixedDirections,

    /// Two methods were not given the same comparisons.
    #[error(
        "subjects {} and {} are compared {first} times by the first method and {second} times by the second; give both the same comparisons",
        subjects[0],
        subjects[1]
    )]
    DifferentComparisons {
        /// The first pair of subjects in which the sets differ; of one subject if it is genuine
        /// comparisons.
        subjects: [u32; 2],
        /// How often they are compared in the first set.
        first: usize,
        /// How often they are compared in the second set.
        second: usize,
    },

    /// Two methods did not search the same probes.
    #[error(
        "subject {subject} has other probes in the searches of one method than in those of the other; let both search the same probes"
    )]
    OtherProbes {
        /// The first subject in which they differ.
        subject: u32,
    },

    /// A calibration contradicts itself.
    #[error("the calibration cannot be right: {what}; measure it again")]
    Calibration {
        /// What is wrong.
        what: String,
    },

    /// Two accumulators sort scores into different buckets.
    #[error(
        "the accumulators differ in direction or bits; make both with the same arguments to merge them"
    )]
    Unmergeable,
}

/// A rate to two significant digits, as messages show it.
fn percent(rate: f64) -> String {
    let percent = 100.0 * rate;
    let digits = match percent {
        0.0 => 0,
        _ => (1.0 - percent.log10().floor()).clamp(0.0, 12.0) as usize,
    };
    format!("{percent:.digits$} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_in_messages_have_two_significant_digits() {
        for (rate, text) in [
            (0.001_605_995_7, "0.16 %"),
            (0.0, "0 %"),
            (0.1, "10 %"),
            (1e-9, "0.00000010 %"),
            (1.5, "150 %"),
        ] {
            assert_eq!(percent(rate), text);
        }
    }
}
