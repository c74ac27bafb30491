//! Thresholds that somebody measured: what they are, how they are measured, and how decisions are made by them.

mod checked;
mod choose;
mod decide;
mod digest;
mod document;
mod measure;
mod rescale;
mod search;
mod settings;
#[cfg(feature = "serde")]
mod stored;
mod tail;

pub use choose::{Basis, SearchPoint};
pub use decide::{Decided, Outcome};
pub use document::{Calibration, FmrPoint, FpirPoint, GroupPoint, GroupRates, Made};
pub use settings::CalibrationSettings;
