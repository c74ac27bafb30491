//! What can go wrong among processes.

use std::time::Duration;

/// Why processes do not meet, or cannot go on together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Some of the variables that launch processes are set, but not this one.
    #[error(
        "{missing} is not set, but {set} is: several processes that train together need RANK, WORLD_SIZE, MASTER_ADDR and \
         MASTER_PORT in each, as torchrun sets them; for a single one unset {set}"
    )]
    Missing {
        /// The variable.
        missing: &'static str,
        /// One that is set.
        set: &'static str,
    },

    /// A variable holds something else than it should.
    #[error("{name} is {found:?}: expected {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },

    /// Process 0 cannot listen, or another one cannot reach it.
    #[error(
        "process {rank} of {size} cannot {what} {host}:{port} (MASTER_ADDR and MASTER_PORT): {words}"
    )]
    MeetingPoint {
        /// Of this process.
        rank: usize,
        /// How many there are.
        size: usize,
        /// `listen at` or `reach`.
        what: &'static str,
        /// Where process 0 listens.
        host: String,
        /// On which port.
        port: u16,
        /// libtorch's own.
        words: String,
    },

    /// Some have not come.
    #[error(
        "of {size} processes {} not come to {host}:{port} within {} s: start all of them, with the same WORLD_SIZE",
        have(missing), within.as_secs()
    )]
    NotCome {
        /// Their ranks.
        missing: Vec<usize>,
        /// How many there are.
        size: usize,
        /// Where the others wait.
        host: String,
        /// On which port.
        port: u16,
        /// For how long.
        within: Duration,
    },

    /// Two processes say that they are the same.
    #[error(
        "two processes have RANK={rank}: each needs a rank of its own, from 0 to WORLD_SIZE - 1"
    )]
    SameRank {
        /// What both say.
        rank: usize,
    },

    /// A process has ended, or hangs, or its machine is cut off.
    #[error(
        "process {rank} of {size} is gone: it ended without a word, or does not answer. The others end as well"
    )]
    Gone {
        /// Which.
        rank: usize,
        /// How many there are.
        size: usize,
    },

    /// A process has said that it cannot go on.
    #[error("process {rank} has failed: {words}")]
    Failed {
        /// Which.
        rank: usize,
        /// Its own.
        words: String,
    },

    /// The meeting point does not answer any more.
    #[error(
        "{host}:{port} does not answer any more, where process 0 or torchrun listened: it has ended. The others end as well"
    )]
    NoMeetingPoint {
        /// Where it was.
        host: String,
        /// On which port.
        port: u16,
    },

    /// Tensors on a GPU, and no NCCL to exchange them by.
    #[error(
        "this was built without NCCL, by which processes exchange what lies on GPUs: build against a libtorch for CUDA, with \
         nccl.h and cuda_runtime_api.h, or train on the CPU (--device cpu)"
    )]
    NoNccl,

    /// libtorch refused something, and every process is there.
    #[error("libtorch's c10d failed: {0}")]
    Libtorch(String),
}

fn have(ranks: &[usize]) -> String {
    let ranks: Vec<String> = ranks.iter().map(usize::to_string).collect();
    match ranks.as_slice() {
        [one] => format!("process {one} has"),
        many => format!("processes {} have", many.join(", ")),
    }
}
