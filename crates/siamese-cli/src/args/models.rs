//! The arguments of the commands about models.

use std::path::PathBuf;

use clap::Args;

use super::groups::{ComputeArgs, DataArgs};

#[derive(Debug, Args)]
pub(crate) struct EmbedArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Where to: the ending .npy or .safetensors decides; paths and subjects go to a .csv beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A model or checkpoint file, the folder of a run, a recipe file or a built-in recipe's name
    pub(crate) what: String,
}
