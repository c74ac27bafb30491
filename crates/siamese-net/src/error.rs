//! What can go wrong, in words that tell the user what to do.

use std::path::{Path, PathBuf};

/// Everything that can go wrong for a user of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The recipe does not parse, or names something that does not exist.
    #[error("{origin}: {message}")]
    Recipe {
        /// The recipe's file with line and column where they are known, a built-in's name, or the override.
        origin: String,
        /// What was found, what was expected, and the nearest known word where there is one.
        message: String,
    },

    /// A layer does not fit what comes into it.
    #[error("encoder layer {index} ({layer}) cannot take {input}: {reason}")]
    Layer {
        /// Position in the list of layers, counted from 1; `3.2` is the second layer inside the third.
        index: String,
        /// The layer as the recipe names it.
        layer: String,
        /// The shape that came in.
        input: String,
        /// Why it does not fit, and what to change.
        reason: String,
    },

    /// Pixels and encoder disagree about the image's geometry.
    #[error(
        "the recipe takes images of {expected_height}x{expected_width} (height x width), which is encoder.input times \
         data.pool; they are {found_height}x{found_width}: change data.resize, encoder.input or data.pool so that they agree"
    )]
    Geometry {
        /// Height in pixels that the recipe's encoder wants.
        expected_height: usize,
        /// Width in pixels that the recipe's encoder wants.
        expected_width: usize,
        /// Height in pixels of the images given.
        found_height: usize,
        /// Width in pixels of the images given.
        found_width: usize,
    },

    /// The images, pairs or labels given do not go together.
    #[error("{0}")]
    Data(String),

    /// Images that are streamed cannot be decoded, or are no longer what they were.
    #[error("{0}")]
    Image(String),

    /// An image cannot be read.
    #[error("{name}: {source}")]
    Picture {
        /// Its file, or where it comes from.
        name: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// What computes a network failed, by its own error.
    #[error(transparent)]
    Engine(Box<dyn std::error::Error + Send + Sync>),

    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}{}", path.display(), io_hint(source))]
    Io {
        /// `read`, `write`, ...
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },

    /// A model file or checkpoint is not what it should be.
    #[error("{}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was expected, what was found, what to do.
        message: String,
    },
}

impl Error {
    /// An I/O error with the file it happened to.
    #[must_use]
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// A file that is not what it should be.
    #[must_use]
    pub fn file(path: &Path, message: impl Into<String>) -> Self {
        Self::File {
            path: path.to_path_buf(),
            message: message.into(),
        }
    }
}

fn io_hint(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::StorageFull => {
            "; make room on that disk, or choose another folder with --out"
        }
        std::io::ErrorKind::PermissionDenied => "; check who owns it, or choose another folder",
        _ => "",
    }
}
