//! What all handlers share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gallery::DigestKey;
use siamese_use::{Embedder, Fault, Limits as ImageLimits, PictureReader, Prepared, QualityLimits};
use tokio::sync::Semaphore;

use crate::access::{Access, Caller};
use crate::alarm::Log;
use crate::audit::Audit;
use crate::background::Background;
use crate::engine::{Engine, Engines, Places};
use crate::error::Error;
use crate::hosts::Hosts;
use crate::idempotency::Idempotency;
use crate::jobs::Jobs;
use crate::keys::Scope;
use crate::memory::Memory;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem, Result};
use crate::rates::Rates;
use crate::recent::Recent;
use crate::settings::Settings;
use crate::shelf::{self, Shelf, Sought};
use crate::shelves::Shelves;
use crate::upload::{PictureIn, invalid};

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) hosts: Hosts,
    pub(crate) access: Access,
    pub(crate) audit: Audit,
    pub(crate) rates: Rates,
    pub(crate) idempotency: Idempotency,
    pub(crate) jobs: Jobs,
    pub(crate) metrics: Arc<Metrics>,
    /// Memory that bodies may take.
    pub(crate) memory: Memory,
    pub(crate) log: Log,
    pub(crate) background: Background,
    decoding: Arc<Semaphore>,
    pub(crate) engines: Arc<Engines>,
    /// Of the server's own model.
    engine: Option<Arc<Engine>>,
    pub(crate) shelves: Shelves,
    /// What `/readyz` found: of each gallery its place in its log of changes, if it can be used. It costs work in each, and
    /// anybody may ask.
    pub(crate) ready: Recent<Vec<Option<u64>>>,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// How pictures of a request are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HowRead {
    /// Which are too poor.
    pub(crate) limits: QualityLimits,
    /// Whether they are kept as files.
    pub(crate) keeps: bool,
    /// Whether they wait for a place to be embedded, a few at a time, and are not refused where there is none.
    pub(crate) patient: bool,
}

impl HowRead {
    /// To be looked for: however poor, and gone with the answer.
    pub(crate) fn probes() -> Self {
        Self {
            limits: QualityLimits::none(),
            keeps: false,
            patient: false,
        }
    }
}

/// How long it holds whether the galleries can be used.
const READY_KEPT: Duration = Duration::from_secs(1);

/// Pictures that whoever can wait has embedded at a time.
const PATIENT_AT_ONCE: usize = 16;

/// A picture that was read and embedded.
pub(crate) type Embedded = (Prepared, Vec<f32>);

/// A picture that is looked for in a gallery, with the gallery's model at that time.
pub(crate) struct Probed {
    pub(crate) engine: Arc<Engine>,
    pub(crate) picture: Prepared,
    pub(crate) sought: Sought,
}

impl App {
    /// Opens everything and warms it up.
    ///
    /// # Errors
    /// [`Error`].
    pub(crate) fn new(settings: Settings, log: Log) -> Result<Self, Error> {
        let none = settings.galleries.is_empty() && settings.galleries_folder.is_none();
        if none && settings.model.is_none() {
            return Err(Error::Nothing);
        }
        let metrics = Arc::new(Metrics::new());
        let limits = settings.limits;
        let engines = Engines::new(&settings, metrics.clone())?;
        let shared = shelf::Shared {
            engines: Arc::new(engines),
            metrics: metrics.clone(),
            answers: Idempotency::default(),
            jobs: Jobs::new(limits.jobs, limits.job_bytes),
            log: log.clone(),
            tasks: limits.tasks,
            budget: limits.gallery_bytes,
        };
        let model = settings.model.as_deref();
        let engine = model.map(|model| shared.engines.of(Embedder::load(model)?));
        let engine = engine.transpose()?;
        let (idempotency, jobs) = (shared.answers.clone(), shared.jobs.clone());
        let engines = shared.engines.clone();
        let shelves = Shelves::open(&settings, shared)?;
        Ok(Self(Arc::new(Shared {
            hosts: Hosts::new(settings.listen, &settings.hosts),
            access: Access::new(settings.keys.clone(), &log)?,
            audit: Audit::open(settings.audit.as_deref(), &log)?,
            rates: Rates::new(limits.rate, limits.burst),
            idempotency,
            jobs,
            metrics,
            memory: Memory::of(limits.memory),
            decoding: Arc::new(Semaphore::new(settings.threads.max(1))),
            settings,
            log,
            background: Background::default(),
            engines,
            engine,
            shelves,
            ready: Recent::new(READY_KEPT),
        })))
    }

    /// A gallery, for whoever may do so much with it.
    pub(crate) fn shelf(&self, caller: &Caller, name: &str, scope: Scope) -> Result<Arc<Shelf>> {
        // Whoever may not look at it does not learn whether it is there.
        caller.may(scope, Some(name))?;
        self.shelves
            .get(name)
            .ok_or_else(|| Problem::not_found(&format!("gallery {name:?}")))
    }

    /// The galleries that a caller may look at.
    pub(crate) fn shelves_of(&self, caller: &Caller) -> Vec<Arc<Shelf>> {
        let seen = |shelf: &&Arc<Shelf>| caller.may(Scope::Read, Some(shelf.name())).is_ok();
        self.shelves.all().iter().filter(seen).cloned().collect()
    }

