//! What can go wrong, in words that tell the user what to do.

use std::path::PathBuf;

use siamese_net::{Finding, not_finite};

/// Everything that can go wrong for a user of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recipe, a plan, a file or images are not what they should be.
    #[error(transparent)]
    Net(#[from] siamese_net::Error),

    /// The images, pairs or labels given do not go together.
    #[error("{0}")]
    Data(String),

    /// The network to begin with does not fit the recipe's encoder.
    #[error("the model to begin with does not fit the recipe's encoder: {0}")]
    Init(String),

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

    /// Of several processes that train together one is gone, or has failed, or does not do what the others do.
    #[error(transparent)]
    Processes(Box<dyn std::error::Error + Send + Sync>),

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
    /// Of processes that train together.
    pub(crate) fn processes(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Processes(error.into())
    }

    /// Whether libtorch had no memory left, of the machine or of a GPU.
    #[must_use]
    pub fn is_out_of_memory(&self) -> bool {
        matches!(self, Self::Libtorch { message, .. } if says_out_of_memory(message))
    }

    /// The finding that this error is, if it is one: of the kind [`FindingKind::NotFinite`](siamese_net::FindingKind).
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
}

impl From<Error> for siamese_net::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Net(error) => error,
            other => Self::Engine(Box::new(other)),
        }
    }
}

fn says_out_of_memory(message: &str) -> bool {
    ["out of memory", "can't allocate memory"]
        .iter()
        .any(|words| message.contains(words))
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        let full = error.to_string();
        let hint = if says_out_of_memory(&full) {
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

    #[test]
    fn an_error_says_the_same_where_no_libtorch_is_known() {
        let refused = || Error::Data("no images".into());
        let passed_on = siamese_net::Error::from(refused());
        assert_eq!(passed_on.to_string(), refused().to_string());
        let own = Error::Net(siamese_net::Error::Data("no pairs".into()));
        assert!(matches!(own.into(), siamese_net::Error::Data(_)));
    }
}
