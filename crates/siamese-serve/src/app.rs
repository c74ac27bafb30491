//! What all handlers share.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use gallery::{DigestKey, Place};
use siamese_use::{Embedder, Fault, Limits as ImageLimits, PictureReader, Prepared, QualityLimits};
use tokio::sync::Semaphore;

use crate::access::{Access, Caller};
use crate::audit::Audit;
use crate::engine::{Engine, Engines};
use crate::error::Error;
use crate::hosts::Hosts;
use crate::idempotency::Idempotency;
use crate::keys::Scope;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem, Result};
use crate::settings::Settings;
use crate::shelf::Shelf;
use crate::upload::{PictureIn, invalid};

/// Told what the operator should know, a line at a time.
pub(crate) type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) hosts: Hosts,
    pub(crate) access: Access,
    pub(crate) audit: Audit,
    pub(crate) idempotency: Idempotency,
    pub(crate) metrics: Arc<Metrics>,
    /// Memory that bodies may take, in KiB.
    pub(crate) memory: Arc<Semaphore>,
    pub(crate) log: Log,
    decoding: Arc<Semaphore>,
    engine: Option<Arc<Engine>>,
    shelves: BTreeMap<String, Arc<Shelf>>,
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
}

impl HowRead {
    /// To be looked for: however poor, and gone with the answer.
    pub(crate) fn probes() -> Self {
        Self {
            limits: QualityLimits::none(),
            keeps: false,
        }
    }
}

/// A picture that was read and embedded.
pub(crate) type Embedded = (Prepared, Vec<f32>);

impl App {
    /// Opens everything and warms it up.
    ///
    /// # Errors
    /// [`Error`].
    pub(crate) fn new(settings: Settings, log: Log) -> Result<Self, Error> {
        if settings.galleries.is_empty() && settings.model.is_none() {
            return Err(Error::Nothing);
        }
        let metrics = Arc::new(Metrics::new());
        let limits = settings.limits;
        let engines = Engines::new(settings.threads, limits.queue, metrics.clone())?;
        let engines = Arc::new(engines);
        let model = settings.model.as_deref();
        let mut shelves: BTreeMap<String, Arc<Shelf>> = BTreeMap::new();
        let mut engine = match model {
            Some(model) => Some(engines.of(Embedder::load(model)?)?),
            None => None,
        };
        for (at, place) in settings.galleries.iter().enumerate() {
            let sizes = [limits.tasks as u64, limits.gallery_bytes];
            let shelf = Shelf::open(place, model, &engines, metrics.clone(), sizes)?;
            engine = engine.or_else(|| Some(shelf.engine()));
            if shelves.contains_key(shelf.name()) {
                let same = |other: &&Place| other.name() == place.name();
                let first = settings.galleries[..at].iter().find(same);
                return Err(Error::Name {
                    name: shelf.name().to_owned(),
                    first: first.map(Place::shown).unwrap_or_default(),
                    second: place.shown(),
                });
            }
            shelves.insert(shelf.name().to_owned(), Arc::new(shelf));
        }
        Ok(Self(Arc::new(Shared {
            hosts: Hosts::new(settings.listen, &settings.hosts),
            access: Access::new(settings.keys.clone())?,
            audit: Audit::open(settings.audit.as_deref())?,
            idempotency: Idempotency::default(),
            metrics,
            memory: Arc::new(Semaphore::new(limits.memory / 1024)),
            decoding: Arc::new(Semaphore::new(settings.threads.max(1))),
            settings,
            log,
            engine,
            shelves,
        })))
    }

    /// A gallery, for whoever may do so much with it.
    pub(crate) fn shelf(&self, caller: &Caller, name: &str, scope: Scope) -> Result<Arc<Shelf>> {
        // Whoever may not look at it does not learn whether it is there.
        caller.may(scope, Some(name))?;
        self.shelves
            .get(name)
            .cloned()
            .ok_or_else(|| Problem::not_found(&format!("gallery {name:?}")))
    }

    /// Whether there is a gallery of this name.
    pub(crate) fn has_shelf(&self, name: &str) -> bool {
        self.shelves.contains_key(name)
    }

    /// The galleries that a caller may look at.
    pub(crate) fn shelves(&self, caller: &Caller) -> Vec<Arc<Shelf>> {
        let seen = |shelf: &&Arc<Shelf>| caller.may(Scope::Read, Some(shelf.name())).is_ok();
        self.shelves.values().filter(seen).cloned().collect()
    }

    /// The model for what belongs to no gallery.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>> {
        self.engine
            .clone()
            .ok_or_else(|| Problem::not_found("model here"))
    }

    /// Reads and embeds pictures; what is wrong with one of them is its fault.
    pub(crate) async fn embed_all(
        &self,
        engine: &Arc<Engine>,
        key: &DigestKey,
        how: HowRead,
        pictures: Vec<PictureIn>,
    ) -> Result<Vec<Result<Embedded, Fault>>> {
        if pictures.is_empty() || pictures.len() > self.settings.limits.pictures {
            return Err(invalid(format!(
                "expected 1 to {} pictures, found {}",
                self.settings.limits.pictures,
                pictures.len()
            )));
        }
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
        let places = Arc::new(engine.places(pictures.len())?);
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
            let done: Result<Result<Embedded, Fault>> = task
                .await
                .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
            embedded.push(done?);
        }
        Ok(embedded)
    }

    /// Reads and embeds one picture.
    pub(crate) async fn embed(
        &self,
        engine: &Arc<Engine>,
        key: &DigestKey,
        how: HowRead,
        picture: PictureIn,
    ) -> Result<Embedded> {
        let mut all = self.embed_all(engine, key, how, vec![picture]).await?;
        match all.pop() {
            Some(embedded) => Ok(embedded?),
            None => Err(Problem::new(Code::Internal, "a picture was lost")),
        }
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
        decoding
            .await
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))
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
