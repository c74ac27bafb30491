//! People and their embeddings: exact search in memory, and decisions at a calibrated error rate.

mod error;
mod fusion;
mod index;
mod metric;

pub use error::Error;
pub use fusion::Fusion;
pub use index::{Hit, InstructionSet, OwnerHit, Selection, VectorIndex};
pub use metric::Metric;
