//! The arguments of `siamese sweep`.

use std::path::PathBuf;

use clap::Args;

use super::compute::{OutArgs, PoolArgs, ProtocolArgs, ShardArgs};
use super::groups::{RecipeArgs, TrainDataArgs};

pub(super) const HELP: &str = "Every point and seed is one cross-validation, in OUT/POINT/sSEED, and `siamese report` \
makes a report of it. All folds of all points share one pool of trainings. Run the same command again to go on where \
it stopped; more values, variants or seeds may be added later. OUT/sweep.md and OUT/sweep.json hold the table, sorted \
by EER.

The points are compared on the test subjects, so the figure of the best line is optimistic: state the figure \
of --inside. It makes the choice once for each fold, by cross-validating every point on that fold's training subjects \
alone. Only the chosen point is trained on all of them, and judged on the fold's test subjects. OUT/inside.md and \
OUT/inside.json hold the choices and the pooled figure.";

#[derive(Debug, Args)]
#[command(
    mut_arg("out", |arg| arg.help("Folder for all trainings and the table [default: runs/sweep-RECIPE-PROTOCOL]")),
    mut_arg("force", |arg| arg.help("Replace what --out holds for other recipes, subjects or images, including another \
                                     sweep's table, and begin unfinished trainings again"))
)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Values of one key, in TOML or as bare words, for instance train.epochs=5,10. With several keys, every
    /// combination is a point
    #[arg(long, value_name = "KEY=VALUE,VALUE")]
    pub(crate) grid: Vec<String>,

    /// A point by a name of its own, for instance 'no dropout: encoder.layers=[...] train.epochs=20'; may be repeated.
    /// The unchanged recipe comes first, and the others are compared with it
    #[arg(long, value_name = "NAME: KEY=VALUE ...", conflicts_with = "grid")]
    pub(crate) variant: Vec<String>,

    /// More variants, from a TOML file with lines NAME = ["KEY=VALUE", ...]
    #[arg(long, value_name = "FILE", conflicts_with = "grid")]
    pub(crate) variants: Option<PathBuf>,

    /// Number of cross-validations of each point: with the recipe's seed, the number after it, and so on
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) seeds: u16,

    /// Choose the point on the training subjects of each fold alone, and judge that choice
    #[arg(long)]
    pub(crate) inside: bool,

    /// Number of folds that the training subjects are dealt into for that choice
    #[arg(long, value_name = "K", default_value_t = 4, requires = "inside", value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) inner_folds: u16,

    #[command(flatten)]
    pub(crate) data: TrainDataArgs,

    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,

    #[command(flatten)]
    pub(crate) out: OutArgs,

    #[command(flatten)]
    pub(crate) shards: ShardArgs,

    #[command(flatten)]
    pub(crate) pool: PoolArgs,
}
