//! Trainings that cannot begin, or did not end well.

use std::error::Error as StdError;
use std::path::PathBuf;

/// A training cannot begin, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A recipe that fine-tunes was given no model.
    #[error(
        "the recipe has [fine_tune], so it needs a model to begin with: give one with --init MODEL, or remove [fine_tune]"
    )]
    NeedsModel,

    /// The protocol tests nobody.
    #[error(
        "the protocol everybody tests nobody, so the training could not be judged: cross-validate the recipe with \
         siamese crossval, and train on everybody with siamese refit"
    )]
    NobodyToJudge,

    /// The end of the training could find no threshold.
    #[error(
        "there would be no threshold, because it takes validation pairs of both kinds to find one: set \
         decision.threshold, or a larger protocol.validation"
    )]
    NoThreshold,

    /// The run whose networks are wanted has another number of them.
    #[error(
        "{} was trained by another recipe: it holds {found} networks, and this recipe trains {expected}",
        run.display()
    )]
    OtherNetworks {
        /// The folder of the run.
        run: PathBuf,
        /// Networks of the run.
        found: usize,
        /// Networks of the recipe.
        expected: usize,
    },

    /// The run whose networks are wanted does not hold them any more.
    #[error(
        "{} holds no checkpoints, so its networks cannot be taken over: train again",
        run.display()
    )]
    NoCheckpoints {
        /// The folder of the run.
        run: PathBuf,
    },

    /// The training failed, and its last good weights are a model.
    #[error(
        "{error}\nThe last good weights, of epoch {epoch}, are saved as {}: judge them with siamese eval",
        model.display()
    )]
    Saved {
        /// What went wrong.
        error: Box<dyn StdError + Send + Sync>,
        /// The last epoch that went well.
        epoch: u32,
        /// The file of the model.
        model: PathBuf,
    },

    /// The training failed, and its last good weights could not be saved.
    #[error("{error}\nThe last good weights could not be saved: {failure}")]
    NotSaved {
        /// What went wrong.
        error: Box<dyn StdError + Send + Sync>,
        /// Why they could not be saved.
        failure: String,
    },
}
