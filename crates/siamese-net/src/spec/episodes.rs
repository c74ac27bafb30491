//! Few-shot episodes that judge.

use serde::{Deserialize, Serialize};

/// N-way K-shot episodes, drawn from the subjects of the test: see `verification_figures::Episodes`.
///
/// In place of 2,000 episodes of one image each of up to 20 subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodesSpec {
    /// N, the subjects in an episode.
    pub way: usize,
    /// K, the images that are known of each.
    #[serde(default = "one")]
    pub shot: usize,
    /// Episodes.
    #[serde(default = "two_thousand")]
    pub count: u32,
    /// Every draw derives from it.
    #[serde(default)]
    pub seed: u64,
    /// What all subjects of an episode are in; absent: the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// What all subjects of an episode are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// One group of subjects, such as an alphabet: they are more alike than any others.
    Group,
}

fn one() -> usize {
    1
}

fn two_thousand() -> u32 {
    2000
}
