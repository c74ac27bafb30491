//! The folder of a run, and what it holds.

mod begun;
mod files;
mod history;
mod lock;
mod report_files;
mod scores;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use siamese_net::{EpochRecord, Recipe, clear_unfinished, is_kept_program, write_atomically};

use crate::error::{Error, FileError, RunError, make_folder, remove};
pub use begun::BegunRun;
pub(crate) use files::run_files;
use files::{checkpoint, loss_plot, protocol_list};
pub use files::{first_checkpoint, in_a_file_name, kept_list, model_file};
pub use history::{HistoryLine, read_history};
pub(crate) use lock::FolderLock;
pub use report_files::ReportFiles;
pub use scores::{list_pairs, read_distances};

/// A folder with `run.json`, `recipe.toml`, `checkpoint.safetensors`, `history.jsonl`, and at the end the models, figures, scores
/// and plots.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    /// Locked while the run is written, so that no second training writes over it; absent where another process, which trains
    /// together with this one, writes it.
    _lock: Option<FolderLock>,
}

impl RunDir {
    /// A folder to fill. One that holds a run is refused, unless it is to be replaced.
    ///
    /// # Errors
    /// Where the folder cannot be made, another process writes into it, or it holds a run that is to stay.
    pub fn create(path: &Path, replace: bool) -> Result<Self, Error> {
        make_folder(path)?;
        let lock = FolderLock::to_write(path)?;
        Self::expect_room(path, replace)?;
        let run = Self::locked(path, lock);
        // Only what a run writes is removed. Anything else in the folder belongs to the user.
        for file in run_files(path) {
            remove(&file)?;
        }
        Ok(run)
    }

    /// Fails where a folder holds a run, unless it is to be replaced.
    ///
    /// # Errors
    /// [`RunError::HoldsFinished`] and [`RunError::HoldsUnfinished`].
    pub fn expect_room(path: &Path, replace: bool) -> Result<(), Error> {
        let found = match replace {
            false if path.join("figures.json").exists() => {
                RunError::HoldsFinished { path: path.into() }
            }
            false if first_checkpoint(path).is_some() => {
                RunError::HoldsUnfinished { path: path.into() }
            }
            _ => return Ok(()),
        };
        Err(found.into())
    }

    /// The folder of a run that is there and not finished; with `lengthen` it may be.
    ///
    /// # Errors
    /// Where it holds no run, or a finished one, or another process writes into it.
    pub fn open(path: &Path, lengthen: bool) -> Result<Self, Error> {
        if !path.is_dir() {
            return Err(RunError::NoFolder { path: path.into() }.into());
        }
        let run = Self::locked(path, FolderLock::to_write(path)?);
        if run.figures().exists() && !lengthen {
            return Err(RunError::NothingLeft { path: path.into() }.into());
        }
        if first_checkpoint(path).is_none() {
            return Err(RunError::NoCheckpoint { path: path.into() }.into());
        }
        clear_unfinished(path);
        Ok(run)
    }

    /// Makes a finished run one that is under way: what judged it is removed.
    ///
    /// # Errors
    /// Where a file cannot be removed.
    pub fn reopen(&self) -> Result<(), Error> {
        remove(&self.figures())?;
        for file in ReportFiles::of(&self.path).all() {
            remove(&file)?;
        }
        Ok(())
    }

    /// The folder of a run that is finished, to be read by any number of processes.
    ///
    /// # Errors
    /// Where it holds no finished run.
    pub fn finished(path: &Path) -> Result<Self, Error> {
        if !path.join("figures.json").exists() {
            return Err(RunError::NotFinished { path: path.into() }.into());
        }
        Ok(Self::locked(path, FolderLock::to_share(path)?))
    }

