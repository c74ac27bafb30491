//! Judging trained networks: distances of the test's comparisons, figures on them, and what they are set beside.

#[cfg(feature = "train")]
mod case;
mod comparisons;
#[cfg(feature = "train")]
mod document;
mod figures;
#[cfg(feature = "train")]
mod health;
#[cfg(feature = "train")]
mod map;
#[cfg(feature = "train")]
mod methods;
#[cfg(feature = "train")]
mod pictures;
mod record;
#[cfg(feature = "train")]
mod report;

#[cfg(feature = "train")]
pub use case::{Case, Images, Training, distances};
pub use comparisons::{Scored, pooled, rank_1, scores};
#[cfg(feature = "train")]
pub use document::{Beside, Subject, document};
pub use figures::{Figures, Intervals};
#[cfg(feature = "train")]
pub use health::health_notes;
pub use record::RunRecord;
#[cfg(feature = "train")]
pub use report::{eval_report, read_case, run_report};
