//! Trains, judges and cross-validates networks on a folder of images.
//!
//! This is what the command `siamese` is made of, for programs. Nothing here prints, reads flags or decides on exit codes:
//! what happens on the way is a [`Note`] to a [`Watch`], what goes wrong an [`Error`] by subject.
//!
//! | to | use |
//! |---|---|
//! | read a folder of images, and have its pixels | [`Data`] |
//! | divide subjects and draw pairs by a recipe | [`Experiment`], [`TestPairs`] |
//! | know what two sets share | [`Leaks`] |
//! | know what a model, a checkpoint or a recipe holds | [`Inspection`] |
//! | make a model file of a ready network | [`ImportSettings`] |
//! | judge a model on images | [`Evaluation`], whatever computes the model |
//! | judge the trainings of a cross-validation again | [`judge_crossval`] |
//! | tell whether pictures show one subject | [`Verifier`] |
//! | measure which thresholds a model has on strangers | [`calibrate`] |
//! | have a recipe that fits a folder of images | [`Suggestion`] |
//! | read what a run left in its folder | [`RunRecord`], [`read_history`], [`read_distances`] |
#![cfg_attr(
    feature = "train",
    doc = "| train, and go on with what was interrupted | [`train`], or step by step [`Prepared`] |",
    doc = "| train every fold and judge them together | [`crossval`], or step by step [`Crossval`] |",
    doc = "| have one model that learnt from everybody, with the error rates of a cross-validation | [`refit`] |",
    doc = "| compare recipes, and choose without looking at the test | [`Sweep`] |",
    doc = "| run trainings in another way, on other machines for instance | implement [`Runner`] |"
)]
//!
//! Training needs the feature `train`, and with it libtorch; judging does not. A model is judged by what computes it: any
//! [`EmbeddingModel`](siamese_net::EmbeddingModel), or with `train` a model file on libtorch.
#![cfg_attr(
    feature = "train",
    doc = "",
    doc = "```no_run",
    doc = "use std::sync::atomic::AtomicBool;",
    doc = "use siamese_lab::{CrossvalSettings, InProcess, Note, TrainSettings, crossval, read_recipe, train};",
    doc = "",
    doc = "let stop = AtomicBool::new(false);",
    doc = "let mut say = |note: &Note| eprintln!(\"{note}\");",
    doc = "let recipe = read_recipe(\"orl-best\", &[])?;",
    doc = "if let Some(run) = train(&TrainSettings::new(recipe, \"faces\"), &stop, &mut say)? {",
    doc = "    println!(\"EER {:?}, see {}/report.html\", run.record.figures.eer, run.folder.display());",
    doc = "}",
    doc = "let settings = CrossvalSettings::new(\"orl-best\", \"faces\");",
    doc = "if let Some(folds) = crossval(&settings, &InProcess, &stop, &mut say)? {",
    doc = "    println!(\"see {}/report.html\", folds.folder.display());",
    doc = "}",
    doc = "# Ok::<(), siamese_lab::Error>(())",
    doc = "```"
)]

mod begin;
mod calibrate;
mod compute;
mod crossval;
mod data;
mod duplicates;
mod embedded;
mod error;
mod eval;
mod experiment;
mod import;
mod inspect;
#[cfg(feature = "train")]
mod jobs;
mod judge;
mod leak;
mod note;
mod out;
mod percent;
mod picture;
mod recipe_file;
#[cfg(feature = "train")]
mod refit;
mod run;
mod spread;
mod suggest;
#[cfg(feature = "train")]
mod sweep;
mod thousands;
#[cfg(feature = "train")]
mod train;
mod verify;
mod watch;

#[cfg(feature = "train")]
pub use begin::Base;
pub use begin::{expect_strangers, trained_people};
pub use calibrate::{CalibrateFrom, CalibrateSettings, Calibrated, Checked, calibrate};
pub use compute::{Compute, default_threads, instructions};
#[cfg(feature = "train")]
pub use crossval::{
    Crossval, CrossvalSettings, FinishedCrossval, crossval, fold_jobs, read_crossval, run_all,
};
pub use crossval::{CrossvalRecord, JudgedCrossval, PooledFigures, judge_crossval};
pub use data::{
    Checksums, Data, DataSource, HowRead, LeftOut, LoadedImages, SubjectLeft, half_of_what_is_free,
    load,
};
pub use duplicates::{RepeatedPictures, SamePicture, said_of};
pub use error::{
    BadImage, BeginError, CalibrateError, DataError, Error, FileError, ImportError, JobError,
    JudgeError, OutError, PointError, RefitError, RunError, SuggestError, SweepError, TrainError,
    VerifyError, explain,
};
pub use eval::{EvalSettings, Evaluation, Judges};
pub use experiment::{Experiment, TestPairs, known_by, people, people_sha256};
pub use import::{ImportSettings, Imported};
pub use inspect::{InspectedEncoder, InspectedLayer, InspectedOnnx, InspectedProgram, Inspection};
#[cfg(feature = "train")]
pub use jobs::{InProcess, Job, Pool, Progress, Queue, Runner, Shard, Task};
pub use judge::{
    Beside, Case, Figures, Images, Intervals, ReportContext, RunRecord, Scored, Subject, Training,
    document, eval_report, health_notes, pooled, rank_1, read_case, run_report, scores,
};
pub use leak::{LeakImages, LeakReading, LeakSide, Leaks, Repeats};
pub use note::{Lesson, Named, Note};
pub use out::{OutFile, Work};
pub use percent::percent;
pub use picture::{Block, Layout, Panel, distance_histograms, loss_curves};
#[cfg(feature = "train")]
pub use picture::{PreviewSheet, PreviewedNetwork};
pub use recipe_file::read_recipe;
#[cfg(feature = "train")]
pub use refit::{Refit, RefitDocument, RefitSettings, Refitted, refit};
pub use run::{
    BegunRun, HistoryLine, ReportFiles, RunDir, first_checkpoint, in_a_file_name, kept_list,
    list_pairs, model_file, read_distances, read_history,
};
/// What trains and embeds on libtorch.
#[cfg(feature = "train")]
pub use siamese_model as model;
pub use spread::Spread;
pub use suggest::{Range, Suggestion, Survey};
#[cfg(feature = "train")]
pub use sweep::{
    Above, Choice, FnmrAtFmr, InnerEer, InsideRecord, Point, PointFigures, Sweep, SweepBase,
    SweepDocument, SweepEnd, SweepLine, SweepOutcome, SweepRecord, SweepSettings,
};
pub use thousands::thousands;
#[cfg(feature = "train")]
pub use train::{Concluded, Finished, Prepared, Start, TrainSettings, TrainedRun, train};
pub use verify::{ComparedPicture, Seen, Verified, Verifier, is_comparable};
pub use watch::{Quiet, Watch};

#[cfg(all(doctest, feature = "train"))]
#[doc = include_str!("../README.md")]
struct Readme;
