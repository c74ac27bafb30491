//! Processes that have met.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tch::{Device, Tensor};

use crate::error::Error;
use crate::ffi::{Group, Pending, Store, Words};
use crate::heart::{Heart, Seen};
use crate::launch::Launch;

/// How long a process may be silent before the others take it for gone, while they wait for it.
pub const SILENCE: Duration = Duration::from_secs(20);

/// How long signs of life are looked for when an exchange has failed, which it does at once where a process has ended.
const LOOK: Duration = Duration::from_secs(4);

/// An exchange may take as long as a process needs to compute what it gives; whether it lives is asked otherwise.
const EXCHANGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Processes that have met, as one of them sees them: they exchange tensors, and find out when one of them is gone.
///
/// Every exchange is made by all of them in the same order, with tensors of one kind, shape and device.
#[derive(Debug)]
pub struct Processes {
    launch: Launch,
    /// One exchange at a time.
    groups: Mutex<Groups>,
    seen: Mutex<Seen>,
    _heart: Heart,
    store: Store,
}

#[derive(Debug)]
struct Groups {
    gloo: Group,
    nccl: Option<Group>,
}

impl Processes {
    /// Waits for all to come, for at most [`Launch::within`]; with NCCL where `device` is a GPU.
    ///
    /// # Errors
    /// [`Error::MeetingPoint`], [`Error::NotCome`], [`Error::SameRank`], [`Error::NoNccl`], [`Error::Libtorch`].
    pub fn meet(launch: &Launch, device: Device) -> Result<Self, Error> {
        let Launch {
            rank, size, within, ..
        } = *launch;
        let serve = rank == 0 && !launch.hosted;
        let connect = |serve: bool| {
            let store = Store::new(&launch.host, launch.port, serve, within);
            store.map_err(|words| Error::MeetingPoint {
                rank,
                size,
                what: if serve { "listen at" } else { "reach" },
                host: launch.host.clone(),
                port: launch.port,
                words,
            })
        };
        let begun = Instant::now();
        let store = connect(serve)?;
        if store
            .add(&key(launch, "come", rank), 1)
            .map_err(Error::Libtorch)?
            > 1
        {
            return Err(Error::SameRank { rank });
        }
        let heart = Heart::start(connect(false)?, key(launch, "beat", rank));
        let heart = heart.map_err(|error| Error::Libtorch(error.to_string()))?;
        wait_for_all(launch, &store, begun)?;
        let others = (0..size).filter(|&other| other != rank);
        let others = others.map(|other| (other, key(launch, "beat", other)));
        let mut seen = Seen::new(others);
        let place = [rank, size];
        let prefix = key(launch, "gloo", 0);
        let interface = launch.interface.as_deref().unwrap_or_default();
        let gloo = Group::gloo(&store, &prefix, place, EXCHANGE, interface);
        let gloo = match gloo {
            Ok(gloo) => gloo,
            Err(words) => return Err(blame(launch, &store, &mut seen, words)),
        };
        let nccl = match device {
            Device::Cuda(_) => {
                let prefix = key(launch, "nccl", 0);
                let nccl = Group::nccl(&store, &prefix, place, EXCHANGE);
                Some(nccl.map_err(Error::Libtorch)?.ok_or(Error::NoNccl)?)
            }
            _ => None,
        };
        Ok(Self {
            launch: launch.clone(),
            groups: Mutex::new(Groups { gloo, nccl }),
            seen: Mutex::new(seen),
            _heart: heart,
            store,
        })
    }

    /// Which process this is, and where they met.
    #[must_use]
    pub fn launch(&self) -> &Launch {
        &self.launch
    }

    /// The tensors of all processes, in the order of their ranks.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Failed`], [`Error::NoMeetingPoint`], [`Error::Libtorch`].
    pub fn gather(&self, own: &Tensor) -> Result<Vec<Tensor>, Error> {
        let shape = own.size();
        let flat = flat(std::slice::from_ref(own))?;
        let into = new(&flat, flat.size()[0] * self.launch.size as i64)?;
        self.done(own.device(), |group| group.gather(&flat, &into))?;
        self.cut(&into, &shape)
    }

    /// Gives each process the tensor of its rank, and returns what each has given to this one. All are of one shape.
    ///
    /// # Errors
    /// As [`Processes::gather`].
    pub fn exchange(&self, own: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let Some(first) = own.first().filter(|_| own.len() == self.launch.size) else {
            let words = format!("{} tensors for {} processes", own.len(), self.launch.size);
            return Err(Error::Libtorch(words));
        };
        let flat = flat(own)?;
        let into = new(&flat, flat.size()[0])?;
        self.done(first.device(), |group| group.exchange(&flat, &into))?;
        self.cut(&into, &first.size())
    }

    /// Tells the others that this process cannot go on, and why: whoever waits for it ends with these words.
    pub fn fail(&self, words: &str) {
        // Whoever does not hear of it finds this process gone.
        let _ = self
            .store
            .set(&key(&self.launch, "failed", self.launch.rank), words);
    }

