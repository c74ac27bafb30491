//! Folders of runs that are not what they must be.

use std::path::PathBuf;

/// The folder of a run is not what it must be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The folder to fill holds a finished run.
    #[error("{} holds a finished run: choose another --out, or replace it with --force", path.display())]
    HoldsFinished {
        /// The folder.
        path: PathBuf,
    },

    /// The folder to fill holds an unfinished run.
    #[error("{0} holds an unfinished run: go on with --resume {0}, or replace it with --force", path.display())]
    HoldsUnfinished {
        /// The folder.
        path: PathBuf,
    },

    /// There is no folder of a run to go on with.
    #[error("{} is not the folder of a run: there is nothing to resume", path.display())]
    NoFolder {
        /// What was given.
        path: PathBuf,
    },

    /// The run to go on with is finished.
    #[error(
        "the run in {0} is finished: there is nothing to resume. For more epochs say how many in all: --resume {0} \
         --set train.epochs=N",
        path.display()
    )]
    NothingLeft {
        /// The folder.
        path: PathBuf,
    },

    /// The run cannot have so few epochs.
    #[error(
        "{} has had {done} epochs, and train.epochs={epochs} is the number of all together: give a larger one",
        path.display()
    )]
    EpochsDone {
        /// The folder.
        path: PathBuf,
        /// Epochs that were trained.
        done: u32,
        /// Epochs that were asked for.
        epochs: u32,
    },

    /// The learning rates of the run depend on how many epochs it has.
    #[error(
        "{0} cannot have another number of epochs: by its schedule every learning rate depends on how many there are in \
         all. Train anew, or begin a new run with its weights: --init {0}",
        path.display()
    )]
    FixedLength {
        /// The folder.
        path: PathBuf,
    },

    /// The run was ended by its recipe's patience.
    #[error(
        "{} ended after {epochs} epochs, because train.patience was at its end: more epochs would change nothing",
        path.display()
    )]
    OutOfPatience {
        /// The folder.
        path: PathBuf,
        /// Epochs that were trained.
        epochs: u32,
    },

    /// The recipe in the folder is not the one that was trained.
    #[error(
        "{} was changed since the run began, and a run goes on with the recipe it began with: put it back, or train \
         the changed recipe into another folder{more_epochs}. Changed:{}",
        path.display(),
        changes.iter().map(|change| format!("\n  {change}")).collect::<String>(),
        more_epochs = more_epochs(changes)
    )]
    Edited {
        /// The file.
        path: PathBuf,
        /// What differs, a line each.
        changes: Vec<String>,
    },

    /// Nobody said where the images of the run are.
    #[error(
        "{} does not say where its images are, because an older version began it: say it with --data",
        path.display()
    )]
    NoData {
        /// The folder.
        path: PathBuf,
    },

    /// The run's images are no longer where they were.
    #[error(
        "the images of {} were in {}, where there is nothing now: say where they are with --data",
        path.display(), data.display()
    )]
    DataMoved {
        /// The folder of the run.
        path: PathBuf,
        /// Where they were.
        data: PathBuf,
    },

    /// The run to go on with was never begun.
    #[error(
        "{} has no checkpoint.safetensors, so there is nothing to resume: train into it again",
        path.display()
    )]
    NoCheckpoint {
        /// The folder.
        path: PathBuf,
    },

    /// The folder holds no finished run.
    #[error(
        "{0} holds no finished run: train into it first, or go on with siamese train --resume {0}",
        path.display()
    )]
    NotFinished {
        /// The folder.
        path: PathBuf,
    },

    /// Another process writes into the folder.
    #[error(
        "another training is writing into {}: wait until it ends, or choose another folder with --out",
        path.display()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
    },

    /// An unfinished run has no model yet.
    #[error(
        "{0} holds an unfinished run and no model.safetensors yet: finish it with siamese train --resume {0}",
        path.display()
    )]
    NoModelYet {
        /// The folder.
        path: PathBuf,
    },

    /// The folder holds no model.
    #[error(
        "{} holds no model.safetensors: give a model file, or the folder of a run",
        path.display()
    )]
    NoModel {
        /// The folder.
        path: PathBuf,
    },

    /// A list of scores is shorter than the test.
    #[error("{} ends after {found} of {expected} pairs: {CHANGED}", path.display())]
    ScoresEnd {
        /// The list.
        path: PathBuf,
        /// Lines of pairs in it.
        found: usize,
        /// Pairs of the test.
        expected: usize,
    },

    /// A line of a list of scores is not that of the test's pair.
    #[error(
        "{}, line {line}: expected the distance of {a} and {b}, found `{found}`: {CHANGED}",
        path.display()
    )]
    ScoresLine {
        /// The list.
        path: PathBuf,
        /// Counted from 1, the head included.
        line: usize,
        /// One image of the test's pair.
        a: String,
        /// The other.
        b: String,
        /// The line.
        found: String,
    },

    /// A list of scores is longer than the test.
    #[error("{} goes on after {expected} pairs: {CHANGED}", path.display())]
    ScoresGoOn {
        /// The list.
        path: PathBuf,
        /// Pairs of the test.
        expected: usize,
    },
}

const CHANGED: &str = "the file was changed since the training; train again into that folder";

/// What to add where epochs are among the changes.
fn more_epochs(changes: &[String]) -> &'static str {
    match changes
        .iter()
        .any(|change| change.starts_with("train.epochs"))
    {
        true => ". Another number of epochs is said with --set train.epochs=N",
        false => "",
    }
}
