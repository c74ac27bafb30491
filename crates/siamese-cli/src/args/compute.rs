//! Arguments of the commands that compute.

#[cfg(feature = "train")]
use std::path::PathBuf;

use clap::Args;
use siamese_lab::Compute;
#[cfg(feature = "train")]
use siamese_lab::Shard;
#[cfg(feature = "train")]
pub(crate) use siamese_lab::model::DeviceChoice;

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

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Compute every layer, loss, augmentation, normalisation and optimizer on the CPU and on this device, cuda or cuda:N, and
    /// say how far apart they are. Set NVIDIA_TF32_OVERRIDE=0 for a fair comparison
    #[cfg(feature = "train")]
    #[arg(long, value_name = "DEVICE")]
    pub(crate) compare: Option<DeviceChoice>,
}

// Trainings dealt out over processes or machines.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub(crate) struct ShardArgs {
    /// Train only every Nth of the trainings, from the Ith on, and judge nothing. The shards 1/N to N/N may run at a time, on
    /// one folder or on several machines
    #[arg(long, value_name = "I/N", conflicts_with_all = ["force", "merge"])]
    pub(crate) shard: Option<Shard>,

    /// Take over the finished trainings of this folder, another shard's --out, and train nothing that is missing; may be
    /// repeated
    #[arg(long, value_name = "DIR", conflicts_with = "force")]
    pub(crate) merge: Vec<PathBuf>,
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