    /// Begins an exchange and waits for its end.
    fn done(
        &self,
        device: Device,
        begin: impl FnOnce(&Group) -> Result<Pending, Words>,
    ) -> Result<(), Error> {
        let groups = locked(&self.groups);
        let group = match device {
            Device::Cuda(_) => groups.nccl.as_ref().ok_or(Error::NoNccl)?,
            _ => &groups.gloo,
        };
        let mut seen = locked(&self.seen);
        let done = begin(group).and_then(|pending| {
            loop {
                if pending.wait(Duration::from_secs(1))? {
                    return Ok(None);
                }
                if let Some(error) = trouble(&self.launch, &self.store, &mut seen)? {
                    return Ok(Some(error));
                }
            }
        });
        match done {
            Ok(None) => Ok(()),
            Ok(Some(error)) => Err(error),
            Err(words) => Err(blame(&self.launch, &self.store, &mut seen, words)),
        }
    }

    /// As many tensors of this shape as there are processes.
    fn cut(&self, flat: &Tensor, shape: &[i64]) -> Result<Vec<Tensor>, Error> {
        let rows = flat.f_chunk(self.launch.size as i64, 0).map_err(refused)?;
        let rows = rows.iter().map(|row| row.f_reshape(shape).map_err(refused));
        rows.collect()
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(error: tch::TchError) -> Error {
    Error::Libtorch(error.to_string())
}

/// All numbers one after the other.
fn flat(tensors: &[Tensor]) -> Result<Tensor, Error> {
    let rows = tensors
        .iter()
        .map(|tensor| tensor.f_detach()?.f_flatten(0, -1));
    let rows = rows.collect::<Result<Vec<_>, _>>().map_err(refused)?;
    let flat = Tensor::f_cat(&rows, 0).map_err(refused)?;
    flat.f_contiguous().map_err(refused)
}

fn new(like: &Tensor, length: i64) -> Result<Tensor, Error> {
    Tensor::f_empty([length], (like.kind(), like.device())).map_err(refused)
}

/// A key of this attempt.
fn key(launch: &Launch, what: &str, rank: usize) -> String {
    format!("siamese/{}/{what}/{rank}", launch.attempt)
}

fn wait_for_all(launch: &Launch, store: &Store, begun: Instant) -> Result<(), Error> {
    loop {
        let mut missing = Vec::new();
        for rank in 0..launch.size {
            if store
                .add(&key(launch, "come", rank), 0)
                .map_err(Error::Libtorch)?
                == 0
            {
                missing.push(rank);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        if begun.elapsed() >= launch.within {
            return Err(Error::NotCome {
                missing,
                size: launch.size,
                host: launch.host.clone(),
                port: launch.port,
                within: launch.within,
            });
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a process has said that it failed, or has been silent for too long.
fn trouble(launch: &Launch, store: &Store, seen: &mut Seen) -> Result<Option<Error>, Words> {
    if let Some(failed) = failed(launch, store)? {
        return Ok(Some(failed));
    }
    let silent = seen.silent(store, SILENCE)?;
    Ok(silent.first().map(|&rank| Error::Gone {
        rank,
        size: launch.size,
    }))
}

fn failed(launch: &Launch, store: &Store) -> Result<Option<Error>, Words> {
    for rank in (0..launch.size).filter(|&rank| rank != launch.rank) {
        if let Some(words) = store.get(&key(launch, "failed", rank))? {
            return Ok(Some(Error::Failed { rank, words }));
        }
    }
    Ok(None)
}

/// Who is to blame for an exchange that has failed with these words: whoever says that it has failed, or who gives no sign of
/// life although it has not left for the same reason.
fn blame(launch: &Launch, store: &Store, seen: &mut Seen, words: Words) -> Error {
    let found = look(launch, store, seen);
    let error = match found {
        Ok(Some(error)) => error,
        Ok(None) => Error::Libtorch(words),
        Err(_) => Error::NoMeetingPoint {
            host: launch.host.clone(),
            port: launch.port,
        },
    };
    let left = store.set(&key(launch, "left", launch.rank), "");
    if left.is_ok() && launch.rank == 0 && !launch.hosted {
        // The others ask here.
        thread::sleep(LOOK);
    }
    error
}

fn look(launch: &Launch, store: &Store, seen: &mut Seen) -> Result<Option<Error>, Words> {
    seen.silent(store, SILENCE)?;
    let begun = Instant::now();
    while begun.elapsed() < LOOK {
        if let Some(failed) = failed(launch, store)? {
            return Ok(Some(failed));
        }
        seen.silent(store, SILENCE)?;
        thread::sleep(Duration::from_millis(100));
    }
    for rank in seen.silent(store, LOOK / 2)? {
        if store.get(&key(launch, "left", rank))?.is_none() {
            return Ok(Some(Error::Gone {
                rank,
                size: launch.size,
            }));
        }
    }
    Ok(None)
}
