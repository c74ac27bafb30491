//! Arguments of the commands that compute.

#[cfg(feature = "train")]
use std::path::PathBuf;

use clap::Args;
use siamese_lab::Compute;
#[cfg(feature = "train")]
use siamese_lab::model::DeviceChoice;

use super::memory::MemoryArgs;

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

impl From<&ComputeArgs> for Compute {
    fn from(args: &ComputeArgs) -> Self {
        #[cfg(not(feature = "train"))]
        let DeviceChoice = args.device;
        Self {
            #[cfg(feature = "train")]
            device: args.device,
            threads: args.threads.map(usize::from),
            memory: args.memory.said(),
        }
    }
}

/// The only place where a build without libtorch computes.
#[cfg(not(feature = "train"))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeviceChoice;

#[cfg(not(feature = "train"))]
impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" | "cpu" => Ok(Self),
            _ => Err(
                "this siamese was built without libtorch (--no-default-features), so it computes on the CPU: leave \
                 --device out, or say cpu"
                    .to_owned(),
            ),
        }
    }
}

// How many trainings run at a time, and what they share.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub(crate) struct PoolArgs {
    /// How many trainings run at a time [default: one for each core on the CPU, one on a GPU]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,

    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceChoice,

    #[command(flatten)]
    pub(crate) memory: MemoryArgs,
}

// Where to, and whether what is there may go. Each command says what it writes.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub(crate) struct OutArgs {
    /// The folder to write into
    #[arg(long = "out", id = "out", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,

    /// Replace what --out holds
    #[arg(long)]
    pub(crate) force: bool,
}

#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub(crate) struct ProtocolArgs {
    /// subjects-8-fold, subjects-20-20, bob-20-20, chopra-35-5, k-fold:N, k-fold-groups:N, one-shot:DIR, omniglot-runs,
    /// folders, a list of subjects (CSV with the header subject,fold) or LFW's pairs.txt [default: the recipe's]
    #[arg(long = "protocol", id = "protocol", value_name = "NAME|FILE")]
    pub(crate) name: Option<String>,
}
