//! Where the decision of a model lies.

use serde::{Deserialize, Serialize};

/// Two images show the same subject where their distance is below `value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// In units of the recipe's distance.
    pub value: f64,
    /// How it was found, in words.
    pub source: String,
}