    /// The folder of a run that another process writes, which trains together with this one.
    #[cfg(feature = "train")]
    pub(crate) fn of_another(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            _lock: None,
        }
    }

    fn locked(path: &Path, lock: FolderLock) -> Self {
        Self {
            path: path.to_path_buf(),
            _lock: Some(lock),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The resolved recipe.
    pub fn recipe(&self) -> PathBuf {
        self.path.join("recipe.toml")
    }

    /// The state of the only network, or of that of several.
    pub fn checkpoint(&self, network: Option<usize>) -> PathBuf {
        checkpoint(&self.path, network)
    }

    /// The model of the chosen weights.
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// A copy of the model that the training began with.
    pub fn init(&self) -> PathBuf {
        self.path.join("init.safetensors")
    }

    /// A copy of the list that divides the subjects, where the protocol is one.
    pub fn list(&self) -> PathBuf {
        protocol_list(&self.path)
    }

    /// A line of JSON for each epoch of each network.
    pub fn history(&self) -> PathBuf {
        self.path.join("history.jsonl")
    }

    /// Written last: where it is, the run is complete.
    pub fn figures(&self) -> PathBuf {
        self.path.join("figures.json")
    }

    /// Every pair of the test with its distance.
    pub fn scores(&self) -> PathBuf {
        self.path.join("scores.csv")
    }

    /// Weights that the recipe did not choose, by the name of the choice.
    pub fn other_model(&self, which: &str) -> PathBuf {
        self.path.join(format!("model-{which}.safetensors"))
    }

    /// The loss curves of the only network, or of one of several; `ending` is `svg` or `png`.
    pub fn loss_plot(&self, network: Option<usize>, ending: &str) -> PathBuf {
        loss_plot(&self.path, network, ending)
    }

    /// Copies the recipe's ready networks into the folder, removes those that a run which was replaced here has
    /// left, and gives the recipe that names the copies.
    ///
    /// # Errors
    /// Where a program cannot be read or written.
    pub fn keep_programs(&self, recipe: &Recipe) -> Result<Recipe, Error> {
        let recipe = recipe.keep_programs(&self.path)?;
        // One that goes on has left nothing, and may begin networks with a model whose program is another.
        if first_checkpoint(&self.path).is_none() {
            self.forget_programs_but(&recipe)?;
        }
        Ok(recipe)
    }

    fn forget_programs_but(&self, recipe: &Recipe) -> Result<(), Error> {
        let unlisted = |source| FileError::List {
            path: self.path.clone(),
            source,
        };
        for entry in fs::read_dir(&self.path).map_err(unlisted)? {
            let path = entry.map_err(unlisted)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let kept = name.is_some_and(is_kept_program);
            if kept && !recipe.programs().any(|(_, file)| Path::new(file) == path) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The lines of `history.jsonl` that can be read: a crash may have left half of one.
    pub fn read_history(&self) -> Vec<HistoryLine> {
        let text = fs::read_to_string(self.history()).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Makes `history.jsonl` agree with the epochs in the checkpoints: a crash may have lost the last line, or left
    /// half of it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn mend_history(&self, records: &[(Option<usize>, EpochRecord)]) -> Result<(), Error> {
        let known = self.read_history();
        let mut text = String::new();
        for (network, record) in records {
            let line = known
                .iter()
                .find(|line| line.network == *network && line.record == *record)
                .cloned()
                .unwrap_or(HistoryLine {
                    network: *network,
                    record: record.clone(),
                    seconds: None,
                    images_per_second: None,
                });
            text.push_str(
                &serde_json::to_string(&line).map_err(|error| Error::build("history", error))?,
            );
            text.push('\n');
        }
        Ok(write_atomically(&self.history(), text.as_bytes())?)
    }

    /// Adds a line to `history.jsonl`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append_history(&self, line: &HistoryLine) -> Result<(), Error> {
        let path = self.history();
        let write = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&path)?;
            let text = serde_json::to_string(line)?;
            file.write_all(format!("{text}\n").as_bytes())
        };
        Ok(write().map_err(|source| FileError::Write {
            path: path.clone(),
            source,
        })?)
    }
}
