//! What is said on the way of what a user would not expect.

use std::fmt;
use std::path::PathBuf;

use crate::thousands::thousands;

/// Something that a user would not expect, and that stops nothing.
///
/// It is data: a program may act on it, and [`fmt::Display`] gives it in words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Images that are read in colour hold none.
    Grey {
        /// How many.
        grey: usize,
        /// Of how many.
        images: usize,
    },

    /// All images just fit in memory, though they are read as those that do not.
    JustFit {
        /// How many there are.
        images: usize,
        /// What one takes in memory, such as `2.5 KiB`.
        each: String,
    },

    /// Some images are decoded whenever they are used.
    Streamed {
        /// How many images there are.
        images: usize,
        /// What one takes in memory, such as `2.5 KiB`.
        each: String,
        /// How many stay decoded.
        kept: usize,
        /// How many are decoded before they are wanted.
        ahead: usize,
        /// How many threads decode them.
        threads: usize,
    },

    /// The model to begin with saw images otherwise than the recipe shows them.
    SeenOtherwise {
        /// The model.
        model: PathBuf,
    },

    /// Whether the model to begin with knows subjects of the test cannot be told.
    OtherImages {
        /// The model.
        model: PathBuf,
        /// SHA-256 of the images that it was trained on.
        sha256: String,
    },

    /// The model to begin with was trained on subjects of the validation.
    KnowsValidation {
        /// The model.
        model: PathBuf,
        /// Some of them by name.
        names: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |images: usize| thousands(images as u64);
        match self {
            Self::Grey { grey, images } => write!(
                f,
                "{} of {} images are grey: red, green and blue are equal in them",
                count(*grey),
                count(*images)
            ),
            Self::JustFit { images, each } => write!(
                f,
                "{} images of {each} just fit in memory as --memory allows: all stay decoded",
                count(*images)
            ),
            Self::Streamed {
                images,
                each,
                kept,
                ahead,
                threads,
            } => write!(
                f,
                "{} images of {each} do not fit in memory as --memory allows: {} stay decoded, the others are decoded when \
                 they are used, up to {} ahead, by {threads} thread{}",
                count(*images),
                count(*kept),
                count(*ahead),
                if *threads == 1 { "" } else { "s" }
            ),
            Self::SeenOtherwise { model } => write!(
                f,
                "note: {} saw images otherwise than the recipe shows them: data.pool, data.mean, data.sd or data.normalise \
                 differ",
                model.display()
            ),
            Self::OtherImages { model, sha256 } => write!(
                f,
                "note: {} was trained on other images (SHA-256 {sha256}), or on these divided otherwise than can be told: \
                 should they show people of this test, every figure flatters; see siamese leak-check",
                model.display()
            ),
            Self::KnowsValidation { model, names } => write!(
                f,
                "note: {} was trained on people of the validation ({names}): the epoch and the threshold chosen on them \
                 flatter",
                model.display()
            ),
        }
    }
}
