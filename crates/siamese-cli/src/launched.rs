//! The processes that `torchrun`, Slurm or a shell script has launched to train one network, as environment variables say.

use std::process::ExitCode;
use std::sync::Arc;

#[cfg(feature = "distributed")]
use anyhow::Context;
use anyhow::{Result, bail};
use siamese_lab::Compute;
use siamese_lab::model::{Alone, Collective};

/// Those that train together; one, where nothing was launched.
pub(crate) struct Launched {
    #[cfg(feature = "distributed")]
    met: Option<Arc<siamese_lab::model::Processes>>,
}

impl Launched {
    /// Waits for all processes that were launched, and gives each of a machine its share of the GPUs and cores, where the
    /// user says nothing.
    #[cfg(feature = "distributed")]
    pub(crate) fn meet(compute: &mut Compute) -> Result<Self> {
        use siamese_lab::default_threads;
        use siamese_lab::model::{Device, DeviceChoice, Launch, Processes, cuda_devices};

        let launch = Launch::from_environment(|name| std::env::var(name).ok())?;
        let Some(launch) = launch.filter(|launch| launch.size > 1) else {
            return Ok(Self { met: None });
        };
        if let (DeviceChoice::Auto, Some(local)) = (compute.device, launch.local_rank)
            && cuda_devices().is_ok_and(|count| count > 0)
        {
            compute.device = DeviceChoice::Cuda(local);
        }
        if let (None, Some(local)) = (compute.threads, launch.local_size) {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            compute.threads = Some((cores / local).clamp(1, default_threads()));
        }
        let device = match compute.device {
            DeviceChoice::Cuda(number) => Device::Cuda(number),
            _ => Device::Cpu,
        };
        let met = Processes::meet(&launch, device).with_context(|| process(&launch))?;
        Ok(Self {
            met: Some(Arc::new(met)),
        })
    }

    #[cfg(not(feature = "distributed"))]
    pub(crate) fn meet(_: &mut Compute) -> Result<Self> {
        if let Some(size) = size() {
            bail!(
                "WORLD_SIZE is {size}, and this siamese was built for one process: build it with --features distributed, or \
                 unset WORLD_SIZE"
            );
        }
        Ok(Self {})
    }

    pub(crate) fn processes(&self) -> Arc<dyn Collective> {
        #[cfg(feature = "distributed")]
        if let Some(met) = &self.met {
            return Arc::clone(met) as _;
        }
        Arc::new(Alone)
    }

    /// Whether this process writes files and speaks to the user.
    pub(crate) fn is_first(&self) -> bool {
        self.processes().is_first()
    }

    /// Tells the others how this process's part has ended, where it has failed, and gives the same with its number.
    pub(crate) fn ended(&self, ended: Result<ExitCode>) -> Result<ExitCode> {
        #[cfg(feature = "distributed")]
        if let Some(met) = &self.met {
            use siamese_lab::model::c10d;

            let of_others =
                |error: &anyhow::Error| error.chain().any(|cause| cause.is::<c10d::Error>());
            if let Err(error) = &ended
                && !of_others(error)
            {
                met.fail(&siamese_lab::explain(error.as_ref()));
            }
            return ended.with_context(|| process(met.launch()));
        }
        ended
    }
}

/// Fails where several processes were launched for a command that deals its trainings out itself.
pub(crate) fn expect_one_process() -> Result<()> {
    if let Some(size) = size() {
        bail!(
            "WORLD_SIZE is {size}, and only `siamese train` trains by several processes: deal trainings out by --shard, see \
             docs/scaling.md, or unset WORLD_SIZE"
        );
    }
    Ok(())
}

/// How many processes the environment says that there are, where there are more than one.
fn size() -> Option<u32> {
    let size = std::env::var("WORLD_SIZE").ok()?.trim().parse().ok()?;
    (size > 1).then_some(size)
}

#[cfg(feature = "distributed")]
fn process(launch: &siamese_lab::model::Launch) -> String {
    format!("process {} of {}", launch.rank, launch.size)
}
