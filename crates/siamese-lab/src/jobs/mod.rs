//! Several trainings, each into a folder of its own: what is there of them, and who runs what is not.

mod conflict;
mod in_process;
mod job;
mod merge;
mod pool;
mod queue;
mod runner;
mod shard;

pub(crate) use conflict::other_training;
pub use in_process::InProcess;
pub use job::{Job, Progress};
pub(crate) use merge::merge;
pub use pool::Pool;
pub(crate) use queue::OnFailure;
pub use queue::{Queue, Task};
pub use runner::Runner;
pub use shard::Shard;
