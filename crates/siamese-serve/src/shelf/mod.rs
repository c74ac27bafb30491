//! The galleries, each on a thread of its own.
//!
//! One thread does all that is asked of a gallery, in the order in which it is asked: so whoever enrolled a person finds that
//! person with the next request. Searches that wait at the same time are done in one pass over memory.

mod told;
mod worker;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};

use gallery::{
    AnyStore, DigestKey, Gallery, Identification, PictureDigest, Place, Probe, Store, Verification,
};
use sha2::{Digest, Sha256};
use siamese_use::Opened;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::alarm::Log;
use crate::clock::now_ms;
use crate::engine::{Engine, Engines};
use crate::error::Error;
use crate::hex::hex;
use crate::idempotency::Idempotency;
use crate::jobs::Jobs;
use crate::metrics::Metrics;
use crate::name::is_name;
use crate::problem::{Code, Problem, Result};
use told::Told;
use worker::{Search, Task, Worker};

/// What a gallery's thread works on.
pub(crate) type Served = Gallery<AnyStore>;

/// A gallery that is served.
#[derive(Debug)]
pub(crate) struct Shelf {
    name: String,
    place: Place,
    key: DigestKey,
    tasks: Arc<Sender<Task>>,
    /// Set by its thread, and never where that ends in another way.
    deleted: Arc<AtomicBool>,
    places: Arc<Semaphore>,
    engine: Arc<RwLock<Arc<Engine>>>,
}

/// Who is in a picture, with the names of the candidates.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) answer: Identification,
    pub(crate) names: BTreeMap<u64, Option<String>>,
    pub(crate) calibration: Option<String>,
}

/// Whether a picture shows one person.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) answer: Verification,
    pub(crate) calibration: Option<String>,
}

/// An embedded picture that is looked for.
#[derive(Debug)]
pub(crate) struct Sought {
    /// Of the model that embedded it.
    pub(crate) contract: String,
    pub(crate) vector: Vec<f32>,
    pub(crate) picture: PictureDigest,
}

/// How a gallery is.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    /// Id of the calibration, where there is one.
    pub(crate) calibration: Option<String>,
    pub(crate) people: usize,
    pub(crate) templates: usize,
    pub(crate) revision: u64,
    /// Whether its vectors are in memory.
    pub(crate) in_memory: bool,
}

/// What galleries share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) engines: Arc<Engines>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) answers: Idempotency,
    pub(crate) jobs: Jobs,
    pub(crate) log: Log,
    /// Tasks that may wait for a gallery.
    pub(crate) tasks: usize,
    /// Bytes of vectors that each may hold in memory.
    pub(crate) budget: u64,
}

