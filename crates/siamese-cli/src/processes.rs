//! Trainings as processes of their own, side by side.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use siamese_lab::model::device_name;
use siamese_lab::{Error, JobError, Pool, Queue, Runner, Task};

use crate::args::data_arguments;
use crate::interrupt::{INTERRUPTED, ask_to_end, end_with_us};

/// How often finished trainings are looked for.
const POLL: Duration = Duration::from_millis(50);

/// Runs each training by `siamese train`, this very program.
pub(crate) struct Processes;

impl Runner for Processes {
    fn run(&self, pool: &Pool, queue: &mut Queue<'_>, stop: &AtomicBool) -> Result<bool, Error> {
        let mut running = Running(Vec::new());
        loop {
            if stop.load(Ordering::SeqCst) {
                return Ok(false);
            }
            while running.0.len() < pool.side_by_side {
                let Some(task) = queue.next_task()? else {
                    break;
                };
                let child = start(task, pool).map_err(cannot("start a training"))?;
                end_with_us(child.id());
                running.0.push(Training::new(task, child));
            }
            if running.0.is_empty() {
                return Ok(true);
            }
            match one_ended(&mut running.0)? {
                Some((training, None)) => queue.finished(training.task),
                Some((training, Some(failure))) => queue.failed(training.task, failure)?,
                None => thread::sleep(POLL),
            }
        }
    }
}

/// Why no training can be run.
fn cannot(what: &'static str) -> impl Fn(io::Error) -> Error {
    move |error| Error::runner(what, error)
}

fn start(task: Task<'_>, pool: &Pool) -> io::Result<Child> {
    let job = task.job;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("train").arg("--json");
    if task.begun {
        command.arg("--resume").arg(&job.folder);
    } else {
        command.arg(job.recipe_name()).arg("--force");
        command.arg("--out").arg(&job.folder);
        if let Some(init) = &job.init {
            command.arg("--init").arg(init);
        }
        if let Some(twin) = job.twin() {
            command.arg("--trained").arg(twin);
        }
        for assignment in job.overrides() {
            command.arg("--set").arg(assignment);
        }
    }
    command
        .arg("--no-report")
        .args(data_arguments(&pool.data))
        .arg("--device")
        .arg(device_name(pool.device))
        .arg("--threads")
        .arg(pool.threads.to_string())
        .arg("--memory")
        .arg(pool.memory.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
}

/// A training under way.
struct Training<'a> {
    task: Task<'a>,
    child: Child,
    /// What the child writes to standard error, read as it comes, because a full pipe would stop it.
    said: Option<JoinHandle<String>>,
}

impl<'a> Training<'a> {
    fn new(task: Task<'a>, mut child: Child) -> Self {
        let said = child.stderr.take().map(|mut stderr| {
            thread::spawn(move || {
                let mut said = Vec::new();
                // What came before a failure to read is better than nothing.
                let _ = stderr.read_to_end(&mut said);
                String::from_utf8_lossy(&said).into_owned()
            })
        });
        Self { task, child, said }
    }
}

/// Takes out one training that has ended, with what is wrong where it ended badly; an error where it was interrupted.
fn one_ended<'a>(
    running: &mut Vec<Training<'a>>,
) -> Result<Option<(Training<'a>, Option<Error>)>, Error> {
    for i in 0..running.len() {
        let Some(status) = running[i]
            .child
            .try_wait()
            .map_err(cannot("wait for a training"))?
        else {
            continue;
        };
        let mut training = running.swap_remove(i);
        if status.success() {
            return Ok(Some((training, None)));
        }
        let folder = training.task.job.folder.clone();
        if status.code() == Some(i32::from(INTERRUPTED)) {
            return Err(JobError::Interrupted { folder }.into());
        }
        let said = training.said.take().and_then(|said| said.join().ok());
        let said = said.unwrap_or_default();
        let said = said.trim().trim_start_matches("siamese: ");
        let failure = JobError::Failed {
            folder,
            how: status.to_string(),
            said: said.to_owned(),
        };
        return Ok(Some((training, Some(failure.into()))));
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
