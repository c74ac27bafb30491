//! What a run says of its epochs.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use siamese_net::EpochRecord;

/// A line of `history.jsonl`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryLine {
    /// Which of several networks it speaks of, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<usize>,
    /// What the training says of the epoch.
    #[serde(flatten)]
    pub record: EpochRecord,
    /// Wall time of the epoch, validation included; absent where a crash lost it.
    pub seconds: Option<f64>,
    /// Images embedded for training in each second of it.
    pub images_per_second: Option<f64>,
}

/// The lines of a run's `history.jsonl`; `None` where there is no such file, or one that is damaged.
pub fn read_history(folder: &Path) -> Option<Vec<HistoryLine>> {
    let text = fs::read_to_string(folder.join("history.jsonl")).ok()?;
    text.lines()
        .map(|line| serde_json::from_str(line).ok())
        .collect()
}