impl Shelf {
    /// Opens a gallery and starts its thread.
    ///
    /// # Errors
    /// [`Error::Use`] where it cannot be opened, [`Error::BadName`], [`Error::System`].
    pub(crate) fn open(
        place: &Place,
        model: Option<&Path>,
        shared: &Shared,
    ) -> Result<Self, Error> {
        let name = name_of(place)?;
        let opened = opened(place, model, shared.budget)?;
        let key = opened.gallery.store().digest_key().clone();
        let engine = Arc::new(RwLock::new(shared.engines.of(opened.embedder)?));
        let (sender, queued) = channel();
        let sender = Arc::new(sender);
        let told =
            Told::begin(opened.gallery.store(), &sender).map_err(siamese_use::Error::from)?;
        let gallery = opened.gallery;
        let worker = Worker::new(name.clone(), gallery, told, engine.clone(), shared.clone())?;
        let deleted = Arc::<AtomicBool>::default();
        let told_deleted = deleted.clone();
        std::thread::Builder::new()
            .name(format!("gallery {name}"))
            .spawn(move || worker.run(&queued, &told_deleted))
            .map_err(|error| Error::System {
                what: "a thread",
                why: error.to_string(),
            })?;
        Ok(Self {
            name,
            place: place.clone(),
            key,
            tasks: sender,
            deleted,
            places: Arc::new(Semaphore::new(shared.tasks)),
            engine,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn key(&self) -> &DigestKey {
        &self.key
    }

    /// The model of the active generation.
    pub(crate) fn engine(&self) -> Arc<Engine> {
        self.engine
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Does something with the gallery.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Served) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with_worker(self.turn()?, looking_after(work)).await
    }

    /// The same, waiting where too many wait already.
    pub(crate) async fn work_when_free<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Served) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| self.stopped())?;
        self.with_worker(place, looking_after(work)).await
    }

    async fn with_worker<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce(&mut Worker) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, done) = oneshot::channel();
        let work = Box::new(move |worker: &mut Worker| {
            // Whoever asked may have gone; it is done all the same.
            let _ = answer.send(work(worker));
        });
        self.send(Task::Work(work, place))?;
        done.await.map_err(|_| self.stopped())?
    }

    /// Searches.
    pub(crate) async fn identify(&self, sought: Sought, most: usize, fpir: f64) -> Result<Found> {
        let (answer, found) = oneshot::channel();
        self.send(Task::Search(Search {
            sought,
            most,
            fpir,
            answer,
            _place: self.turn()?,
        }))?;
        found.await.map_err(|_| self.stopped())?
    }

    /// Compares with one person.
    pub(crate) async fn verify(&self, sought: Sought, person: u64, fmr: f64) -> Result<Verified> {
        self.with_worker(self.turn()?, move |worker| {
            worker.expect_model(&sought.contract)?;
            let probe = Probe {
                vector: &sought.vector,
                picture: Some(sought.picture),
            };
            let answer = worker.gallery.verify(&probe, person, fmr, now_ms())?;
            Ok(Verified {
                answer,
                calibration: calibration_id(&worker.gallery),
            })
        })
        .await
    }

    /// Changes the gallery by vectors of this contract.
    pub(crate) async fn work_with_vectors<T: Send + 'static>(
        &self,
        contract: String,
        work: impl FnOnce(&mut Served) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with_worker(self.turn()?, move |worker| {
            worker.expect_model(&contract)?;
            looking_after(work)(worker)
        })
        .await
    }

    /// Takes in what others changed, and says how it is.
    pub(crate) async fn health(&self) -> Result<Health> {
        self.with_worker(self.turn()?, |worker| {
            worker.refresh()?;
            Ok(worker.health())
        })
        .await
    }

    /// Ends the gallery's thread and deletes its files, if `check` finds it as it should be. What waits is refused, and
    /// what comes after it is, too.
    pub(crate) async fn delete(
        &self,
        check: impl FnOnce(&Health) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let (answer, done) = oneshot::channel();
        let check = Box::new(check);
        let place = self.turn()?;
        self.send(Task::Delete(check, answer, place))?;
        done.await.map_err(|_| self.stopped())?
    }

    /// Whether the gallery was deleted.
    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }

    fn turn(&self) -> Result<OwnedSemaphorePermit> {
        let place = self.places.clone().try_acquire_owned();
        place.map_err(|_| Problem::busy("too many requests wait for this gallery"))
    }

    fn send(&self, task: Task) -> Result<()> {
        self.tasks.send(task).map_err(|_| self.stopped())
    }

    fn stopped(&self) -> Problem {
        Problem::new(
            Code::Unavailable,
            format!("the gallery {} has stopped", self.name),
        )
    }
}

/// Does something with a gallery, and then looks at what it changed.
fn looking_after<T>(
    work: impl FnOnce(&mut Served) -> Result<T>,
) -> impl FnOnce(&mut Worker) -> Result<T> {
    move |worker| {
        let done = work(&mut worker.gallery);
        worker.look();
        done
    }
}

/// Names the calibration of a gallery, where there is one.
pub(crate) fn calibration_id(gallery: &Served) -> Option<String> {
    let calibration = gallery.generation().calibration.as_ref()?;
    let bytes = serde_json::to_vec(calibration).ok()?;
    Some(hex(&Sha256::digest(&bytes)[..8]))
}

/// A gallery with the model that it keeps; `model` serves where it keeps none, or is not there yet.
fn opened(place: &Place, model: Option<&Path>, budget: u64) -> Result<Opened, siamese_use::Error> {
    if !place.exists()? {
        return Opened::open_or_create(place, model, budget, now_ms());
    }
    match Opened::open(place, None, budget) {
        Err(siamese_use::Error::ModelNotKept { .. }) if model.is_some() => {
            Opened::open(place, model, budget)
        }
        opened => opened,
    }
}

/// What a gallery is called.
fn name_of(place: &Place) -> Result<String, Error> {
    place
        .name()
        .filter(|name| is_name(name))
        .map(str::to_owned)
        .ok_or_else(|| Error::BadName {
            path: place.shown(),
        })
}
