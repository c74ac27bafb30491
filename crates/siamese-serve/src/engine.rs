//! A model on a thread of its own: pictures that wait are embedded together.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ndarray::Array3;
use siamese_use::{Compute, Embedder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::Error;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem, Result};
use crate::settings::Settings;

/// Pictures that are embedded at a time.
const MOST_AT_ONCE: usize = 64;

/// How long a batch waits for pictures that are being decoded.
const GATHERED: Duration = Duration::from_millis(3);

/// A model that embeds pictures as they come.
#[derive(Debug)]
pub(crate) struct Engine {
    embedder: Arc<Embedder>,
    waiting: Sender<Waiting>,
    places: Arc<Semaphore>,
    queue: usize,
}

/// Places in the queue, for the pictures of one request. They are given back when it is answered.
#[derive(Debug)]
pub(crate) struct Places {
    _permit: OwnedSemaphorePermit,
}

struct Waiting {
    planes: Array3<u8>,
    answer: oneshot::Sender<Result<Vec<f32>>>,
}

impl Engine {
    /// Starts the thread of a model, and warms it up.
    ///
    /// # Errors
    /// [`Error::System`] where there is no thread to be had.
    pub(crate) fn start(
        embedder: Embedder,
        queue: usize,
        pool: Arc<rayon::ThreadPool>,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, Error> {
        let (waiting, queued) = channel();
        let embedder = Arc::new(embedder);
        let places = Arc::new(Semaphore::new(queue));
        let worker = Worker {
            embedder: embedder.clone(),
            pool,
            metrics,
            places: places.clone(),
            queue,
        };
        let thread = std::thread::Builder::new().name("embedding".to_owned());
        thread
            .spawn(move || worker.run(&queued))
            .map_err(|error| Error::System {
                what: "a thread",
                why: error.to_string(),
            })?;
        Ok(Arc::new(Self {
            embedder,
            waiting,
            places,
            queue,
        }))
    }

    pub(crate) fn embedder(&self) -> &Arc<Embedder> {
        &self.embedder
    }

    /// Places for so many pictures, at once or not at all.
    pub(crate) fn places(&self, pictures: usize) -> Result<Places> {
        let number = u32::try_from(pictures).unwrap_or(u32::MAX);
        let permit = self.places.clone().try_acquire_many_owned(number);
        match permit {
            Ok(permit) => Ok(Places { _permit: permit }),
            Err(_) => Err(Problem::busy(&format!(
                "{} pictures wait to be embedded already",
                self.queue - self.places.available_permits()
            ))),
        }
    }

    /// The same, waiting for them.
    pub(crate) async fn places_when_free(&self, pictures: usize) -> Result<Places> {
        if pictures > self.queue {
            return self.places(pictures);
        }
        let number = u32::try_from(pictures).unwrap_or(u32::MAX);
        let permit = self.places.clone().acquire_many_owned(number).await;
        let ended = |_| Problem::new(Code::Unavailable, "the server is stopping");
        Ok(Places {
            _permit: permit.map_err(ended)?,
        })
    }

    /// The vector of a picture.
    pub(crate) async fn embed(&self, _place: &Places, planes: Array3<u8>) -> Result<Vec<f32>> {
        let (answer, vector) = oneshot::channel();
        let ended = || Problem::new(Code::Unavailable, "the server is stopping");
        self.waiting
            .send(Waiting { planes, answer })
            .map_err(|_| ended())?;
        vector.await.map_err(|_| ended())?
    }
}

struct Worker {
    embedder: Arc<Embedder>,
    pool: Arc<rayon::ThreadPool>,
    metrics: Arc<Metrics>,
    places: Arc<Semaphore>,
    queue: usize,
}

impl Worker {
    fn run(self, queued: &Receiver<Waiting>) {
        while let Ok(first) = queued.recv() {
            let batch = self.gather(first, queued);
            let started = Instant::now();
            let (planes, answers): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|one| (one.planes, one.answer))
                .unzip();
            let embedded = self
                .pool
                .install(|| self.embedder.embed(&planes.iter().collect::<Vec<_>>()));
            self.metrics.embedded(planes.len(), started.elapsed());
            match embedded {
                Ok(vectors) => {
                    for (answer, vector) in answers.into_iter().zip(vectors) {
                        // Whoever asked may have gone.
                        let _ = answer.send(Ok(vector));
                    }
                }
                Err(error) => {
                    let problem = Problem::from(error);
                    for answer in answers {
                        let _ = answer.send(Err(problem.clone()));
                    }
                }
            }
        }
    }

