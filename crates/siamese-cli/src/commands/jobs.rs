//! Trainings as processes of their own, side by side, each in its run folder.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io::Read, thread, thread::JoinHandle};

use anyhow::{Context, Result, anyhow, bail};
use siamese_lab::{first_checkpoint, read_recipe};
use siamese_model::{Device, Recipe, device_name};

use super::MOST_THREADS;
use crate::interrupt::{INTERRUPTED, ask_to_end, end_with_us};
use crate::output::Output;
use crate::run_record::RunRecord;

/// How often finished trainings are looked for.
const POLL: Duration = Duration::from_millis(50);

/// One training.
#[derive(Clone)]
pub(super) struct Job {
    /// A built-in recipe's name or a TOML file.
    name: String,
    overrides: Vec<String>,
    /// The model file that it begins with, if any.
    pub(super) init: Option<PathBuf>,
    /// The folder of a run that trains the same networks, to be taken over where it is finished.
    like: Option<PathBuf>,
    pub(super) folder: PathBuf,
}

/// What a folder holds of its training.
enum Done {
    Nothing,
    Part,
    All,
}

impl Job {
    pub(super) fn new(recipe: &str, out: &Path, name: &str, overrides: Vec<String>) -> Self {
        Self {
            name: recipe.to_owned(),
            folder: out.join(name),
            init: None,
            like: None,
            overrides,
        }
    }

    /// The same training, which need not be done where the other, which trains the same networks, is.
    pub(super) fn like(&self, other: &Self) -> Self {
        Self {
            like: Some(other.folder.clone()),
            ..self.clone()
        }
    }

    /// What is trained.
    pub(super) fn recipe(&self) -> Result<Recipe> {
        Ok(read_recipe(&self.name, &self.overrides)?)
    }

    /// The record of this very training, where the folder holds it finished.
    pub(super) fn record(&self) -> Result<Option<RunRecord>> {
        match self.done()? {
            Done::All => RunRecord::read(&self.folder).map(Some),
            _ => Ok(None),
        }
    }

    /// Takes what the folder holds for nothing, so that it is trained anew.
    pub(super) fn forget(&self) -> Result<()> {
        let path = self.folder.join("recipe.toml");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot replace {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Whether the folder holds a training, but not this one.
    pub(super) fn is_of_another_recipe(&self) -> bool {
        self.folder.join("recipe.toml").exists() && !self.is_of_this_recipe().unwrap_or(false)
    }

    fn is_of_this_recipe(&self) -> Result<bool> {
        let recipe = self.recipe()?;
        let path = self.folder.join("recipe.toml");
        let found = fs::read_to_string(&path)
            .ok()
            .and_then(|text| Recipe::parse::<&str>(&text, &path.display().to_string(), &[]).ok());
        Ok(
            found.is_some_and(|found| found.portable() == recipe.portable())
                && self.began_with_the_same()?,
        )
    }

    /// Whether the run in the folder began with the same model file, or like this one with none.
    fn began_with_the_same(&self) -> Result<bool> {
        let copy = self.folder.join("init.safetensors");
        let Some(init) = &self.init else {
            return Ok(!copy.exists());
        };
        let file = fs::read(init).with_context(|| format!("cannot read {}", init.display()))?;
        Ok(fs::read(copy).is_ok_and(|copy| copy == file))
    }

    /// What is already there of this very training. Another recipe's run is nothing.
    fn done(&self) -> Result<Done> {
        Ok(match self.is_of_this_recipe()? {
            true if self.folder.join("figures.json").exists() => Done::All,
            true if first_checkpoint(&self.folder).is_some() => Done::Part,
            _ => Done::Nothing,
        })
    }

    /// Whether the folder holds part of this training.
    pub(super) fn is_unfinished(&self) -> Result<bool> {
        Ok(matches!(self.done()?, Done::Part))
    }

    fn start(&self, done: &Done, common: &[OsString]) -> Result<Child> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(program);
        command.arg("train").arg("--json");
        match done {
            Done::Part => {
                command.arg("--resume").arg(&self.folder);
            }
            _ => {
                command
                    .arg(&self.name)
                    .arg("--force")
                    .arg("--out")
                    .arg(&self.folder);
                if let Some(init) = &self.init {
                    command.arg("--init").arg(init);
                }
                if let Some(like) = &self.like
                    && like.join("figures.json").exists()
                {
                    command.arg("--trained").arg(like);
                }
                for assignment in &self.overrides {
                    command.arg("--set").arg(assignment);
                }
            }
        }
        command
            .args(common)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command.spawn().context("cannot start a training")
    }
}

/// How trainings are run: how many at a time, and what is said to each of them.
pub(super) struct Pool {
    pub(super) side_by_side: usize,
    /// Of each training.
    pub(super) threads: usize,
    common: [OsString; 9],
}

impl Pool {
    /// As many at a time as asked for, else one for each core on the CPU and one on a GPU; never more than `trainings`.
    /// They share the memory for images.
    pub(super) fn new(
        jobs: Option<u16>,
        trainings: usize,
        data: &Path,
        memory: u64,
        device: Device,
    ) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let side_by_side = match (jobs, device) {
            (Some(jobs), _) => usize::from(jobs),
            (None, Device::Cpu) => cores,
            (None, _) => 1,
        }
        .min(trainings.max(1));
        let threads = (cores / side_by_side).clamp(1, MOST_THREADS);
        Self {
            side_by_side,
            threads,
            common: [
                "--no-report".into(),
                "--data".into(),
                data.into(),
                "--device".into(),
                device_name(device).into(),
                "--threads".into(),
                threads.to_string().into(),
                "--memory".into(),
                (memory / side_by_side as u64).to_string().into(),
            ],
        }
    }

