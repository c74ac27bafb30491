//! What came of random and of skilled impostors.

use serde::{Deserialize, Serialize};

use super::figure::{AtTarget, Measured};

/// Figures against impostors of two kinds, where there are forgeries of subjects: a sample is compared with some genuine samples
/// of a subject, its *references*.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Impostors {
    /// References of each subject.
    pub references: u64,
    /// What a comparison with all of them is, in words; absent with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fusion: Option<String>,
    /// Subjects who have so many, and one more to compare with them.
    pub subjects: u64,
    /// Comparisons of a subject's other genuine samples with its references.
    pub genuine: u64,
    /// Shares of these that are rejected at the thresholds in use, 0..=1.
    pub fnmr: Option<f64>,
    /// Each kind.
    pub kinds: Vec<ImpostorFigures>,
}

/// Which impostors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImpostorKind {
    /// Genuine samples of other subjects, who imitate nobody.
    Random,
    /// Forgeries of the subject.
    Skilled,
}

/// Figures of the genuine comparisons against impostors of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImpostorFigures {
    /// Which.
    pub kind: ImpostorKind,
    /// Comparisons with such impostors.
    pub comparisons: u64,
    /// Equal error rate; of several folds at equal FMR in each.
    pub eer: Option<Measured>,
    /// Share of these impostors who are accepted at the thresholds in use, 0..=1.
    pub fmr: Option<f64>,
    /// FNMR where so many of these impostors are accepted.
    pub fnmr_at_fmr: Vec<AtTarget>,
}

impl Impostors {
    /// The figures of a kind.
    pub fn of(&self, kind: ImpostorKind) -> Option<&ImpostorFigures> {
        self.kinds.iter().find(|figures| figures.kind == kind)
    }
}
