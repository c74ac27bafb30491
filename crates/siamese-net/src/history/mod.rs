//! What a training leaves behind: its epochs, and what is found in them.

mod epoch;
mod finding;
mod health;
mod rules;

pub use epoch::EpochRecord;
pub use finding::{Finding, FindingKind, Severity, not_finite};
pub use health::{EmbeddingHealth, Reversal};
pub use rules::findings;
