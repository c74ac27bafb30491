//! The arguments of `siamese embed`.

use std::path::PathBuf;

use clap::Args;

use super::compute::ComputeArgs;
use super::groups::DataArgs;

#[derive(Debug, Args)]
pub(crate) struct EmbedArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// File to write; its ending, .npy or .safetensors, decides the format. Paths and subjects go to a .csv file beside
    /// it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}
