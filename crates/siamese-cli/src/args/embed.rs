//! The arguments of `siamese embed`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::compute::ComputeArgs;
use super::groups::DataArgs;

/// How embeddings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EmbeddingFormat {
    /// NumPy's .npy
    Npy,
    /// .safetensors, with one tensor `embeddings`
    Safetensors,
}

#[derive(Debug, Args)]
pub(crate) struct EmbedArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    /// Images, and folders that hold images themselves, in place of --data; they are embedded in natural order, 2.png before
    /// 10.png
    #[arg(value_name = "IMAGE|DIR", conflicts_with_all = ["data", "layout", "depth"])]
    pub(crate) images: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// File to write, in the format of its ending, .npy or .safetensors; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Format of what is written [default: that of the ending of --out]
    #[arg(long, value_enum)]
    pub(crate) format: Option<EmbeddingFormat>,

    /// List of the images, with the header path,subject, or of images without subjects path, and a line for each embedding
    /// [default: --out with the ending
    /// .csv; none beside standard output and special files]
    #[arg(long, value_name = "CSV")]
    pub(crate) index: Option<PathBuf>,

    /// Replace the files that --out and --index name
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}
