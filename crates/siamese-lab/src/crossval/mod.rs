//! One training for each fold of a protocol that divides subjects, judged together.
//!
//! [`crossval`] does all of it. A program that wants to stop one, or to say what goes on between its steps, takes them one
//! by one: [`Crossval::new`], [`Crossval::train`], [`Crossval::judge`].

mod checks;
mod folds;
mod judged;
mod record;
mod run;
mod settings;

pub use folds::{fold_jobs, run_all};
pub use judged::{JudgedCrossval, read_crossval};
pub use record::{CrossvalRecord, PooledFigures};
pub use run::{Crossval, FinishedCrossval, crossval};
pub use settings::CrossvalSettings;
