//! Cross-validations from which no model can be made.

use std::path::PathBuf;

/// No model that learnt from everybody can be made of a cross-validation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefitError {
    /// Nobody whom the folds never saw has an image beside the templates.
    #[error(
        "nothing is left to be compared with {templates} templates of each subject: every subject needs an image more than that; \
         give a smaller --templates"
    )]
    NoComparisons {
        /// The templates of each subject.
        templates: u32,
    },
    /// The folder holds no cross-validation.
    #[error(
        "{} holds no cross-validation: give the folder of one that siamese crossval has finished",
        folder.display()
    )]
    NoCrossval {
        /// The folder.
        folder: PathBuf,
    },

    /// The cross-validation is not finished.
    #[error(
        "the cross-validation in {} is not finished: run the same siamese crossval again to go on",
        folder.display()
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },

    /// The images are not where they were.
    #[error(
        "the images of the cross-validation in {} were in {}, which is gone: say where they are now with --data",
        folder.display(), data.display()
    )]
    DataMoved {
        /// The folder.
        folder: PathBuf,
        /// Where the images were.
        data: PathBuf,
    },

    /// The folds began with different models.
    #[error(
        "the folds began with different models ({} is not {}), and none of them is that of everybody: cross-validate \
         with one model for all folds",
        other.display(), first.display()
    )]
    OtherBases {
        /// The first fold's.
        first: PathBuf,
        /// Another fold's.
        other: PathBuf,
    },

    /// The folder holds the training of another recipe or on other images.
    #[error(
        "{} holds what was begun for another cross-validation: replace it with --force",
        folder.display()
    )]
    OtherTraining {
        /// The folder of the training.
        folder: PathBuf,
    },
}
