//! Judging trained networks: distances of the test's comparisons, figures on them, and what they are set beside.

mod case;
mod comparisons;
mod document;
mod episodes;
mod figures;
mod health;
mod impostors;
mod map;
mod methods;
mod pictures;
mod record;
mod report;
mod required;

pub use case::{Case, Images, Training};
pub use comparisons::{Scored, pooled, rank_1, scores};
pub use document::{Beside, ReportContext, Subject, document};
pub use figures::{Figures, Intervals};
pub use health::health_notes;
pub(crate) use impostors::impostors;
pub use record::RunRecord;
pub use report::{eval_report, read_case, run_report};
pub(crate) use required::required;