    /// What waits already, and for a few milliseconds what is being decoded. Whoever comes alone does not wait.
    fn gather(&self, first: Waiting, queued: &Receiver<Waiting>) -> Vec<Waiting> {
        let mut batch = vec![first];
        let until = Instant::now() + GATHERED;
        while batch.len() < MOST_AT_ONCE {
            let admitted = self.queue - self.places.available_permits();
            let patience = match admitted > batch.len() {
                true => until.saturating_duration_since(Instant::now()),
                false => Duration::ZERO,
            };
            match queued.recv_timeout(patience) {
                Ok(next) => batch.push(next),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        batch
    }
}

/// One engine for each contract.
pub(crate) struct Engines {
    compute: Option<Arc<Compute>>,
    queue: usize,
    pool: Arc<rayon::ThreadPool>,
    /// Threads that search.
    pub(crate) searching: Arc<rayon::ThreadPool>,
    /// Threads of jobs.
    pub(crate) jobs: Arc<rayon::ThreadPool>,
    metrics: Arc<Metrics>,
    /// An engine ends with the last gallery that uses it.
    by_contract: Mutex<HashMap<String, Weak<Engine>>>,
}

impl Engines {
    /// None yet.
    ///
    /// # Errors
    /// [`Error::System`] where there are no threads to be had.
    pub(crate) fn new(settings: &Settings, metrics: Arc<Metrics>) -> Result<Self, Error> {
        let threads = settings.threads;
        Ok(Self {
            compute: settings.compute.clone(),
            queue: settings.limits.queue,
            pool: pool("embed", threads)?,
            searching: pool("search", threads)?,
            jobs: pool("job", threads)?,
            metrics,
            by_contract: Mutex::default(),
        })
    }

    /// A model, computed by what the server was set up with.
    ///
    /// # Errors
    /// [`Error::Use`] where that cannot compute it.
    pub(crate) fn computed(&self, embedder: Embedder) -> Result<Embedder, Error> {
        match self.compute.as_deref() {
            Some(compute) => Ok(embedder.computed_by(compute, Path::new("the model"))?),
            None => Ok(embedder),
        }
    }

    /// The engine of a model, which is started unless it runs.
    ///
    /// # Errors
    /// As [`Engine::start`] and [`Self::computed`].
    pub(crate) fn of(&self, embedder: Embedder) -> Result<Arc<Engine>, Error> {
        let contract = embedder.contract().digest.clone();
        let mut engines = self
            .by_contract
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get(&contract).and_then(Weak::upgrade) {
            return Ok(engine);
        }
        engines.retain(|_, engine| engine.strong_count() > 0);
        let (embedder, pool) = (self.computed(embedder)?, self.pool.clone());
        let engine = Engine::start(embedder, self.queue, pool, self.metrics.clone())?;
        engines.insert(contract, Arc::downgrade(&engine));
        Ok(engine)
    }
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engines").finish_non_exhaustive()
    }
}

/// Threads that compute.
///
/// # Errors
/// [`Error::System`].
fn pool(name: &'static str, threads: usize) -> Result<Arc<rayon::ThreadPool>, Error> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |number| format!("{name} {number}"))
        .build()
        .map(Arc::new)
        .map_err(|error| Error::System {
            what: "threads",
            why: error.to_string(),
        })
}
