//! Where to compute, and with how many threads.

use siamese_model::{Device, DeviceChoice, set_threads};

use crate::error::Error;

/// More threads than this do not help a network of the size that a few images a subject can feed.
pub(crate) const MOST_THREADS: usize = 4;

/// Where and with what to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compute {
    /// The device.
    pub device: DeviceChoice,
    /// Threads on the CPU; `None` for the number of cores, at most 4 for each network that trains.
    pub threads: Option<usize>,
    /// Bytes that decoded images may take; `None` for half of what is free.
    pub memory: Option<u64>,
}

impl Default for Compute {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Auto,
            threads: None,
            memory: None,
        }
    }
}

impl Compute {
    /// Finds the device and sets the threads of this process; gives both.
    ///
    /// # Errors
    /// Where there is no such device.
    pub fn resolve(&self) -> Result<(Device, usize), Error> {
        let device = self.device.resolve()?;
        let threads = set_threads(Some(self.threads.unwrap_or_else(default_threads)));
        Ok((device, threads))
    }
}

/// The threads to compute with where nothing else is said: as many as there are cores, at most 4.
#[must_use]
pub fn default_threads() -> usize {
    cores().min(MOST_THREADS)
}

/// The default number of threads for training this many networks side by side.
pub(crate) fn threads_for(networks: usize) -> usize {
    cores().min(networks.saturating_mul(MOST_THREADS))
}

/// The cores of this machine that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
