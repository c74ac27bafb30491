//! Signs of life, by which processes find out who is gone.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::ffi::{Store, Words};

/// Between two beats.
const BEAT: Duration = Duration::from_millis(500);

/// A thread that counts up a key of its process until it is dropped.
#[derive(Debug)]
pub(crate) struct Heart {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    /// Beats through a connection of its own, so that no other request holds it up.
    pub(crate) fn start(store: Store, key: String) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let beat = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(BEAT) {
                if store.add(&key, 1).is_err() {
                    break;
                }
            }
        };
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread::Builder::new().name("heart".into()).spawn(beat)?),
        })
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// When each of the other processes was last seen alive.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Rank, key, the last count and when it changed.
    others: Vec<(usize, String, i64, Instant)>,
}

impl Seen {
    /// Others by rank and key.
    pub(crate) fn new(others: impl IntoIterator<Item = (usize, String)>) -> Self {
        let now = Instant::now();
        let others = others.into_iter();
        Self {
            others: others.map(|(rank, key)| (rank, key, 0, now)).collect(),
        }
    }

    /// Looks at all, and gives those who have been silent for so long.
    pub(crate) fn silent(&mut self, store: &Store, time: Duration) -> Result<Vec<usize>, Words> {
        let now = Instant::now();
        let mut silent = Vec::new();
        for (rank, key, count, since) in &mut self.others {
            let found = store.add(key, 0)?;
            if found != *count {
                (*count, *since) = (found, now);
            } else if now.duration_since(*since) >= time {
                silent.push(*rank);
            }
        }
        Ok(silent)
    }
}
