//! Train, judge and cross-validate a folder of images.

mod begin;
mod data;
mod error;
mod experiment;
mod judge;
mod note;
mod picture;
mod recipe_file;
mod run;
mod spread;
mod suggest;
mod thousands;

pub use begin::{Base, trained_people};
pub use data::{Checksums, Data, LoadedImages, half_of_what_is_free, load};
pub use error::{BeginError, DataError, Error, FileError, JudgeError, RunError, SuggestError};
pub use experiment::{Experiment, TestPairs, known_by, people, people_sha256};
pub use judge::{
    Case, Figures, Images, Intervals, Pooled, RunRecord, Scored, Subject, Training, bootstrap,
    distances, document, eval_report, health_notes, measured, rank_1, read_case, run_report,
    scores,
};
pub use note::Note;
pub use picture::{Block, Layout, Panel, distance_histograms, loss_curves};
pub use recipe_file::read_recipe;
pub use run::{
    HistoryLine, ReportFiles, RunDir, first_checkpoint, model_file, read_distances, read_history,
    write_pairs,
};
pub use spread::Spread;
pub use suggest::{Range, Suggestion, Survey};
pub use thousands::thousands;
