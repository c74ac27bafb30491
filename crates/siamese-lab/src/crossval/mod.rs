//! One training for each fold of a protocol that divides subjects, judged together.
//!
//! [`crossval`] does all of it. A program that wants to stop one, or to say what goes on between its steps, takes them one
//! by one: [`Crossval::new`], [`Crossval::train`], [`Crossval::judge`].

#[cfg(feature = "train")]
mod checks;
#[cfg(feature = "train")]
mod folds;
mod judged;
mod record;
#[cfg(feature = "train")]
mod run;
#[cfg(feature = "train")]
mod settings;

#[cfg(feature = "train")]
pub use folds::{fold_jobs, run_all};
#[cfg(feature = "train")]
pub use judged::read_crossval;
#[cfg(feature = "train")]
pub(crate) use judged::trained_folds;
pub use judged::{JudgedCrossval, judge_crossval};
#[cfg(feature = "train")]
pub(crate) use record::fold_name;
pub use record::{CrossvalRecord, PooledFigures};
#[cfg(feature = "train")]
pub use run::{Crossval, FinishedCrossval, crossval};
#[cfg(feature = "train")]
pub use settings::CrossvalSettings;
