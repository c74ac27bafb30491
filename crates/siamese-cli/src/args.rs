//! The command line as typed.

mod sweep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use siamese_model::DeviceChoice;

use crate::memory::MemoryArgs;
pub(crate) use sweep::SweepArgs;

/// Train, judge and use networks that tell whether two images show the same person, signature, product or animal.
#[derive(Debug, Parser)]
#[command(
    name = "siamese",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 leak-check found a leak, 130 interrupted (what was done is \
                  saved)."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print one JSON document instead of text, and no progress
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a recipe and judge it by its protocol
    Train(TrainArgs),
    /// Judge a model on pairs of images
    Eval(EvalArgs),
    /// Train a recipe on every fold of a people-disjoint protocol and judge all folds together
    Crossval(CrossvalArgs),
    /// Cross-validate a recipe with values changed, with several seeds, and set the points beside each other
    #[command(after_help = sweep::HELP)]
    Sweep(SweepArgs),
    /// Judge a finished run again and write its report
    Report(ReportArgs),
    /// Look for people and images that two sets share; exit code 3 where there are any
    LeakCheck(LeakCheckArgs),
    /// List the pairs that a recipe trains on or is judged by
    Pairs(PairsArgs),
    /// Turn images into embeddings, as .npy or .safetensors
    Embed(EmbedArgs),
    /// Look at a folder of images and write a commented recipe that fits it
    NewRecipe(NewRecipeArgs),
    /// Draw a sheet of training images as the network sees them, unchanged and changed
    AugmentPreview(AugmentPreviewArgs),
    /// List the built-in recipes, or print one
    Recipes(RecipesArgs),
    /// Show what a model, a checkpoint or a recipe holds
    Inspect(InspectArgs),
    /// Train the classic recipe both ways and say what its published figure means
    Reproduce(ReproduceArgs),
    /// Show the versions, threads and devices in use
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

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
pub(crate) struct ComputeArgs {
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,

    /// Threads on the CPU [default: the number of cores, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RecipeArgs {
    /// A built-in recipe's name or a TOML file
    pub(crate) recipe: String,

    /// Replace one value of the recipe, for instance train.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// A built-in recipe's name or a TOML file
    #[arg(required_unless_present = "resume")]
    pub(crate) recipe: Option<String>,

    /// Replace one value of the recipe, for instance train.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", conflicts_with = "resume")]
    pub(crate) overrides: Vec<String>,

    /// The seed of every random draw; the same as --set seed=N
    #[arg(long, conflicts_with = "resume")]
    pub(crate) seed: Option<u64>,

    /// Begin with the weights of this model, a file or the folder of a run, instead of random ones; the
    /// recipe's section fine_tune may say which layers, and which of them stay
    #[arg(long, value_name = "MODEL", conflicts_with = "resume")]
    pub(crate) init: Option<PathBuf>,

    /// Take the networks that the run in this folder trained, and do only what comes after: for a recipe that differs
    /// from the run's in nothing but embedding.whiten and the section decision
    #[arg(long, value_name = "DIR", conflicts_with_all = ["resume", "init"])]
    pub(crate) trained: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Folder of the run [default: runs/RECIPE-sSEED]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) out: Option<PathBuf>,

    /// Go on with the unfinished run in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "recipe")]
    pub(crate) resume: Option<PathBuf>,

    /// Replace the run that --out holds
    #[arg(long, conflicts_with = "resume")]
    pub(crate) force: bool,

    /// Write no report.html at the end, and judge no other methods beside the network
    #[arg(long)]
    pub(crate) no_report: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Judge by this protocol instead of the recipe's; `all` takes every pair of every image
    #[arg(long, value_name = "NAME")]
    pub(crate) protocol: Option<String>,

    /// Which fold of the protocol, counted from 0
    #[arg(long, value_name = "N", requires = "protocol")]
    pub(crate) fold: Option<usize>,

    /// Judge on the pairs of this CSV list (header a,b,kind; kind is genuine or impostor) instead
    #[arg(long, value_name = "CSV", conflicts_with = "protocol")]
    pub(crate) pairs: Option<PathBuf>,

    /// Decide at this distance instead of the model's threshold
    #[arg(long, value_name = "DISTANCE")]
    pub(crate) threshold: Option<f64>,

    /// Write every pair's distance as CSV
    #[arg(long, value_name = "CSV")]
    pub(crate) scores: Option<PathBuf>,

    /// Folder of the report: HTML, Markdown, JSON, plots [default: eval-DATA-PROTOCOL in the run's folder, or in runs]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Write no report, and judge no other methods beside the network
    #[arg(long, conflicts_with = "out")]
    pub(crate) no_report: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CrossvalArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Begin each fold with the weights of this model, or with those of the same fold in the folder of a cross-validation
    #[arg(long, value_name = "MODEL|DIR")]
    pub(crate) init: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// subjects-8-fold, subjects-20-20, bob-20-20, chopra-35-5, k-fold:N, a list of people (CSV with the header
    /// subject,fold) or LFW's pairs.txt [default: the recipe's]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) protocol: Option<String>,

    /// Folder of the trainings and the report [default: runs/RECIPE-PROTOCOL-sSEED]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the trainings that --out holds
    #[arg(long)]
    pub(crate) force: bool,

    /// Trainings side by side [default: one for each core on the CPU, one on a GPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,

    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The folder of a finished training or cross-validation
    pub(crate) run: PathBuf,

    /// Where the images are now [default: where they were]
    #[arg(long, value_name = "DIR|CSV")]
    pub(crate) data: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LeakCheckArgs {
    /// A folder of people, a list of images (path,subject), pairs (a,b,kind) or people (subject,part or subject,fold;
    /// or a name on each line), or LFW's pairs.txt
    pub(crate) a: PathBuf,

    /// The other set, in any of these forms
    pub(crate) b: PathBuf,

    /// Folder below which the images of the lists lie; given twice, the first is for A and the second for B
    #[arg(long, value_name = "DIR", num_args = 1)]
    pub(crate) images: Vec<PathBuf>,

    /// Compare names and open no image
    #[arg(long, conflicts_with = "images")]
    pub(crate) names_only: bool,
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

    /// Write the list to this CSV file (columns a,b,kind); without it only counts are printed
    #[arg(long, value_name = "CSV")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EmbedArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Where to: the ending .npy or .safetensors decides; paths and subjects go to a .csv beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AugmentPreviewArgs {
    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Where to draw the sheet
    #[arg(long, value_name = "PNG", default_value = "sheet.png")]
    pub(crate) out: PathBuf,

    /// People to show, a row each [default: 6, or as many as there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) people: Option<u16>,

    /// Changed versions of each image
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) per_image: u16,

    /// The seed of who is shown and of every change; the same as --set seed=N
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct NewRecipeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Where to write the recipe; without it, it is printed
    #[arg(long, value_name = "TOML")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecipesArgs {
    /// Print this recipe's TOML text
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A model or checkpoint file, the folder of a run, a recipe file or a built-in recipe's name
    pub(crate) what: String,
}

#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Folder for the runs and the report
    #[arg(long, value_name = "DIR", default_value = "runs/reproduce")]
    pub(crate) out: PathBuf,

    /// Seeds of each reading on the split of pairs
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) seeds: u16,

    /// Two epochs and one seed, to see that everything works; the figures mean nothing
    #[arg(long, conflicts_with = "seeds")]
    pub(crate) quick: bool,

    /// Trainings side by side [default: one for each core on the CPU, one on a GPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,
}
