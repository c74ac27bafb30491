//! How many trainings run at a time, and what they share.

use siamese_model::Device;

use crate::compute::{MOST_THREADS, cores};
use crate::data::DataSource;

/// How many trainings run at a time, and what each is given.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Pool {
    /// Trainings at a time, 1 or more.
    pub side_by_side: usize,
    /// Threads of each.
    pub threads: usize,
    /// Bytes that the decoded images of each may take.
    pub memory: u64,
    /// Where the images are, and how they are read.
    pub data: DataSource,
    /// Where each computes.
    pub device: Device,
}

impl Pool {
    /// As many at a time as asked for, else one for each core on the CPU and one on a GPU; never more than `trainings`.
    /// They share `memory`, in bytes.
    #[must_use]
    pub fn new(
        jobs: Option<usize>,
        trainings: usize,
        data: &DataSource,
        memory: u64,
        device: Device,
    ) -> Self {
        let cores = cores();
        let side_by_side = match (jobs, device) {
            (Some(jobs), _) => jobs.max(1),
            (None, Device::Cpu) => cores,
            (None, _) => 1,
        }
        .min(trainings.max(1));
        Self {
            side_by_side,
            threads: (cores / side_by_side).clamp(1, MOST_THREADS),
            memory: memory / side_by_side as u64,
            data: data.clone(),
            device,
        }
    }
}
