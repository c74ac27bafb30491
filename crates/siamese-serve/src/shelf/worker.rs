//! The thread of a gallery.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use gallery::{Change, ChangeKind, Identification, Probe, Store};
use siamese_use::{Embedder, own_model};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::told::Told;
use super::{Found, Health, Served, Shared, Sought, calibration_id};
use crate::alarm::Alarm;
use crate::clock::now_ms;
use crate::engine::Engine;
use crate::error::Error;
use crate::problem::{Code, Problem, Result};

/// How long what other programs changed may stay unnoticed where nobody tells of it.
const REFRESHED: Duration = Duration::from_secs(1);

/// How often expired people are deleted.
const SWEPT: Duration = Duration::from_secs(60);

/// Searches in one pass.
const MOST_AT_ONCE: usize = 64;

pub(super) struct Search {
    pub(super) sought: Sought,
    pub(super) most: usize,
    pub(super) fpir: f64,
    pub(super) answer: oneshot::Sender<Result<Found>>,
    pub(super) _place: OwnedSemaphorePermit,
}

/// Looks at a gallery, and may refuse something.
pub(super) type Check = Box<dyn FnOnce(&Health) -> Result<()> + Send>;

pub(super) enum Task {
    Search(Search),
    Delete(Check, oneshot::Sender<Result<()>>, OwnedSemaphorePermit),
    Work(Box<dyn FnOnce(&mut Worker) + Send>, OwnedSemaphorePermit),
    /// Take in what others changed.
    Refresh,
}

pub(super) struct Worker {
    name: String,
    pub(super) gallery: Served,
    told: Told,
    engine: Arc<RwLock<Arc<Engine>>>,
    shared: Shared,
    follows: Alarm,
    forgets: Alarm,
    /// Place in the log of changes up to which this has looked.
    pub(super) revision: u64,
    refreshed: Instant,
    /// Whether the last look at what others changed failed.
    behind: bool,
}

impl Worker {
    /// Of a gallery that was just opened.
    ///
    /// # Errors
    /// [`Error::Use`] where it cannot be read.
    pub(super) fn new(
        name: String,
        gallery: Served,
        told: Told,
        engine: Arc<RwLock<Arc<Engine>>>,
        shared: Shared,
    ) -> Result<Self, Error> {
        let alarm = |what: &str| Alarm::new(format!("{what} {name}"), shared.log.clone());
        let mut worker = Self {
            follows: alarm("take in what changed in the gallery"),
            forgets: alarm("delete whoever has expired from the gallery"),
            name,
            gallery,
            told,
            engine,
            shared,
            revision: 0,
            refreshed: Instant::now(),
            behind: false,
        };
        worker.changed()?;
        Ok(worker)
    }

