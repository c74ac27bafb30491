//! Figures within a group of subjects.

use serde::{Deserialize, Serialize};

/// What was judged, within one group of subjects: an alphabet, a family, a site. Only comparisons of two images of the group
/// count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupFigures {
    /// Its name.
    pub name: String,
    /// Test subjects in it.
    pub people: u64,
    /// Comparisons of one subject.
    pub genuine: u64,
    /// Comparisons of two subjects.
    pub impostor: u64,
    /// Equal error rate; of several folds at equal FMR in each.
    pub eer: Option<f64>,
    /// FMR at the thresholds in use.
    pub fmr: Option<f64>,
    /// FNMR at them.
    pub fnmr: Option<f64>,
}
