//! Several networks trained at the same time, each on threads of its own.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use siamese_net::Recipe;
use tch::Device;

use super::{
    Checkpoint, Event, Init, Observer, Outcome, TrainOptions, Trained, TrainingSet, fine_tune,
    train,
};
use crate::error::Error;

/// One of several networks to train, with what [`train`] and [`fine_tune`] take.
pub struct Network<'a> {
    /// What it is trained by.
    pub recipe: &'a Recipe,
    /// What it is trained on.
    pub set: TrainingSet<'a>,
    /// How it is run.
    pub options: TrainOptions<'a>,
    /// Where to go on from, if it was begun.
    pub resume: Option<Checkpoint>,
    /// What it begins with in place of random weights, where it was not begun.
    pub init: Option<Init<'a>>,
    /// Hears of it, from the thread that trains it.
    pub observer: &'a mut (dyn Observer + Send),
}

/// Trains networks: on the CPU side by side, as many as the current rayon pool has threads, which
/// they share; on a GPU, or by several processes together, one after the other. Each becomes, byte for byte, what these alone make of it.
///
/// Gives those that were begun, in the order of `networks`: all, unless they were asked to stop. A network that is asked
/// to stop, or fails, stops all of them after the step under way.
///
/// # Errors
/// As [`train`] and [`fine_tune`], for the first of the networks that failed.
pub fn train_all(networks: Vec<Network<'_>>) -> Result<Vec<Trained>, Error> {
    let processes = networks.first().map(|network| network.options.processes);
    let alone = processes.is_none_or(|processes| processes.size() == 1);
    let on_cpu = |network: &Network<'_>| network.options.device == Device::Cpu;
    let threads = rayon::current_num_threads();
    let workers = if alone && networks.iter().all(on_cpu) {
        threads.min(networks.len())
    } else {
        1
    };
    let halt = AtomicBool::new(false);
    let waiting = Mutex::new(networks.into_iter().enumerate());
    let work = || {
        let mut ended = Vec::new();
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.next()
        };
        while let Some((i, network)) = next() {
            let processes = network.options.processes;
            // Where this one was asked to stop between two networks, the others have to hear of it.
            match processes.any(halt.load(Ordering::SeqCst)) {
                Ok(false) => {}
                Ok(true) => break,
                Err(error) => {
                    ended.push((i, Err(error)));
                    break;
                }
            }
            let result = train_one(network, &halt);
            let interrupted = |trained: &Trained| trained.outcome == Outcome::Interrupted;
            if result.as_ref().map_or(true, interrupted) {
                halt.store(true, Ordering::SeqCst);
            }
            ended.push((i, result));
        }
        ended
    };
    let mut ended = if workers <= 1 {
        work()
    } else {
        thread::scope(|scope| {
            let on_a_thread = |worker| {
                let threads = (threads + worker) / workers;
                let work = &work;
                // A pool of its own, so that it neither waits for the others' work nor takes it over.
                let in_a_pool = move || {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                    match pool {
                        Ok(pool) => pool.install(work),
                        Err(_) => work(),
                    }
                };
                // Where the system has no more threads to give, there are fewer workers.
                thread::Builder::new().spawn_scoped(scope, in_a_pool).ok()
            };
            let running: Vec<_> = (0..workers).filter_map(on_a_thread).collect();
            let mut ended = Vec::new();
            for worker in running {
                ended.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            // What no worker has begun, which is everything if there were no threads.
            ended.extend(work());
            ended
        })
    };
    ended.sort_by_key(|&(i, _)| i);
    ended.into_iter().map(|(_, result)| result).collect()
}

/// Trains a network that stops as well where `halt` is set, and sets it where this one is asked to stop.
fn train_one(network: Network<'_>, halt: &AtomicBool) -> Result<Trained, Error> {
    let mut relay = Relay {
        observer: network.observer,
        asked: network.options.stop,
        halt,
    };
    let options = TrainOptions {
        stop: halt,
        ..network.options
    };
    match (network.resume, network.init) {
        (None, Some(init)) => fine_tune(network.recipe, &network.set, &options, init, &mut relay),
        (resume, _) => train(network.recipe, &network.set, &options, resume, &mut relay),
    }
}

/// Hands events on, and every request to stop to all.
struct Relay<'a> {
    observer: &'a mut (dyn Observer + Send),
    asked: &'a AtomicBool,
    halt: &'a AtomicBool,
}

impl Observer for Relay<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.observer.event(event);
        if self.asked.load(Ordering::SeqCst) {
            self.halt.store(true, Ordering::SeqCst);
        }
    }
}
