//! The galleries, each on a thread of its own.
//!
//! One thread does all that is asked of a gallery, in the order in which it is asked: so whoever enrolled a person finds that
//! person with the next request. Searches that wait at the same time are done in one pass over memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use gallery::{
    DigestKey, Gallery, Identification, PictureDigest, Probe, SqliteStore, Store, Verification,
};
use sha2::{Digest, Sha256};
use siamese_use::{Embedder, Opened, own_model};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::clock::now_ms;
use crate::engine::{Engine, Engines};
use crate::error::Error;
use crate::hex::hex;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem, Result};

/// How long what other programs changed may stay unnoticed.
const REFRESHED: Duration = Duration::from_secs(1);

/// How often expired people are deleted.
const SWEPT: Duration = Duration::from_secs(60);

/// Searches in one pass.
const MOST_AT_ONCE: usize = 64;

/// What a gallery's thread works on.
pub(crate) type Served = Gallery<SqliteStore>;

/// A gallery that is served.
#[derive(Debug)]
pub(crate) struct Shelf {
    name: String,
    key: DigestKey,
    tasks: Sender<Task>,
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

struct Search {
    sought: Sought,
    most: usize,
    fpir: f64,
    answer: oneshot::Sender<Result<Found>>,
    _place: OwnedSemaphorePermit,
}

enum Task {
    Search(Search),
    Work(Box<dyn FnOnce(&mut Worker) + Send>, OwnedSemaphorePermit),
}

/// How a gallery is.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    pub(crate) people: usize,
    pub(crate) templates: usize,
    pub(crate) revision: u64,
}

