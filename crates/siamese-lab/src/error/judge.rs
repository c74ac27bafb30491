//! What cannot be judged.

use std::path::PathBuf;

/// A network cannot be judged, or what is there of a training no longer goes together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// A distance is no number.
    #[error(
        "the distance of {} and {} is {distance}: the network's weights or these images are damaged; look at `siamese \
         embed` of them, or train anew with a lower optimizer.lr",
        a.display(), b.display()
    )]
    NotFinite {
        /// One image.
        a: PathBuf,
        /// The other.
        b: PathBuf,
        /// The value found, `NaN` or an infinity.
        distance: f32,
    },

    /// What computes the network answers with too few results or too many.
    #[error(
        "the network was asked for {asked} {of}, and answered with {found}: the program that computes it is at fault"
    )]
    Results {
        /// `pairs` or `images`.
        of: &'static str,
        /// How many it was asked for.
        asked: usize,
        /// How many results came.
        found: usize,
    },

    /// The model decides nothing.
    #[error("the model holds no threshold: give one with --threshold")]
    NoThreshold,

    /// The threshold is no distance.
    #[error("--threshold {value} is no distance: give a number that is 0 or larger")]
    NoDistance {
        /// What was given.
        value: f64,
    },

    /// No training was given.
    #[error("there is nothing to report on")]
    Nothing,

    /// The images have neither one channel nor three.
    #[error("the images are neither grey nor in colour")]
    Channels,

    /// The images are not those of the training.
    #[error(
        "the images are not those that {} was trained on: restore them, say where they are with --data, or judge the \
         model on others with siamese eval",
        run.display()
    )]
    OtherImages {
        /// The folder of the run.
        run: PathBuf,
    },

    /// The subjects are divided otherwise than for the training.
    #[error(
        "{protocol} divides the subjects otherwise than when {} was trained, so its list or the files' names have \
         changed: restore them, or train anew",
        run.display()
    )]
    OtherDivision {
        /// The protocol.
        protocol: String,
        /// The folder of the run.
        run: PathBuf,
    },

    /// There are no pairs to judge by.
    #[error("{what}: there are no pairs to judge")]
    NoPairs {
        /// What was to be compared, in words.
        what: String,
    },
}
