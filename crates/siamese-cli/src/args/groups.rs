//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder with one folder of images per subject, or a CSV list with the header path,subject
    #[arg(
        long,
        value_name = "DIR|CSV",
        env = "SIAMESE_DATA",
        default_value = "datasets/orl_faces"
    )]
    pub(crate) data: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RecipeArgs {
    /// A built-in recipe's name or a TOML file
    pub(crate) recipe: String,

    /// Replace one value of the recipe, for instance train.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
}
