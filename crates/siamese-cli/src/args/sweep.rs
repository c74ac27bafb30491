//! The arguments of `siamese sweep`.

use std::path::PathBuf;

use clap::Args;

use super::compute::{OutArgs, PoolArgs, ProtocolArgs};
use super::groups::{DataArgs, RecipeArgs};

pub(super) const HELP: &str = "\
Every point and seed is one cross-validation, in OUT/POINT/sSEED, of which `siamese report` makes a report. All folds of \
all points are trainings of one pool. The same command goes on where it stopped; more values, variants or seeds may be \
added later. OUT/sweep.md and OUT/sweep.json hold the table, sorted by EER.

The points are compared on the test people, so the figure of the best line is optimistic: state that of --inside. There \
the choice is made once for each fold, by cross-validating every point on that fold's training people alone; only the \
chosen point is trained on all of them, and judged on the fold's test people. OUT/inside.md and OUT/inside.json hold the \
choices and the pooled figure.";

#[derive(Debug, Args)]
#[command(
    mut_arg("out", |arg| arg.help("Folder of all trainings and of the table [default: runs/sweep-RECIPE-PROTOCOL]")),
    mut_arg("force", |arg| arg.help("Replace what --out holds of other recipes, people or images, another sweep's table among it, and begin unfinished trainings anew"))
)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Values of one key, in TOML or bare words, for instance train.epochs=5,10; given for several keys, every
    /// combination is a point
    #[arg(long, value_name = "KEY=VALUE,VALUE")]
    pub(crate) grid: Vec<String>,

    /// A point by a name of its own, for instance 'no dropout: encoder.layers=[...] train.epochs=20'; may be repeated.
    /// The recipe as it is comes first, and the others are set beside it
    #[arg(long, value_name = "NAME: KEY=VALUE ...", conflicts_with = "grid")]
    pub(crate) variant: Vec<String>,

    /// More of them from a TOML file of lines NAME = ["KEY=VALUE", ...]
    #[arg(long, value_name = "FILE", conflicts_with = "grid")]
    pub(crate) variants: Option<PathBuf>,

    /// Cross-validations of each point: with the recipe's seed, the number after it, and so on
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) seeds: u16,

    /// Choose the point inside the training people of each fold, and judge that choice
    #[arg(long)]
    pub(crate) inside: bool,

    /// Folds that the training people are dealt into to choose a point
    #[arg(long, value_name = "K", default_value_t = 4, requires = "inside", value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) inner_folds: u16,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,

    #[command(flatten)]
    pub(crate) out: OutArgs,

    #[command(flatten)]
    pub(crate) pool: PoolArgs,
}
