//! The arguments of the commands that train.

use std::path::PathBuf;

use clap::Args;
use siamese_net::EpisodesSpec;
use siamese_report::Requirement;

use super::compute::{ComputeArgs, OutArgs, PoolArgs, ProtocolArgs, ShardArgs};
use super::groups::{RecipeArgs, TrainDataArgs};

pub(crate) const HELP: &str = "\
Under torchrun, Slurm or anything that sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, all processes train one \
network together, in a build with the feature `distributed`. docs/scaling.md tells how.";

#[derive(Debug, Args)]
#[command(
    mut_arg("out", |arg| arg.help("Folder of the run [default: runs/RECIPE-sSEED]").conflicts_with("resume")),
    mut_arg("force", |arg| arg.help("Replace the run in the --out folder").conflicts_with("resume"))
)]
pub(crate) struct TrainArgs {
    /// A built-in recipe's name or a TOML file
    #[arg(required_unless_present = "resume")]
    pub(crate) recipe: Option<String>,

    /// Replace one value of the recipe, for instance train.epochs=5; may be repeated. With --resume only train.epochs,
    /// the number of epochs in all, to lengthen a run
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,

    /// Seed of every random draw; the same as --set seed=N
    #[arg(long, conflicts_with = "resume")]
    pub(crate) seed: Option<u64>,

    /// Leave fingerprints of the images that are learnt from out of the model file, see docs/model-format.md; the same as
    /// --set train.fingerprints=false
    #[arg(long, conflicts_with = "resume")]
    pub(crate) no_fingerprints: bool,

    /// Begin with the weights of this model (a file, or the folder of a run) instead of random ones.
    /// The recipe's section fine_tune may say which layers to take over and which to freeze
    #[arg(long, value_name = "MODEL", conflicts_with = "resume")]
    pub(crate) init: Option<PathBuf>,

    /// Take over the networks of the run in this folder, and do only what comes after training. The recipe may differ
    /// from the run's only in embedding.whiten and the section decision
    #[arg(long, value_name = "DIR", conflicts_with_all = ["resume", "init"])]
    pub(crate) trained: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) data: TrainDataArgs,

    #[command(flatten)]
    pub(crate) out: OutArgs,

    /// Go on with the unfinished run in this folder, on the images that it began with
    #[arg(long, value_name = "DIR", conflicts_with = "recipe")]
    pub(crate) resume: Option<PathBuf>,

    /// The error rates that must not be exceeded, for instance fmr=0.1%,fnmr=5%: the verdict goes by them
    #[arg(long, value_name = "RATES")]
    pub(crate) require: Option<Requirement>,

    /// Do not write a report, and do not judge other methods beside the network
    #[arg(long)]
    pub(crate) no_report: bool,

    // Of a cross-validation or a sweep to its trainings: stop as by Ctrl-C at the end of standard input.
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,

    // Likewise: a copy of the list that the recipe names as its protocol, which may have changed since.
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
#[command(
    mut_arg("out", |arg| arg.help("Folder for the trainings and the report [default: runs/RECIPE-PROTOCOL-sSEED]")),
    mut_arg("force", |arg| arg.help("Replace the trainings in the --out folder"))
)]
pub(crate) struct CrossvalArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Begin each fold with the weights of this model or, given the folder of a cross-validation, with those of the
    /// same fold
    #[arg(long, value_name = "MODEL|DIR")]
    pub(crate) init: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) data: TrainDataArgs,

    #[command(flatten)]
    pub(crate) protocol: ProtocolArgs,

    /// The error rates that must not be exceeded, for instance fmr=0.1%,fnmr=5%: the verdict goes by them
    #[arg(long, value_name = "RATES")]
    pub(crate) require: Option<Requirement>,

    /// Enrol so many images of each subject for searches, and search for all others; the most alike of them counts
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) enrol: Option<u16>,

    /// Play these few-shot episodes among the subjects of each fold, for instance way=20,shot=1,count=2000,seed=0,within=group
    /// [default: those of the recipe]
    #[arg(long, value_name = "EPISODES")]
    pub(crate) episodes: Option<EpisodesSpec>,

    #[command(flatten)]
    pub(crate) out: OutArgs,

    #[command(flatten)]
    pub(crate) shards: ShardArgs,

    #[command(flatten)]
    pub(crate) pool: PoolArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("data", |arg| arg.help("Folder of the AT&T faces [default: what the environment variable SIAMESE_DATA \
                                          says, or datasets/orl_faces]")))]
pub(crate) struct ReproduceArgs {
    #[command(flatten)]
    pub(crate) data: TrainDataArgs,

    /// Folder for the runs and the report
    #[arg(long, value_name = "DIR", default_value = "runs/reproduce")]
    pub(crate) out: PathBuf,

    /// Number of seeds for each reading of the recipe, on the split of pairs
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) seeds: u16,

    /// Train for two epochs with one seed, to check that everything works. The figures then mean nothing
    #[arg(long, conflicts_with = "seeds")]
    pub(crate) quick: bool,

    #[command(flatten)]
    pub(crate) pool: PoolArgs,
}
