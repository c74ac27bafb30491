//! Ready networks that cannot be imported as they are asked for.

use std::path::PathBuf;

/// Something that is not said of a ready network, or is said in vain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Neither the file nor the user says the size of images.
    #[error(
        "{}: its input is {input}, which does not say the size of its images: say it with --size, for instance --size 112",
        path.display()
    )]
    NoSize {
        /// The file.
        path: PathBuf,
        /// What it says of its input.
        input: String,
    },

    /// Nobody says how levels become numbers.
    #[error(
        "{}: no ONNX file says how pixels are scaled before the network sees them, (level - mean) / sd of levels from 0 to \
         255: say it with --mean and --sd as its authors do, for instance --mean 127.5 --sd 127.5 (InsightFace's ArcFace), \
         --mean 0 --sd 255 (from 0 to 1), --mean 0 --sd 1 (levels as they are)",
        path.display()
    )]
    NoScale {
        /// The file.
        path: PathBuf,
    },

    /// A network that takes bytes scales them itself.
    #[error("{}: it takes bytes, and scales them itself: leave out --mean and --sd", path.display())]
    TakesBytes {
        /// The file.
        path: PathBuf,
    },
}
