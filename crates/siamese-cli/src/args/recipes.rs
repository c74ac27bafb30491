//! The arguments of the commands about recipes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::groups::{DataArgs, RecipeArgs};

#[derive(Debug, Args)]
pub(crate) struct NewRecipeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// File to write the recipe to. Without it, or with `-`, the recipe is printed
    #[arg(long, value_name = "TOML")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the recipe that --out names, one that this command wrote
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecipesArgs {
    /// Print this recipe's TOML text
    pub(crate) name: Option<String>,
}

/// Which pairs of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Learnt from
    Fit,
    /// Judged by after every epoch
    Validation,
    /// Judged by at the end
    Test,
}

#[derive(Debug, Args)]
pub(crate) struct PairsArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Which pairs to list
    #[arg(long, value_enum, default_value = "test")]
    pub(crate) part: Part,

    /// Write the list to this CSV file (columns a,b,kind); `-` is standard output. Without it, only counts are printed
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the list that --out names
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}