    /// The file of a model that the server was started with: one of this name, or its own.
    pub(crate) fn model(&self, name: Option<&str>) -> Result<PathBuf> {
        let settings = &self.settings;
        let found = match name {
            Some(name) => settings.models.get(name),
            None => settings.model.as_ref(),
        };
        found.cloned().ok_or_else(|| {
            let names: Vec<&str> = settings.models.keys().map(String::as_str).collect();
            invalid(match names.is_empty() {
                true => "the server was started without a model to name".to_owned(),
                false => format!("model: expected one of {}", names.join(", ")),
            })
        })
    }

    /// The model for what belongs to no gallery: the server's own, or the one that the first gallery has now.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>> {
        let of_first = || Some(self.shelves.first()?.engine());
        let engine = self.engine.clone().or_else(of_first);
        engine.ok_or_else(|| Problem::not_found("model here"))
    }

    /// Refuses no pictures of a person, and too many.
    pub(crate) fn check_count(&self, pictures: usize) -> Result<()> {
        let most = self.settings.limits.pictures;
        match (1..=most).contains(&pictures) {
            true => Ok(()),
            false => Err(invalid(format!(
                "expected 1 to {most} pictures, found {pictures}"
            ))),
        }
    }

    /// Reads and embeds pictures; what is wrong with one of them is its fault.
    pub(crate) async fn embed_all(
        &self,
        engine: &Arc<Engine>,
        key: &DigestKey,
        how: HowRead,
        pictures: Vec<PictureIn>,
    ) -> Result<Vec<Result<Embedded, Fault>>> {
        self.check_count(pictures.len())?;
        let largest = pictures.iter().map(|picture| picture.data.len()).max();
        if largest > Some(self.settings.limits.picture_bytes) {
            return Err(Problem::new(
                Code::TooLarge,
                format!(
                    "a picture has at most {} bytes",
                    self.settings.limits.picture_bytes
                ),
            ));
        }
        if !how.patient {
            let places = engine.places(pictures.len())?;
            return self.embed_with(places, engine, key, how, pictures).await;
        }
        let mut embedded = Vec::with_capacity(pictures.len());
        let mut left = pictures.into_iter();
        loop {
            let some: Vec<PictureIn> = left
                .by_ref()
                .take(PATIENT_AT_ONCE.min(self.settings.limits.queue).max(1))
                .collect();
            if some.is_empty() {
                return Ok(embedded);
            }
            let places = engine.places_when_free(some.len()).await?;
            embedded.extend(self.embed_with(places, engine, key, how, some).await?);
        }
    }

    async fn embed_with(
        &self,
        places: Places,
        engine: &Arc<Engine>,
        key: &DigestKey,
        how: HowRead,
        pictures: Vec<PictureIn>,
    ) -> Result<Vec<Result<Embedded, Fault>>> {
        let places = Arc::new(places);
        let tasks: Vec<_> = pictures
            .into_iter()
            .map(|picture| {
                let (app, engine, places) = (self.clone(), engine.clone(), places.clone());
                let key = key.clone();
                tokio::spawn(async move {
                    let read = app.read(&engine, key, how, picture).await?;
                    Ok(match read {
                        Ok(prepared) => {
                            let planes = prepared.planes.clone();
                            let vector = engine.embed(&places, planes).await?;
                            checked(&engine, prepared, vector)
                        }
                        Err(fault) => Err(fault),
                    })
                })
            })
            .collect();
        let mut embedded = Vec::with_capacity(tasks.len());
        for task in tasks {
            let done: Result<Result<Embedded, Fault>> = task.await?;
            embedded.push(done?);
        }
        Ok(embedded)
    }

    /// Reads and embeds a picture that is looked for in a gallery.
    pub(crate) async fn probe(&self, shelf: &Shelf, picture: PictureIn) -> Result<Probed> {
        let engine = shelf.engine();
        let mut all = self
            .embed_all(&engine, shelf.key(), HowRead::probes(), vec![picture])
            .await?;
        let lost = || Problem::new(Code::Internal, "a picture was lost");
        let (picture, vector) = all.pop().ok_or_else(lost)??;
        Ok(Probed {
            sought: Sought {
                contract: engine.embedder().contract().digest.clone(),
                vector,
                picture: picture.digest,
            },
            engine,
            picture,
        })
    }

    /// Decodes a picture, a few at a time.
    async fn read(
        &self,
        engine: &Engine,
        key: DigestKey,
        how: HowRead,
        PictureIn { data, region }: PictureIn,
    ) -> Result<Result<Prepared, Fault>> {
        let stopping = || Problem::new(Code::Unavailable, "the server is stopping");
        let turn = self.decoding.clone().acquire_owned().await;
        let turn = turn.map_err(|_| stopping())?;
        let embedder = engine.embedder().clone();
        let images = ImageLimits::new()
            .with_max_pixels(self.settings.limits.pixels)
            .with_max_file_bytes(self.settings.limits.picture_bytes);
        let decoding = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            PictureReader::new(embedder.recipe(), &key, how.limits)
                .knowing(embedder.domain())
                .keeping(how.keeps)
                .with_image_limits(images)
                .of_bytes(data, region.map(Into::into))
        });
        Ok(decoding.await?)
    }
}

/// Refuses vectors of which no metric can say anything.
fn checked(engine: &Engine, prepared: Prepared, vector: Vec<f32>) -> Result<Embedded, Fault> {
    let metric = engine.embedder().units().metric();
    match metric.score(&vector, &vector) {
        Ok(_) => Ok((prepared, vector)),
        Err(error) => Err(Fault::Embedding(error)),
    }
}