    /// Does what comes. `deleted` is set before the answer to whoever deleted the gallery.
    pub(super) fn run(mut self, queued: &Receiver<Task>, deleted: &AtomicBool) {
        let mut swept = Instant::now();
        let mut next = None;
        loop {
            let task = match next.take() {
                Some(task) => Ok(task),
                None => queued.recv_timeout(REFRESHED),
            };
            let asks = self.behind || !self.told.listens();
            if asks && self.refreshed.elapsed() >= REFRESHED {
                // What fails here fails again where a task needs it, and `/readyz` says so.
                let _ = self.refresh();
            }
            match task {
                Ok(Task::Work(work, _place)) => work(&mut self),
                Ok(Task::Refresh) => {
                    self.told.heard();
                    let _ = self.refresh();
                }
                Ok(Task::Search(first)) => next = self.search(first, queued),
                Ok(Task::Delete(check, answer, _place)) => {
                    let checked = self.refresh().and_then(|()| check(&self.health()));
                    let done = match checked {
                        Ok(()) => self.delete(),
                        refused => {
                            // Whoever asked may have gone.
                            let _ = answer.send(refused);
                            continue;
                        }
                    };
                    deleted.store(true, Ordering::Release);
                    let _ = answer.send(done);
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if swept.elapsed() >= SWEPT {
                swept = Instant::now();
                // Whoever has expired is not found in any case; the next sweep tries again.
                self.forgets.hear(self.gallery.forget_expired(now_ms()));
                self.look();
                self.shared.answers.sweep();
                self.shared.jobs.sweep();
            }
        }
    }

    /// Takes in what other programs changed, another model included.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.refreshed = Instant::now();
        let refreshed = self.gallery.refresh().map_err(siamese_use::Error::from);
        let taken_in = refreshed.map_err(Error::from).and_then(|()| self.changed());
        self.behind = taken_in.is_err();
        self.follows.hear(taken_in).ok_or_else(|| {
            Problem::new(
                Code::Unavailable,
                "the gallery cannot be read now; the operator's log says why",
            )
        })
    }

    pub(super) fn health(&self) -> Health {
        Health {
            people: self.gallery.count_people(),
            templates: self.gallery.count_templates(),
            calibration: calibration_id(&self.gallery),
            revision: self.revision,
            in_memory: self.gallery.is_in_memory(),
        }
    }

    /// Closes the gallery, and deletes its file and what lies beside it.
    fn delete(self) -> Result<()> {
        let path = self.gallery.store().path().to_owned();
        drop(self.gallery);
        self.shared.answers.forget(&self.name);
        self.shared.jobs.end(&self.name);
        self.shared.metrics.gone(&self.name);
        for beside in ["", "-wal", "-shm"] {
            let mut file = path.clone().into_os_string();
            file.push(beside);
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    (self.shared.log)(&format!("cannot delete {}: {error}", path.display()));
                    return Err(Problem::new(
                        Code::Internal,
                        "the gallery's file could not be deleted; the operator's log says why",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Looks at what a task may have changed. It is done whatever comes of that, and `/readyz` says if something is wrong.
    pub(super) fn look(&mut self) {
        let looked = self.changed();
        self.follows.hear(looked);
    }

    /// Looks at what may have changed.
    fn changed(&mut self) -> Result<(), Error> {
        let store = self.gallery.store();
        let revision = store.last_change().map_err(siamese_use::Error::from)?;
        if revision == self.revision && revision > 0 {
            return Ok(());
        }
        self.forget_answers()?;
        let generation = self.gallery.generation();
        let contract = &generation.made_for.contract;
        if *contract != self.contract() {
            let embedder: Embedder = own_model(store)?;
            let engine = self.shared.engines.of(embedder)?;
            *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
        }
        self.shared.metrics.holds(
            &self.name,
            self.gallery.count_people(),
            self.gallery.count_templates(),
        );
        self.revision = revision;
        Ok(())
    }

    /// Drops the answers that are kept, where somebody was deleted: here, in another program, or for having expired.
    fn forget_answers(&self) -> Result<(), Error> {
        if self.revision == 0 {
            // It was just opened, so nothing was answered.
            return Ok(());
        }
        let changes = self.gallery.store().changes_after(self.revision);
        let deleted = |change: &Change| {
            use ChangeKind::{PersonForgotten, TemplateDeleted};
            matches!(change.kind, PersonForgotten | TemplateDeleted)
        };
        if changes
            .map_err(siamese_use::Error::from)?
            .iter()
            .any(deleted)
        {
            self.shared.answers.forget(&self.name);
            self.shared.jobs.forget(&self.name);
        }
        Ok(())
    }

    fn contract(&self) -> String {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
        engine.embedder().contract().digest.clone()
    }

    /// Refuses vectors of a model that is no longer this gallery's.
    pub(super) fn expect_model(&self, contract: &str) -> Result<()> {
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
        self.shared.metrics.searched(&self.name, batch.len());
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
        // A thread of the pool uses the gallery alone meanwhile.
        let gallery = &mut self.gallery;
        let searching = &self.shared.engines.searching;
        let found =
            searching.install(move || gallery.identify_all(&probes, most, fpir, now_ms(), None));
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
            calibration: calibration_id(&self.gallery),
            answer,
        }
    }
}

fn alike(a: &Search, b: &Search) -> bool {
    a.most == b.most && a.fpir == b.fpir
}
