//! Pictures that nothing can be said of.

use std::path::{Path, PathBuf};

/// Nothing can be said of a picture, or of two of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read, or is not of the size that the model takes.
    #[error("{}", unreadable(path, source))]
    Unreadable {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: siamese_net::Error,
    },

    /// It is of one colour.
    #[error("{} is of one colour, so there is nobody in it: take another picture", path.display())]
    Flat {
        /// Its file.
        path: PathBuf,
    },

    /// Its embedding has no direction, or is no number.
    #[error(
        "the model makes nothing of {}: its embedding {what}; take another picture, or see with siamese eval whether the \
         model is any good",
        path.display()
    )]
    Degenerate {
        /// Its file.
        path: PathBuf,
        /// What its embedding is.
        what: &'static str,
    },

    /// Two files hold the same picture.
    #[error(
        "{} and {} are the same picture, pixel for pixel: that they are alike says nothing of who is in them; take two \
         pictures",
        a.display(), b.display()
    )]
    SamePicture {
        /// One file.
        a: PathBuf,
        /// The other.
        b: PathBuf,
    },

    /// The model does not tell two pictures apart.
    #[error(
        "the model gives {} and {} the same embedding, though they are two pictures: it has collapsed, or neither shows \
         what it was trained on",
        a.display(), b.display()
    )]
    SameEmbedding {
        /// One file.
        a: PathBuf,
        /// The other.
        b: PathBuf,
    },
}

/// An error of a file names it.
fn unreadable(path: &Path, source: &siamese_net::Error) -> String {
    match source {
        siamese_net::Error::Picture { .. } => source.to_string(),
        _ => path.display().to_string(),
    }
}
