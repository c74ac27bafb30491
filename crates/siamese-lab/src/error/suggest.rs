//! Images for which there is no recipe.

/// No recipe fits the images: nothing can be learnt from them, or nothing judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuggestError {
    /// There is one subject.
    #[error(
        "there is only one subject, and nothing to tell it from: give a folder with one folder of images per subject"
    )]
    OneSubject,

    /// No subject has two images.
    #[error(
        "each of the {subjects} subjects has only one image. Nothing says what two images of one subject have in common, so \
         nothing can be learnt: give two or more images of at least some of them"
    )]
    OneImageEach {
        /// How many subjects there are.
        subjects: usize,
    },

    /// There are too few subjects to divide.
    #[error(
        "there are {subjects} subjects, and it takes 4: two to learn from and two others to judge by"
    )]
    TooFew {
        /// How many subjects there are.
        subjects: usize,
    },

    /// No division gives each part what it needs.
    #[error(
        "the {subjects} subjects cannot be divided so that each side, the one to learn from and the one to judge by, has two \
         subjects and two images of one of them. {with_one_image} subjects have only one image: give more images of them"
    )]
    NotDivisible {
        /// How many subjects there are.
        subjects: usize,
        /// How many of them have a single image.
        with_one_image: usize,
    },
}