impl Shelf {
    /// Opens a gallery and starts its thread.
    ///
    /// # Errors
    /// [`Error::Use`] where it cannot be opened, [`Error::BadName`], [`Error::System`].
    pub(crate) fn open(
        path: &Path,
        model: Option<&Path>,
        engines: &Arc<Engines>,
        metrics: Arc<Metrics>,
        [tasks, budget]: [u64; 2],
    ) -> Result<Self, Error> {
        let name = name_of(path)?;
        let opened = opened(path, model, budget)?;
        let key = opened.gallery.store().digest_key().clone();
        let engine = Arc::new(RwLock::new(engines.of(opened.embedder)?));
        let (sender, queued) = channel();
        let mut worker = Worker {
            name: name.clone(),
            gallery: opened.gallery,
            engine: engine.clone(),
            engines: engines.clone(),
            metrics,
            calibration: None,
            revision: 0,
            refreshed: Instant::now(),
        };
        worker.changed()?;
        std::thread::Builder::new()
            .name(format!("gallery {name}"))
            .spawn(move || worker.run(&queued))
            .map_err(|error| Error::System {
                what: "a thread",
                why: error.to_string(),
            })?;
        let tasks = usize::try_from(tasks).unwrap_or(Semaphore::MAX_PERMITS);
        Ok(Self {
            name,
            key,
            tasks: sender,
            places: Arc::new(Semaphore::new(tasks)),
            engine,
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
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
        self.with_worker(move |worker| {
            let done = work(&mut worker.gallery);
            worker.look();
            done
        })
        .await
    }

    async fn with_worker<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Worker) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.place()?;
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
            _place: self.place()?,
        }))?;
        found.await.map_err(|_| self.stopped())?
    }

    /// Compares with one person.
    pub(crate) async fn verify(&self, sought: Sought, person: u64, fmr: f64) -> Result<Verified> {
        self.with_worker(move |worker| {
            worker.expect_model(&sought.contract)?;
            let probe = Probe {
                vector: &sought.vector,
                picture: Some(sought.picture),
            };
            let answer = worker.gallery.verify(&probe, person, fmr, now_ms())?;
            let calibration = worker.calibration.clone();
            Ok(Verified {
                answer,
                calibration,
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
        self.with_worker(move |worker| {
            worker.expect_model(&contract)?;
            let done = work(&mut worker.gallery);
            worker.look();
            done
        })
        .await
    }

    /// Id of the calibration, where there is one.
    pub(crate) async fn calibration_id(&self) -> Result<Option<String>> {
        self.with_worker(|worker| Ok(worker.calibration.clone()))
            .await
    }

    /// Takes in what others changed, and says how it is.
    pub(crate) async fn health(&self) -> Result<Health> {
        self.with_worker(|worker| {
            worker.refresh().map_err(Problem::from)?;
            Ok(Health {
                people: worker.gallery.count_people(),
                templates: worker.gallery.index().len(),
                revision: worker.revision,
            })
        })
        .await
    }

    fn place(&self) -> Result<OwnedSemaphorePermit> {
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

/// A gallery with the model that it keeps; `model` serves where it keeps none, or is not there yet.
fn opened(path: &Path, model: Option<&Path>, budget: u64) -> Result<Opened, siamese_use::Error> {
    if path.symlink_metadata().is_err() {
        return Opened::open_or_create(path, model, budget, now_ms());
    }
    match Opened::open(path, None, budget) {
        Err(siamese_use::Error::ModelNotKept { .. }) if model.is_some() => {
            Opened::open(path, model, budget)
        }
        opened => opened,
    }
}

/// What a gallery is called: its file without the ending.
fn name_of(path: &Path) -> Result<String, Error> {
    let name = path.file_stem().and_then(|stem| stem.to_str());
    let fits = |name: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        name.chars().all(plain) && !name.starts_with('.')
    };
    name.filter(fits)
        .map(str::to_owned)
        .ok_or_else(|| Error::BadName {
            path: path.to_owned(),
        })
}

struct Worker {
    name: String,
    gallery: Served,
    engine: Arc<RwLock<Arc<Engine>>>,
    engines: Arc<Engines>,
    metrics: Arc<Metrics>,
    /// Id of the calibration.
    calibration: Option<String>,
    /// Place in the log of changes up to which this has looked.
    revision: u64,
    refreshed: Instant,
}

impl Worker {
    fn run(mut self, queued: &Receiver<Task>) {
        let mut swept = Instant::now();
        let mut next = None;
        loop {
            let task = match next.take() {
                Some(task) => Ok(task),
                None => queued.recv_timeout(SWEPT),
            };
            if self.refreshed.elapsed() > REFRESHED {
                // What fails here fails again where a task needs it, and `/readyz` says so.
                let _ = self.refresh();
            }
            match task {
                Ok(Task::Work(work, _place)) => work(&mut self),
                Ok(Task::Search(first)) => next = self.search(first, queued),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if swept.elapsed() >= SWEPT {
                swept = Instant::now();
                // Whoever has expired is not found in any case; the next sweep tries again.
                let _ = self.gallery.forget_expired(now_ms());
                self.look();
            }
        }
    }

    /// Takes in what other programs changed in the file, another model included.
    fn refresh(&mut self) -> Result<(), Error> {
        self.refreshed = Instant::now();
        self.gallery.refresh().map_err(siamese_use::Error::from)?;
        self.changed()
    }

    /// Looks at what a task may have changed. It is done whatever comes of that, and `/readyz` says if something is wrong.
    fn look(&mut self) {
        let _ = self.changed();
    }

    /// Looks at what may have changed.
    fn changed(&mut self) -> Result<(), Error> {
        let store = self.gallery.store();
        let revision = store.last_change().map_err(siamese_use::Error::from)?;
        if revision == self.revision && revision > 0 {
            return Ok(());
        }
        let generation = self.gallery.generation();
        let contract = &generation.made_for.contract;
        if *contract != self.contract() {
            let embedder: Embedder = own_model(store)?;
            let engine = self.engines.of(embedder)?;
            *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
        }
        self.calibration = generation.calibration.as_ref().and_then(|calibration| {
            let bytes = serde_json::to_vec(calibration).ok()?;
            let digest = Sha256::digest(&bytes);
            Some(hex(&digest[..8]))
        });
        self.metrics.holds(
            &self.name,
            self.gallery.count_people(),
            self.gallery.index().len(),
        );
        self.revision = revision;
        Ok(())
    }

    fn contract(&self) -> String {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        engine.embedder().contract().digest.clone()
    }

    /// Refuses vectors of a model that is no longer this gallery's.
    fn expect_model(&self, contract: &str) -> Result<()> {
        let changed = self.gallery.check_contract(contract).is_err();
        if changed {
            return Err(Problem::new(
                Code::ModelChanged,
                "the gallery has moved to another model while the picture was embedded: ask again",
            ));
        }
        Ok(())
    }

    /// Searches for all that waits and asks alike, in one pass; gives back the first task that is something else.
    fn search(&mut self, first: Search, queued: &Receiver<Task>) -> Option<Task> {
        let mut batch = vec![first];
        let mut other = None;
        while batch.len() < MOST_AT_ONCE {
            match queued.try_recv() {
                Ok(Task::Search(search)) if alike(&batch[0], &search) => batch.push(search),
                Ok(task) => {
                    other = Some(task);
                    break;
                }
                Err(_) => break,
            }
        }
        self.metrics.searched(&self.name, batch.len());
        let (most, fpir) = (batch[0].most, batch[0].fpir);
        let (wrong, right): (Vec<Search>, Vec<Search>) = batch
            .into_iter()
            .partition(|search| self.expect_model(&search.sought.contract).is_err());
        for search in wrong {
            let refused = self.expect_model(&search.sought.contract).err();
            // Whoever asked may have gone.
            if let Some(problem) = refused {
                let _ = search.answer.send(Err(problem));
            }
        }
        let probes: Vec<Probe<'_>> = right
            .iter()
            .map(|search| Probe {
                vector: &search.sought.vector,
                picture: Some(search.sought.picture),
            })
            .collect();
        let found = self
            .gallery
            .identify_all(&probes, most, fpir, now_ms(), None);
        match found {
            Ok(answers) => {
                for (search, answer) in right.into_iter().zip(answers) {
                    let _ = search.answer.send(Ok(self.named(answer)));
                }
            }
            Err(error) => {
                let problem = Problem::from(error);
                for search in right {
                    let _ = search.answer.send(Err(problem.clone()));
                }
            }
        }
        other
    }

    fn named(&self, answer: Identification) -> Found {
        let name = |number| {
            let person = self.gallery.person(number)?;
            Some((number, person.given.name.clone()))
        };
        Found {
            names: answer
                .candidates
                .iter()
                .filter_map(|candidate| name(candidate.person))
                .collect(),
            calibration: self.calibration.clone(),
            answer,
        }
    }
}

fn alike(a: &Search, b: &Search) -> bool {
    a.most == b.most && a.fpir == b.fpir
}
