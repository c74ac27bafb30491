//! What can go wrong, said so that a user knows what to do.

mod bad_image;
mod begin;
mod calibrate;
mod data;
mod files;
mod jobs;
mod judge;
mod out;
mod points;
mod run;
mod suggest;
mod sweep;
mod train;
mod verify;

pub use bad_image::BadImage;
pub(crate) use bad_image::Listed;
pub use begin::BeginError;
pub use calibrate::CalibrateError;
pub use data::DataError;
pub use files::FileError;
pub(crate) use files::{make_folder, read_document, remove};
#[cfg(feature = "train")]
pub(crate) use files::{read_bytes, read_text};
pub use jobs::JobError;
pub use judge::JudgeError;
pub use out::OutError;
pub use points::PointError;
pub use run::RunError;
pub use suggest::SuggestError;
pub use sweep::SweepError;
pub use train::TrainError;
pub use verify::VerifyError;

use std::error::Error as StdError;
use std::path::PathBuf;

/// Everything that a user of this crate can cause or meet, by subject.
///
/// [`std::error::Error::source`] tells what an error comes from, where it comes from another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),

    /// The images are not there, or not as they must be.
    #[error(transparent)]
    Data(#[from] DataError),

    /// The folder of a run is not what it must be.
    #[error(transparent)]
    Run(#[from] RunError),

    /// A training cannot begin with the model that was given.
    #[error(transparent)]
    Begin(#[from] BeginError),

    /// A training cannot begin, or did not end well.
    #[error(transparent)]
    Train(#[from] TrainError),

    /// Several trainings do not go together, or one of them did not end well.
    #[error(transparent)]
    Job(#[from] JobError),

    /// Trainings cannot be run.
    #[error("cannot {what}")]
    Runner {
        /// What it cannot do.
        what: &'static str,
        /// Why it cannot.
        source: Box<dyn StdError + Send + Sync>,
    },

    /// A sweep cannot begin or did not end well.
    #[error(transparent)]
    Sweep(#[from] SweepError),

    /// A point of a sweep cannot be understood.
    #[error(transparent)]
    Point(#[from] PointError),

    /// No recipe fits the images.
    #[error(transparent)]
    Suggest(#[from] SuggestError),

    /// Something cannot be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),

    /// A model cannot be calibrated.
    #[error(transparent)]
    Calibrate(#[from] CalibrateError),

    /// Nothing can be said of a picture.
    #[error(transparent)]
    Verify(#[from] VerifyError),

    /// Something is where a command would write.
    #[error(transparent)]
    Out(#[from] OutError),

    /// A figure is not defined by the comparisons that there are.
    #[error(transparent)]
    Figures(#[from] verification_figures::Error),

    /// A report cannot be written.
    #[error(transparent)]
    Report(#[from] siamese_report::Error),

    /// Pictures cannot be compared.
    #[error(transparent)]
    Duplicates(#[from] near_duplicates::DuplicatesError),

    /// The files of pictures cannot be read.
    #[error(transparent)]
    Fingerprints(#[from] image_stack::StackError),

    /// The subjects cannot be divided, or the pairs not drawn.
    #[error(transparent)]
    Pairs(#[from] pairgen::Error),

    /// A recipe or a model file is at fault, or an image of a stack.
    #[error(transparent)]
    Net(#[from] siamese_net::Error),

    /// A computation is at fault.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Model(#[from] siamese_model::Error),

    /// A picture cannot be drawn.
    #[error("cannot draw {}", path.display())]
    Draw {
        /// Its file.
        path: PathBuf,
        /// Why it cannot be.
        source: Box<dyn StdError + Send + Sync>,
    },

    /// A sheet of images would be too large to look at.
    #[error(
        "the sheet would have {} x {} pixels, but at most {} in all are allowed: ask for fewer --people or --per-image",
        grouped(*width), grouped(*height), grouped(*most)
    )]
    Sheet {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// Pixels that a sheet may have.
        most: usize,
    },

    /// A list or a document cannot be built.
    #[error("cannot build the {what}")]
    Build {
        /// What was to be built.
        what: &'static str,
        /// Why it cannot be.
        source: Box<dyn StdError + Send + Sync>,
    },

    /// Another error, with the part of the work in which it came up.
    #[error("{place}")]
    Within {
        /// The part of the work, in words.
        place: String,
        /// What came up there.
        source: Box<Error>,
    },
}

/// An error and its causes in one text, leaving out a cause that the message before it already tells.
#[must_use]
pub fn explain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// What this crate gives, or why it cannot.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

fn grouped(n: usize) -> String {
    crate::thousands::thousands(n as u64)
}

impl Error {
    /// That what runs trainings cannot do something, such as `start a training`.
    pub fn runner(what: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        Self::Runner { what, source }
    }

    /// That a document cannot be built.
    pub(crate) fn build(
        what: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self::Build { what, source }
    }
}

/// Says in which part of the work an error came up.
pub(crate) trait Within<T> {
    /// The same, with the part of the work in words.
    fn within(self, place: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T, E: Into<Error>> Within<T> for Result<T, E> {
    fn within(self, place: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| Error::Within {
            place: place(),
            source: Box::new(error.into()),
        })
    }
}
