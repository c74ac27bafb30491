//! The error of this crate.

use std::path::PathBuf;

/// Why something could not be done with a model and a gallery. What is wrong with single pictures is a
/// [`Fault`](crate::Fault) and stops nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The gallery is at fault, or what was asked of it.
    #[error(transparent)]
    Gallery(#[from] gallery::Error),

    /// The model is at fault.
    #[error(transparent)]
    Net(#[from] siamese_net::Error),

    /// The calibration is at fault.
    #[error(transparent)]
    Calibration(#[from] verification_figures::Error),

    /// Pictures cannot be compared with each other.
    #[error(transparent)]
    Duplicates(#[from] near_duplicates::DuplicatesError),

    /// A gallery cannot search by the model's metric.
    #[error(
        "the model compares by the {metric} distance, and a gallery searches by cosine or Euclidean distance alone: train with \
         loss.distance = \"cosine\" or \"euclidean\", or compare single pictures by siamese verify"
    )]
    Metric {
        /// The metric.
        metric: &'static str,
    },

    /// The model begins with a TorchScript program.
    #[error(
        "{} begins with a TorchScript program ({program}), which only libtorch runs, and galleries are made without it: \
         export the network in Python by torch.onnx.export and use it as encoder.onnx. siamese built with the feature train \
         compares single pictures by this model: siamese verify", path.display()
    )]
    Script {
        /// The model.
        path: PathBuf,
        /// The program's file.
        program: String,
    },

    /// The model is too large to be kept.
    #[error(
        "{} has {bytes} bytes with the networks that it begins with, and a gallery keeps models of up to 999 million: use a \
         smaller network", path.display()
    )]
    TooLarge {
        /// The model.
        path: PathBuf,
        /// Its size.
        bytes: usize,
    },

    /// There is no gallery yet, and nobody said by which model to make one.
    #[error("there is no gallery at {}; to make one, say with which model: --model FILE", path.display())]
    NoModel {
        /// Where it was looked for.
        path: PathBuf,
    },

    /// The gallery does not hold its model.
    #[error(
        "{} holds no model for its contract {contract}: give the model's file with --model", path.display()
    )]
    ModelNotKept {
        /// The gallery.
        path: PathBuf,
        /// Its contract, shortened.
        contract: String,
    },

    /// The gallery was made with another model.
    #[error(
        "{} was made with a model of contract {expected}, and {model} has contract {found}: vectors of two models cannot be \
         compared. Leave --model out to go on with the gallery's own model, or move the gallery to the new one: siamese \
         reembed --gallery {} --model {model}", path.display(), path.display()
    )]
    OtherModel {
        /// The gallery.
        path: PathBuf,
        /// Its contract, shortened.
        expected: String,
        /// The model given.
        model: String,
        /// Its contract, shortened.
        found: String,
    },

    /// A gallery cannot fuse like this: it has no relative fusion, and fused scores of squared distances are not the squares of fused
    /// distances.
    #[error("the calibration is for {}", match fusion {
        gallery::Fusion::Relative => "the relative fusion, which galleries do not have: for a gallery, calibrate \
                                      with --fusion mean".to_owned(),
        fusion => format!(
            "squared Euclidean distances under the fusion {fusion:?}, and a gallery fuses Euclidean distances: calibrate for the \
             fusion `best`"
        ),
    })]
    Fusion {
        /// The calibration's fusion.
        fusion: gallery::Fusion,
    },

    /// A list of pictures, or of boxes, cannot be used.
    #[error("{}{}: {what}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    List {
        /// The list or folder.
        path: PathBuf,
        /// The line, counted from 1.
        line: Option<u64>,
        /// What is wrong.
        what: String,
    },

    /// A folder or file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What this crate gives, or why it cannot.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;
