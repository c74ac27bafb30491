//! The arguments of the commands that judge.

use std::path::PathBuf;

use clap::Args;
use siamese_net::EpisodesSpec;
use siamese_report::Requirement;

use super::compute::ComputeArgs;
use super::groups::DataArgs;

#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Judge by this protocol instead of the recipe's; `all` compares every image with every other
    #[arg(long, value_name = "NAME")]
    pub(crate) protocol: Option<String>,

    /// Which fold of the protocol, counted from 0
    #[arg(long, value_name = "N", requires = "protocol")]
    pub(crate) fold: Option<usize>,

    /// Judge on the pairs in this CSV list instead (header a,b,kind; kind is genuine or impostor)
    #[arg(long, value_name = "CSV", conflicts_with = "protocol")]
    pub(crate) pairs: Option<PathBuf>,

    /// Decide at this distance instead of the model's threshold
    #[arg(long, value_name = "DISTANCE", allow_hyphen_values = true)]
    pub(crate) threshold: Option<f64>,

    /// The error rates that must not be exceeded, for instance fmr=0.1%,fnmr=5%: the verdict goes by them
    #[arg(long, value_name = "RATES")]
    pub(crate) require: Option<Requirement>,

    /// Enrol so many images of each subject for searches, and search for all others; the most alike of them counts
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) enrol: Option<u16>,

    /// Play these few-shot episodes among the subjects of the test, for instance way=20,shot=1,count=2000,seed=0,within=group;
    /// within=group takes the subjects of an episode from one group [default: those of the recipe]
    #[arg(long, value_name = "EPISODES")]
    pub(crate) episodes: Option<EpisodesSpec>,

    /// Write every pair's distance as CSV; `-` is standard output
    #[arg(long, value_name = "CSV")]
    pub(crate) scores: Option<PathBuf>,

    /// Folder of the report: HTML, Markdown, JSON, plots [default: eval-DATA-PROTOCOL-MODEL in the run's folder, or in
    /// runs, where MODEL are digits of the model's fingerprint]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the report in that folder, and the file that --scores names
    #[arg(long)]
    pub(crate) force: bool,

    /// Do not write a report, and do not judge other methods beside the network
    #[arg(long, conflicts_with = "out")]
    pub(crate) no_report: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The folder of a finished training or cross-validation
    pub(crate) run: PathBuf,

    /// Where the images are now [default: where they were when the run was trained]
    #[arg(long, value_name = "DIR|CSV")]
    pub(crate) data: Option<PathBuf>,

    /// The error rates that must not be exceeded, for instance fmr=0.1%,fnmr=5%: the verdict goes by them
    /// [default: those that were required before]
    #[arg(long, value_name = "RATES")]
    pub(crate) require: Option<Requirement>,

    /// Enrol so many images of each subject for searches, and search for all others; the most alike of them counts
    /// [default: 1, or what a cross-validation was judged by before]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) enrol: Option<u16>,

    /// Play these few-shot episodes among the subjects of the test, for instance way=20,shot=1,count=2000,seed=0,within=group
    /// [default: those of the recipe, or what a cross-validation was judged by before]
    #[arg(long, value_name = "EPISODES")]
    pub(crate) episodes: Option<EpisodesSpec>,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}
