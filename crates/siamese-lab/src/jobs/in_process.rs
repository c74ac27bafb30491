//! Trainings in this process.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use siamese_model::{Device, DeviceChoice};

use super::job::Job;
use super::pool::Pool;
use super::queue::{Queue, Task};
use super::runner::Runner;
use crate::compute::Compute;
use crate::error::{Error, Result, Within};
use crate::train::{Prepared, Start, TrainSettings};
use crate::watch::Watch;

/// Runs trainings one after the other in this process, each with all the threads and all the memory of the [`Pool`].
///
/// The notes of each training reach the [`Watch`] that hears of them all, which is asked for observers of the networks of
/// each.
///
/// The threads are those of rayon. Where the process has no global pool of rayon's yet, the first training makes it, with
/// as many threads as [`Pool`] gives all trainings together. A pool that is there already is used as it is: it sets the
/// threads, whatever [`Pool`] says.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

impl Runner for InProcess {
    fn run(&self, pool: &Pool, queue: &mut Queue<'_>, stop: &AtomicBool) -> Result<bool, Error> {
        loop {
            if stop.load(Ordering::SeqCst) {
                return Ok(false);
            }
            let Some(task) = queue.next_task()? else {
                return Ok(true);
            };
            let place = || format!("the training in {} failed", task.job.folder.display());
            match train(&task, pool, stop, queue.watch()).within(place) {
                Ok(true) => queue.finished(task),
                Ok(false) => return Ok(false),
                Err(error) => queue.failed(task, error)?,
            }
        }
    }
}

/// `false` where it was asked to stop.
fn train(task: &Task<'_>, pool: &Pool, stop: &AtomicBool, watch: &mut dyn Watch) -> Result<bool> {
    let Some(trained) = Prepared::new(&settings(task, pool)?, watch)?.train(stop, watch)? else {
        return Ok(false);
    };
    trained.conclude()?.finish(None, watch)?;
    Ok(true)
}

fn settings(task: &Task<'_>, pool: &Pool) -> Result<TrainSettings> {
    let job: &Job = task.job;
    let start = if task.begun {
        Start::Resume
    } else {
        let recipe = Box::new(job.recipe().clone());
        match job.twin() {
            Some(run) => Start::Trained {
                recipe,
                run: PathBuf::from(run),
            },
            None => Start::New(recipe),
        }
    };
    Ok(TrainSettings {
        init: job.init.clone().filter(|_| !task.begun),
        start,
        data: Some(pool.data.clone()),
        list: job.list_file().filter(|_| !task.begun),
        epochs: None,
        out: job.folder.clone(),
        replace: true,
        compute: Compute {
            device: match pool.device {
                Device::Cpu => DeviceChoice::Cpu,
                Device::Cuda(number) => DeviceChoice::Cuda(number),
                _ => DeviceChoice::Auto,
            },
            threads: Some(pool.threads * pool.side_by_side),
            memory: Some(pool.memory.saturating_mul(pool.side_by_side as u64)),
        },
    })
}
