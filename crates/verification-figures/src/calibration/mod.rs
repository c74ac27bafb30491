//! Thresholds that somebody measured: what they are, how they are measured, and how decisions are made by them.

mod choose;
mod decide;
mod document;
mod rescale;
#[cfg(feature = "serde")]
mod stored;

pub use choose::{Basis, SearchPoint};
pub use decide::{Decided, Outcome};
pub use document::{Calibration, FmrPoint, FpirPoint, GroupPoint, GroupRates, Made};
