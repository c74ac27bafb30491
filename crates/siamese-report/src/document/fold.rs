//! Folds and the trainings behind them.

use serde::{Deserialize, Serialize};

/// One fold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoldFigures {
    /// Counted from 0.
    pub fold: u64,
    /// Test subjects, by name.
    pub people: Vec<String>,
    /// Comparisons of one subject.
    pub genuine: u64,
    /// Comparisons of two subjects.
    pub impostor: u64,
    /// Equal error rate.
    pub eer: Option<f64>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// The threshold in use.
    pub threshold: f64,
    /// FMR at it.
    pub fmr: Option<f64>,
    /// FNMR at it.
    pub fnmr: Option<f64>,
    /// Accuracy at it.
    pub accuracy: Option<f64>,
}

/// Losses of one training. [`Default`] has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrainingCurve {
    /// `fold 3`, `network 2` or `fold 3, network 2`; empty where there is one training.
    pub name: String,
    /// `[epoch, loss]` of the training pairs.
    pub training: Vec<[f64; 2]>,
    /// `[epoch, loss]` of the validation pairs; may be empty.
    pub validation: Vec<[f64; 2]>,
    /// `[epoch, rate]`: equal error rate of the validation pairs, where it chose the epoch; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_eer: Vec<[f64; 2]>,
    /// The epoch whose weights were judged.
    pub chosen: Option<u32>,
}

/// Something that training health noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthNote {
    /// `collapsed-embeddings`.
    pub name: String,
    /// Whether it is only worth knowing, not a defect.
    pub note: bool,
    /// Where: `fold 3 (epoch 2); fold 5 (epoch 1)`, or `all 8 folds`.
    pub place: String,
    /// The numbers seen, a sentence.
    pub evidence: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
}
