//! What trains and what tests: by subject, by a named protocol or, for the classic recipe, by pair.

mod by_group;
mod enrol_probe;
mod fold;
mod folds;
mod from_folders;
mod from_list;
mod lfw_folds;
mod orl;
mod pairs;
mod protocol;
mod subjects;
mod trials;

pub use enrol_probe::EnrolProbe;
pub use fold::Fold;
pub use pairs::{Leakage, PairSplit};
pub use protocol::Protocol;
pub use subjects::{FoldOrder, SubjectSplit};
pub use trials::{TrialRun, Trials};
