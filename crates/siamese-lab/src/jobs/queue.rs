//! Trainings that wait for somebody to run them.

use std::collections::BTreeMap;

use super::job::{Job, Progress};
use crate::error::{Error, explain};
use crate::note::Note;
use crate::watch::Watch;

/// What a training that fails means to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// No more are run.
    EndAll,
    /// No more of its group are begun; the others go on.
    EndGroup,
}

/// Trainings in the order in which they are to be begun.
pub struct Queue<'a> {
    waiting: std::vec::IntoIter<(usize, &'a Job)>,
    jobs: usize,
    done: usize,
    on_failure: OnFailure,
    failed: BTreeMap<usize, Error>,
    watch: &'a mut dyn Watch,
}

/// A training to run.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    group: usize,
    /// What is trained, and where to.
    pub job: &'a Job,
    /// Whether its folder holds part of it, to be gone on with.
    pub begun: bool,
}

impl<'a> Queue<'a> {
    /// Of trainings with the number of their group.
    pub(crate) fn new(
        jobs: Vec<(usize, &'a Job)>,
        on_failure: OnFailure,
        watch: &'a mut dyn Watch,
    ) -> Self {
        Self {
            jobs: jobs.len(),
            waiting: jobs.into_iter(),
            done: 0,
            on_failure,
            failed: BTreeMap::new(),
            watch,
        }
    }

    /// The next training to run, passing over those that are finished already; `None` where there is no more to begin.
    ///
    /// # Errors
    /// Where what is there of it cannot be told, or what it begins with cannot be written.
    pub fn next_task(&mut self) -> Result<Option<Task<'a>>, Error> {
        while let Some((group, job)) = self.waiting.next() {
            if self.failed.contains_key(&group) {
                continue;
            }
            let begun = match job.progress()? {
                Progress::Finished => {
                    self.say(job, true);
                    continue;
                }
                progress => progress == Progress::Begun,
            };
            let task = Task { group, job, begun };
            if !begun && let Err(error) = job.lay_out() {
                self.failed(task, error)?;
                continue;
            }
            return Ok(Some(task));
        }
        Ok(None)
    }

    /// Who hears of the trainings, for a runner that hears of each more than how it ended.
    pub fn watch(&mut self) -> &mut dyn Watch {
        self.watch
    }

    /// Says that a training has ended well.
    pub fn finished(&mut self, task: Task<'_>) {
        task.job.clear_up();
        self.say(task.job, false);
    }

    /// Says that a training has failed.
    ///
    /// # Errors
    /// The same error, where no more trainings are to be run.
    pub fn failed(&mut self, task: Task<'_>, error: Error) -> Result<(), Error> {
        if self.on_failure == OnFailure::EndAll {
            return Err(error);
        }
        self.watch.note(&Note::Failed(explain(&error)));
        self.failed.entry(task.group).or_insert(error);
        Ok(())
    }

    /// The first failure of each group.
    pub(crate) fn into_failures(self) -> BTreeMap<usize, Error> {
        self.failed
    }

    fn say(&mut self, job: &Job, already_there: bool) {
        self.done += 1;
        self.watch.note(&Note::Done {
            done: self.done,
            of: self.jobs,
            folder: job.folder.clone(),
            already_there,
        });
    }
}
