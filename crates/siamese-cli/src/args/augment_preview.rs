//! The arguments of `siamese augment-preview`.

use std::path::PathBuf;

use clap::Args;

use super::groups::{DataArgs, RecipeArgs};

#[derive(Debug, Args)]
pub(crate) struct AugmentPreviewArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// File to draw the sheet into; `-` is standard output
    #[arg(long, value_name = "PNG", default_value = "sheet.png")]
    pub(crate) out: PathBuf,

    /// Replace the image that --out names
    #[arg(long)]
    pub(crate) force: bool,

    /// Subjects to show, one row each [default: 6, or as many as there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) people: Option<u16>,

    /// Changed versions of each image
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) per_image: u16,

    /// Seed for who is shown and for every change; the same as --set seed=N
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}
