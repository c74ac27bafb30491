//! The arguments of `siamese inspect`.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A model or checkpoint file, the folder of a run, a recipe file or a built-in recipe's name
    pub(crate) what: String,
}
