//! The arguments of `siamese inspect`.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A model or checkpoint file, the folder of a run, a recipe file, a built-in recipe's name or an ONNX file
    pub(crate) what: String,
}
