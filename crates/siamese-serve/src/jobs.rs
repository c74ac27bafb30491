//! What takes longer than a request: jobs, done one after another.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::background::Background;
use crate::clock::now_ms;
use crate::keys::Scope;
use crate::memory::Memory;
use crate::problem::{Code, Problem, Result};

/// Jobs that have ended and can still be asked for; beyond it the oldest goes.
const MOST_ENDED: usize = 256;

/// How long a job that has ended can be asked for, in milliseconds: a day.
const KEPT_MS: i64 = 24 * 3_600_000;

/// Rejections of a job that are told.
const MOST_REJECTIONS: usize = 1000;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Enrols people.
    Enrollment,
    /// Moves a gallery to another model.
    Reembedding,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Others are done first.
    Waiting,
    /// It is being done.
    Running,
    /// It has been done. Single pictures may have been rejected.
    Done,
    /// It ended before its time, as `problem` says. What was done until then stays.
    Failed,
    /// Somebody cancelled it. What was done until then stays.
    Cancelled,
}

/// A job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct JobOut {
    /// Its id.
    pub(crate) job: Uuid,
    /// What it does.
    kind: Kind,
    /// In which gallery.
    gallery: String,
    /// How far it is.
    state: State,
    /// How many people, or templates, there are to do.
    pub(crate) of: usize,
    /// How many of them are done.
    pub(crate) done: usize,
    /// Templates that came.
    pub(crate) templates: usize,
    /// Templates that were there before.
    pub(crate) known: usize,
    /// Pictures of which there is no template.
    rejected: usize,
    /// The first thousand of these. They go as soon as anybody is deleted from the gallery, as they may name people.
    rejections: Vec<Rejection>,
    /// Why it failed.
    problem: Option<Problem>,
    /// When it was asked for, in milliseconds since 1970 (UTC).
    created_ms: i64,
    /// When it ended, in milliseconds since 1970 (UTC).
    ended_ms: Option<i64>,
}

/// A picture of which there is no template.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JobRejection)]
pub(crate) struct Rejection {
    /// Place of its person in `people`, counted from 0; absent in a reembedding.
    pub(crate) person: Option<usize>,
    /// Its place among the person's pictures, counted from 0; absent in a reembedding.
    pub(crate) picture: Option<usize>,
    /// Number of the old template; absent in an enrollment.
    pub(crate) template: Option<u64>,
    /// Why.
    pub(crate) problem: Problem,
}

impl JobOut {
    pub(crate) fn reject(&mut self, rejection: Rejection) {
        self.rejected += 1;
        if self.rejections.len() < MOST_REJECTIONS {
            self.rejections.push(rejection);
        }
    }

    fn has_ended(&self) -> bool {
        self.ended_ms.is_some()
    }

    fn end(&mut self, state: State, problem: Option<Problem>) {
        self.state = state;
        self.problem = problem;
        self.ended_ms = Some(now_ms());
    }
}

/// A job that was asked for.
#[derive(Debug)]
pub(crate) struct NewJob {
    pub(crate) kind: Kind,
    pub(crate) gallery: String,
    /// What it takes to ask for it, and to cancel it.
    pub(crate) scope: Scope,
    /// How many people, or templates, there are to do.
    pub(crate) of: usize,
    /// Memory that it takes until it ends.
    pub(crate) bytes: usize,
}

#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) gallery: String,
    pub(crate) scope: Scope,
    out: Mutex<JobOut>,
    cancelled: watch::Sender<bool>,
}

impl Job {
    pub(crate) fn out(&self) -> JobOut {
        self.now().clone()
    }

    /// The same without its rejections, which may be many.
    pub(crate) fn summary(&self) -> JobOut {
        let now = self.now();
        JobOut {
            rejections: Vec::new(),
            gallery: now.gallery.clone(),
            problem: now.problem.clone(),
            ..*now
        }
    }

    /// Changes what is told of it.
    pub(crate) fn note(&self, change: impl FnOnce(&mut JobOut)) {
        change(&mut self.now());
    }

    /// Whether it is to be ended as soon as may be.
    pub(crate) fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    async fn cancelled(&self) {
        // It has the sender itself, so this does not fail.
        let _ = self.cancelled.subscribe().wait_for(|is| *is).await;
    }

    fn now(&self) -> MutexGuard<'_, JobOut> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All jobs, in memory: a restart forgets them.
#[derive(Debug, Clone)]
pub(crate) struct Jobs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// By id, and so by age.
    all: Mutex<BTreeMap<Uuid, Arc<Job>>>,
    /// Jobs that may wait or run.
    most: usize,
    memory: Memory,
    turn: Arc<Semaphore>,
}

impl Jobs {
    /// None yet; so many may wait or run at a time, and take so many bytes.
    pub(crate) fn new(most: usize, bytes: usize) -> Self {
        Self(Arc::new(Shared {
            all: Mutex::default(),
            most,
            memory: Memory::of(bytes),
            turn: Arc::new(Semaphore::new(1)),
        }))
    }

