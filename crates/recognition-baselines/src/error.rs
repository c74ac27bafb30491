//! The error of this crate.

use std::fmt;

use crate::method::Method;

/// Why a method cannot be used on these images.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no pixel.
    #[error("there are no pixels in {images} images of {height}x{width}; give at least one image")]
    NoPixels {
        /// How many images were given.
        images: usize,
        /// Their height in pixels.
        height: usize,
        /// Their width in pixels.
        width: usize,
    },

    /// Not every image has a subject.
    #[error("there are {images} images and {subjects} subjects; give the subject of every image")]
    SubjectCount {
        /// How many images were given.
        images: usize,
        /// How many subjects were given.
        subjects: usize,
    },

    /// An image was named that does not exist.
    #[error("{role} image {image} does not exist; there are {images}, numbered from 0")]
    UnknownImage {
        /// What the image was named for.
        role: Role,
        /// The number that was named.
        image: usize,
        /// How many images there are.
        images: usize,
    },

    /// An image was named twice.
    #[error("{role} image {image} is named twice; name each image once")]
    RepeatedImage {
        /// What the image was named for.
        role: Role,
        /// Its number.
        image: usize,
    },

    /// A distance was asked for of an image that the fold does not judge.
    #[error("image {image} is not among the {judged} judged images; name it when making the fold")]
    NotJudged {
        /// Its number.
        image: usize,
        /// How many images are judged.
        judged: usize,
    },

    /// The images are too small for the grid of histograms.
    #[error(
        "{method} divides an image into 7x7 cells and needs at least {smallest}x{smallest} pixels, \
         found {height}x{width}; use larger images or leave this method out"
    )]
    TooSmall {
        /// The method that was asked for.
        method: Method,
        /// The height of the images.
        height: usize,
        /// Their width.
        width: usize,
        /// The smallest height and width that would do.
        smallest: usize,
    },

    /// Too few training images for PCA.
    #[error("{method} learns from at least 2 training images, found {found}; give it more")]
    TooFewImages {
        /// The method that was asked for.
        method: Method,
        /// How many training images there are.
        found: usize,
    },

    /// The training images do not differ.
    #[error(
        "{method} learns how the {found} training images differ, but they are all the same; \
         check that the right images were read"
    )]
    AllAlike {
        /// The method that was asked for.
        method: Method,
        /// How many training images it looked at.
        found: usize,
    },

    /// Too few training subjects for LDA.
    #[error(
        "{method} learns to tell training subjects apart and needs at least 2, found {found}; \
         train on more subjects"
    )]
    TooFewSubjects {
        /// The method that was asked for.
        method: Method,
        /// How many subjects the training images show.
        found: usize,
    },

    /// No two training images of one subject differ.
    #[error(
        "{method} learns how images of one subject differ, and none of the {images} training \
         images of {subjects} subjects differs from another of its subject; train on subjects with \
         two or more different images"
    )]
    NoVariation {
        /// The method that was asked for.
        method: Method,
        /// How many training images there are.
        images: usize,
        /// How many subjects they show.
        subjects: usize,
    },

    /// The training subjects cannot be told apart by their mean images.
    #[error(
        "{method} finds no difference between the mean images of {subjects} training subjects; \
         check that each image is listed under its own subject"
    )]
    SameMeans {
        /// The method that was asked for.
        method: Method,
        /// How many subjects the training images show.
        subjects: usize,
    },

    /// An eigenvalue problem was not solved.
    #[error(
        "{method} found no eigenvectors of a {size}x{size} matrix in {iterations} iterations; \
         please report this, with the images if they can be shared"
    )]
    NoEigenvectors {
        /// The method that was asked for.
        method: Method,
        /// Rows and columns of the matrix.
        size: usize,
        /// How long it was tried.
        iterations: usize,
    },
}

/// What an image was named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// To learn from.
    Training,
    /// To be compared.
    Judged,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Training => "training",
            Self::Judged => "judged",
        })
    }
}
