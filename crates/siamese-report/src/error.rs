//! What can go wrong here.

/// Why a report could not be made, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What is required could not be understood.
    #[error(
        "{found:?} is not a requirement: expected {expected}; say fmr=0.1%,fnmr=5%, or one of the two"
    )]
    Requirement {
        /// The part that was not understood.
        found: String,
        /// What would have been.
        expected: &'static str,
    },

    /// The report has no JSON form.
    #[error("the report cannot be written as JSON; this is a defect of the report's data model")]
    Write {
        /// The serializer's reason.
        source: serde_json::Error,
    },

    /// The text is not the JSON form of a report that this version knows.
    #[error("this is no report that can be read here: {source}")]
    Read {
        /// What was found, and where.
        source: serde_json::Error,
    },

    /// There is nothing to judge.
    #[error("there are no folds to judge: give the scores of one at least")]
    NoFolds,

    /// A threshold that decides nothing.
    #[error("the threshold of fold {fold} is {found}: give a finite number")]
    Threshold {
        /// The fold's number.
        fold: u64,
        /// The threshold.
        found: f64,
    },

    /// Not one set of scores for each fold.
    #[error("{found} sets of validation scores were given for {expected} folds: give one for each")]
    FoldCount {
        /// Folds that are judged.
        expected: usize,
        /// Sets that were given.
        found: usize,
    },

    /// The scores do not give what must be there.
    #[error(transparent)]
    Figures(#[from] verification_figures::Error),
}