    /// Does a job when those before it are done.
    ///
    /// `work` is told to end by [`Job::is_cancelled`], says by [`Job::note`] how far it is, and gives whether all was done.
    pub(crate) fn start<F>(
        &self,
        background: &Background,
        new: NewJob,
        work: impl FnOnce(Arc<Job>) -> F + Send + 'static,
    ) -> Result<JobOut>
    where
        F: Future<Output = Result<bool>> + Send + 'static,
    {
        if !self.0.memory.holds(new.bytes) {
            return Err(Problem::new(
                Code::TooLarge,
                "the people of one job take more memory than all jobs may: send fewer at once",
            ));
        }
        let share = self.0.memory.take(new.bytes);
        let share = share.ok_or_else(|| Problem::busy("other jobs take all memory allowed"))?;
        let job = self.add(new)?;
        let (asked, turn) = (job.out(), self.0.turn.clone());
        background.spawn(async move {
            let _share = share;
            let _turn = tokio::select! {
                turn = turn.acquire_owned() => turn,
                () = job.cancelled() => return job.note(|out| out.end(State::Cancelled, None)),
            };
            job.note(|out| out.state = State::Running);
            // A panic ends this job alone.
            let done = tokio::spawn(work(job.clone())).await;
            let (state, problem) = match done {
                Ok(Ok(true)) => (State::Done, None),
                Ok(Ok(false)) => (State::Cancelled, None),
                Ok(Err(problem)) => (State::Failed, Some(problem)),
                Err(_) => {
                    let what = "the server has a fault; please report it";
                    (State::Failed, Some(Problem::new(Code::Internal, what)))
                }
            };
            job.note(|out| out.end(state, problem));
        });
        Ok(asked)
    }

    fn add(&self, new: NewJob) -> Result<Arc<Job>> {
        let mut all = self.all();
        let ended = all.values().filter(|job| job.now().has_ended()).count();
        if all.len() - ended >= self.0.most {
            return Err(Problem::busy(&format!("{} jobs wait already", self.0.most)));
        }
        if ended >= MOST_ENDED {
            let oldest = all.iter().find(|(_, job)| job.now().has_ended());
            let oldest = oldest.map(|(id, _)| *id);
            oldest.map(|id| all.remove(&id));
        }
        let id = Uuid::now_v7();
        let out = JobOut {
            job: id,
            kind: new.kind,
            gallery: new.gallery,
            state: State::Waiting,
            of: new.of,
            done: 0,
            templates: 0,
            known: 0,
            rejected: 0,
            rejections: Vec::new(),
            problem: None,
            created_ms: now_ms(),
            ended_ms: None,
        };
        let job = Arc::new(Job {
            gallery: out.gallery.clone(),
            scope: new.scope,
            out: Mutex::new(out),
            cancelled: watch::Sender::new(false),
        });
        all.insert(id, job.clone());
        Ok(job)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<Arc<Job>> {
        self.all().get(&id).cloned()
    }

    /// All of them, oldest first.
    pub(crate) fn list(&self) -> Vec<Arc<Job>> {
        self.all().values().cloned().collect()
    }

    /// Forgets a job that has ended, and tells another one to end. Gives what is told of it while it has not ended.
    pub(crate) fn cancel(&self, job: &Job) -> Option<JobOut> {
        let out = job.summary();
        if out.has_ended() {
            self.all().remove(&out.job);
            return None;
        }
        job.cancelled.send_replace(true);
        Some(out)
    }

    /// Drops what may name people of this gallery, as somebody was deleted from it.
    pub(crate) fn forget(&self, gallery: &str) {
        for job in self.list() {
            if job.gallery == gallery {
                job.note(|out| out.rejections.clear());
            }
        }
    }

    /// Tells the jobs of a gallery to end: it is deleted.
    pub(crate) fn end(&self, gallery: &str) {
        for job in self.list() {
            if job.gallery == gallery {
                job.cancelled.send_replace(true);
            }
        }
        self.forget(gallery);
    }

    /// Drops what has been kept long enough.
    pub(crate) fn sweep(&self) {
        let now = now_ms();
        let fresh = |ended: Option<i64>| ended.is_none_or(|ended| now - ended < KEPT_MS);
        self.all().retain(|_, job| fresh(job.now().ended_ms));
    }

    /// Breaks off the jobs that the end of the server does not wait for, and tells of them.
    pub(crate) fn break_off(&self, log: &dyn Fn(&str)) {
        for job in self.list() {
            let out = job.summary();
            if !out.has_ended() {
                job.cancelled.send_replace(true);
                log(&format!(
                    "job {} in the gallery {} is broken off, {} of {} done: ask for it again, and what is done stays as it is",
                    out.job, out.gallery, out.done, out.of
                ));
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Uuid, Arc<Job>>> {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
