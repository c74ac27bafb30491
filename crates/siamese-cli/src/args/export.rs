//! The arguments of `siamese export`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    /// ONNX file to write; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) onnx: PathBuf,

    /// Replace the file that --onnx names
    #[arg(long)]
    pub(crate) force: bool,
}

pub(crate) const HELP: &str = "\
The graph takes bytes of pixels, `images` u8 [n, channels, height, width], and gives what `siamese embed` gives, `embeddings` \
f32 [n, d]. Scaling, normalisation, views, all networks and whitening are in it. Decoding and resizing are not: docs/onnx.md \
shows them in Python. The metadata `siamese` holds the recipe, the contract, the threshold and the size of the images, as \
JSON. Models that begin with a ready network cannot be exported.";
