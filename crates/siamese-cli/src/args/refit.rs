//! The arguments of `siamese refit`.

use std::path::PathBuf;

use clap::Args;

use super::compute::ComputeArgs;
use super::templates::TemplatesArgs;

#[derive(Debug, Args)]
pub(crate) struct RefitArgs {
    /// The folder of a finished cross-validation
    pub(crate) crossval: PathBuf,

    /// Model file to write, .safetensors
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Replace the file that --out names, and a training in CROSSVAL/refit that was begun for another cross-validation
    #[arg(long)]
    pub(crate) force: bool,

    /// Where the images of the cross-validation are now [default: where they were]
    #[arg(long, value_name = "DIR|CSV")]
    pub(crate) data: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) templates: TemplatesArgs,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

pub(crate) const HELP: &str = "\
Nobody is kept out of this training, so nobody is left to measure error rates on. They come from the folds: each subject was \
judged by a network that never saw it. docs/judging.md shows how far that holds for the model of everybody. A training that \
is interrupted goes on when the same command is given again.";
