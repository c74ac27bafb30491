//! What came of the trials of a one-shot test.

use serde::{Deserialize, Serialize};

use super::figure::Measured;

/// Errors of one-shot trials: each compares an item with every class of its run, of which one image is known. It is an error
/// where its own class is not strictly the most alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OneShot {
    /// Classes in a trial; absent where runs differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<u64>,
    /// Trials.
    pub trials: u64,
    /// Trials that went wrong.
    pub errors: u64,
    /// Their share, 0..=1, with its interval over runs.
    pub error_rate: Option<Measured>,
    /// The same with its interval over groups of runs that share their classes, such as those of one alphabet; absent where
    /// nobody says which do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_rate_over_groups: Option<Measured>,
    /// Each run.
    pub runs: Vec<OneShotRun>,
}

/// The errors of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneShotRun {
    /// Its name.
    pub name: String,
    /// What it has in common with other runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Trials.
    pub trials: u64,
    /// Trials that went wrong.
    pub errors: u64,
}

impl OneShot {
    /// Groups of runs, where they are known.
    pub(crate) fn groups(&self) -> usize {
        let mut names: Vec<&str> = self
            .runs
            .iter()
            .filter_map(|run| run.group.as_deref())
            .collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}
