//! What can go wrong, said so that the user knows what to do.

use std::path::{Path, PathBuf};

use crate::train::{Finding, not_finite};

/// Everything that a user of this crate can cause or meet.
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

    /// The network to begin with does not fit the recipe's encoder.
    #[error("the model to begin with does not fit the recipe's encoder: {0}")]
    Init(String),

    /// Images that are streamed cannot be decoded, or are no longer what they were.
    #[error("{0}")]
    Image(String),

    /// The device asked for cannot be used.
    #[error("{0}")]
    Device(String),

    /// libtorch refused an operation.
    #[error("libtorch failed: {message}{hint}")]
    Libtorch {
        /// First lines of libtorch's own message, without its C++ backtrace.
        message: String,
        /// What to do about it, beginning with a separator; empty where nothing is known.
        hint: &'static str,
    },

    /// A loss, a weight or an embedding is no longer a number: [`Error::finding`] says what that means.
    #[error("{}", not_finite(which, *value, *epoch, *step))]
    NotFinite {
        /// `the training loss`, `a weight`, `the validation loss` or `an embedding`.
        which: &'static str,
        /// The value found, `NaN` or an infinity.
        value: f64,
        /// The epoch, counted from 1.
        epoch: u32,
        /// The first step with such a training loss, counted from 1: the weights broke in the step before, or images
        /// and loss give no number. For a weight the last step taken. Absent where the epoch's last weights are judged.
        step: Option<u64>,
    },

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

    /// A checkpoint belongs to another experiment.
    #[error("{} cannot be resumed: {message}", path.display())]
    Resume {
        /// The checkpoint.
        path: PathBuf,
        /// What differs, and what to do.
        message: String,
    },
}

impl Error {
    /// The finding that this error is, if it is one: of the kind [`FindingKind::NotFinite`](crate::FindingKind).
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        match *self {
            Self::NotFinite {
                which,
                value,
                epoch,
                step,
            } => Some(not_finite(which, value, epoch, step)),
            _ => None,
        }
    }

    /// An I/O error with the file it happened to.
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// A file that is not what it should be.
    pub(crate) fn file(path: &Path, message: impl Into<String>) -> Self {
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

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        let full = error.to_string();
        let hint = if full.contains("out of memory") || full.contains("can't allocate memory") {
            "; lower train.batch, or use a device with more memory"
        } else if full.contains("no kernel image") {
            "; this libtorch was not built for this GPU: use --device cpu"
        } else if full.contains("CUDA error") || full.contains("CUDNN") {
            "; run `siamese doctor`, or use --device cpu"
        } else {
            ""
        };
        // libtorch appends the place of the throw and a C++ backtrace.
        let message = full
            .trim_start_matches("Internal torch error: ")
            .split("\nException raised from")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        Self::Libtorch { message, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtorch_messages_lose_their_backtrace_and_gain_a_hint() {
        let text = "Internal torch error: CUDA out of memory. Tried to allocate 2 GiB\nException raised from malloc at /x.cpp:1\nframe #0";
        let error = Error::from(tch::TchError::Torch(text.into()));
        let shown = error.to_string();
        assert!(
            shown.contains("Tried to allocate 2 GiB; lower train.batch"),
            "{shown}"
        );
        assert!(!shown.contains("frame #0"), "{shown}");
    }
}
