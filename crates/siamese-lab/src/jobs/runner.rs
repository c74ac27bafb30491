//! Who runs trainings.

use std::sync::atomic::AtomicBool;

use super::pool::Pool;
use super::queue::Queue;
use crate::error::Error;

/// Runs trainings.
///
/// [`InProcess`](crate::InProcess) runs them one after the other in this process. A program may run them as processes of their own, on
/// other machines, or in any other way that leaves in each job's folder what [`train`](crate::train) leaves there.
pub trait Runner {
    /// Takes trainings from the queue until it has no more, as many at a time as `pool` says, and tells the queue how
    /// each ended. `false` where `stop` was set meanwhile; what was done until then stays, and is gone on with.
    ///
    /// # Errors
    /// What the queue says of a failed training, and whatever keeps any from being run. Those under way are then ended.
    fn run(&self, pool: &Pool, queue: &mut Queue<'_>, stop: &AtomicBool) -> Result<bool, Error>;
}
