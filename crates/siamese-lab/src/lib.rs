//! Train, judge and cross-validate a folder of images.

mod begin;
mod compute;
mod crossval;
mod data;
mod error;
mod eval;
mod experiment;
mod jobs;
mod judge;
mod leak;
mod note;
mod picture;
mod recipe_file;
mod run;
mod spread;
mod suggest;
mod sweep;
mod thousands;
mod train;
mod watch;

pub use begin::{Base, trained_people};
pub use compute::{Compute, default_threads};
pub use crossval::{
    Crossval, CrossvalRecord, CrossvalSettings, FinishedCrossval, JudgedCrossval, PooledFigures,
    crossval, fold_jobs, read_crossval, run_all,
};
pub use data::{Checksums, Data, LoadedImages, half_of_what_is_free, load};
pub use error::{
    BeginError, DataError, Error, FileError, JobError, JudgeError, RunError, SuggestError,
    TrainError, explain,
};
pub use eval::{EvalSettings, Evaluation, Judges};
pub use experiment::{Experiment, TestPairs, known_by, people, people_sha256};
pub use jobs::{InProcess, Job, Pool, Progress, Queue, Runner, Task};
pub use judge::{
    Beside, Case, Figures, Images, Intervals, RunRecord, Scored, Subject, Training, distances,
    document, eval_report, health_notes, pooled, rank_1, read_case, run_report, scores,
};
pub use leak::{LeakImages, LeakSide, Leaks, SamePicture};
pub use note::{Lesson, Note};
pub use picture::{Block, Layout, Panel, distance_histograms, loss_curves};
pub use recipe_file::read_recipe;
pub use run::{
    HistoryLine, ReportFiles, RunDir, first_checkpoint, in_a_file_name, model_file, read_distances,
    read_history, write_pairs,
};
pub use spread::Spread;
pub use suggest::{Range, Suggestion, Survey};
pub use sweep::{
    Above, Choice, FnmrAtFmr, InnerEer, InsideRecord, Point, PointFigures, Sweep, SweepBase,
    SweepDocument, SweepLine, SweepOutcome, SweepRecord, SweepSettings,
};
pub use thousands::thousands;
pub use train::{Concluded, Finished, Prepared, Start, TrainSettings, TrainedRun, train};
pub use watch::{Quiet, Watch};
