//! What can be wrong with a network.

/// Why a file is not taken as a network, or does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no ONNX file, or not a whole one.
    #[error("not a whole ONNX file: {reason}, at byte {offset}; copy it again, or export it again")]
    Damaged {
        /// Where in the file.
        offset: usize,
        /// What was found there.
        reason: String,
    },

    /// It has more of something than any network of this kind needs.
    #[error("it has {what}: {found}, and at most {most} are taken")]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How much there is.
        found: u64,
        /// How much is taken.
        most: u64,
    },

    /// It uses a part of the format that is not taken.
    #[error("{what} not supported: {remedy}")]
    Unsupported {
        /// What it uses, with its verb: `weights in a second file are`.
        what: String,
        /// What to do.
        remedy: String,
    },

    /// An operation cannot take what comes into it, or is not supported.
    #[error("operation {node} ({operator}): {reason}")]
    Operation {
        /// Its name, or the value that it makes.
        node: String,
        /// Its operator, such as `Conv`.
        operator: String,
        /// What is wrong.
        reason: String,
    },

    /// The network does not turn one image into one vector, or not such an image.
    #[error("{0}")]
    Interface(String),

    /// It failed while it was loaded or run.
    #[error("it cannot be run: {0}")]
    Run(String),
}

impl Error {
    pub(crate) fn damaged(offset: usize, reason: impl Into<String>) -> Self {
        Self::Damaged {
            offset,
            reason: reason.into(),
        }
    }

    pub(crate) fn unsupported(what: &str, remedy: &str) -> Self {
        Self::Unsupported {
            what: what.to_owned(),
            remedy: remedy.to_owned(),
        }
    }
}

/// Fails where there is more of `what` than `most`.
pub(crate) fn at_most(what: &str, found: u64, most: u64) -> Result<(), Error> {
    match found <= most {
        true => Ok(()),
        false => Err(Error::TooLarge {
            what: what.to_owned(),
            found,
            most,
        }),
    }
}