    /// Runs what is not yet done; `false` where it was asked to stop. The first failure ends all.
    pub(super) fn run_all(&self, jobs: &[Job], stop: &AtomicBool, output: Output) -> Result<bool> {
        let mut waiting = jobs.iter().map(|job| (0, job));
        self.run(
            jobs.len(),
            &mut || waiting.next(),
            &mut |_, error| Err(error),
            stop,
            output,
        )
    }

    /// Runs what is not yet done of trainings with the number of their group; `None` where it was asked to stop. After
    /// a failure no more of its group are begun, the others go on; gives the first failure of each group.
    pub(super) fn run_groups(
        &self,
        jobs: &[(usize, &Job)],
        stop: &AtomicBool,
        output: Output,
    ) -> Result<Option<BTreeMap<usize, anyhow::Error>>> {
        let failed = RefCell::new(BTreeMap::new());
        let mut waiting = jobs.iter().copied();
        let whole = self.run(
            jobs.len(),
            &mut || waiting.find(|(group, _)| !failed.borrow().contains_key(group)),
            &mut |group, error| {
                output.note(&format!("{error:#}"));
                failed.borrow_mut().entry(group).or_insert(error);
                Ok(())
            },
            stop,
            output,
        )?;
        Ok(whole.then(|| failed.into_inner()))
    }

    /// Runs what `next` gives, until it gives nothing more; `failed` says whether to go on.
    fn run<'a>(
        &self,
        jobs: usize,
        next: &mut dyn FnMut() -> Option<(usize, &'a Job)>,
        failed: &mut dyn FnMut(usize, anyhow::Error) -> Result<()>,
        stop: &AtomicBool,
        output: Output,
    ) -> Result<bool> {
        let mut running = Running(Vec::new());
        let mut finished = 0;
        let mut say = |job: &Job, note: &str| {
            finished += 1;
            output.note(&format!(
                "{finished:>3}/{jobs} {}{note}",
                job.folder.display()
            ));
        };
        loop {
            if stop.load(Ordering::SeqCst) {
                return Ok(false);
            }
            while running.0.len() < self.side_by_side {
                let Some((group, job)) = next() else { break };
                let done = job.done()?;
                if matches!(done, Done::All) {
                    say(job, " (already there)");
                    continue;
                }
                let child = job.start(&done, &self.common)?;
                end_with_us(child.id());
                running.0.push(Training::new(group, job, child));
            }
            if running.0.is_empty() {
                return Ok(true);
            }
            match one_ended(&mut running.0)? {
                Some((training, None)) => say(training.job, ""),
                Some((training, Some(failure))) => failed(training.group, failure)?,
                None => thread::sleep(POLL),
            }
        }
    }
}

/// A training under way.
struct Training<'a> {
    group: usize,
    job: &'a Job,
    child: Child,
    /// What it says on its error output, read as it comes: a full pipe would stop it.
    said: Option<JoinHandle<String>>,
}

impl<'a> Training<'a> {
    fn new(group: usize, job: &'a Job, mut child: Child) -> Self {
        let said = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut said = Vec::new();
                // What came before a failure to read is better than nothing.
                let _ = stderr.read_to_end(&mut said);
                String::from_utf8_lossy(&said).into_owned()
            })
        });
        Self {
            group,
            job,
            child,
            said,
        }
    }
}

/// Takes out one training that has ended, with what is wrong where it ended badly; an error where it was interrupted.
fn one_ended<'a>(
    running: &mut Vec<Training<'a>>,
) -> Result<Option<(Training<'a>, Option<anyhow::Error>)>> {
    for i in 0..running.len() {
        let Some(status) = running[i].child.try_wait()? else {
            continue;
        };
        let mut training = running.swap_remove(i);
        if status.success() {
            return Ok(Some((training, None)));
        }
        let place = training.job.folder.display();
        if status.code() == Some(i32::from(INTERRUPTED)) {
            bail!("the training in {place} was interrupted; the same command goes on with it");
        }
        let said = training.said.take().and_then(|said| said.join().ok());
        let said = said.unwrap_or_default();
        let said = said.trim().trim_start_matches("siamese: ");
        let failure = anyhow!("the training in {place} failed ({status}): {said}");
        return Ok(Some((training, Some(failure))));
    }
    Ok(None)
}

/// Trainings under way; those that still run when it is dropped are asked to save what they have and end.
struct Running<'a>(Vec<Training<'a>>);

/// How long a training may take to end the step under way and save.
const PATIENCE: Duration = Duration::from_secs(60);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        for training in &self.0 {
            ask_to_end(training.child.id());
        }
        let start = Instant::now();
        for Training { child, .. } in &mut self.0 {
            while matches!(child.try_wait(), Ok(None)) && start.elapsed() < PATIENCE {
                thread::sleep(POLL);
            }
            // A child that has ended, or cannot be ended, needs nothing more.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
