//! An epoch's batches, each readable by its number.

mod pair_batches;
mod subject_batches;

pub use pair_batches::PairBatches;
pub use subject_batches::{SubjectBatchShape, SubjectBatches, TooFewImages};
