//! What was compared, and how well each method did.

use serde::{Deserialize, Serialize};
use verification_figures::Histogram;

use super::figure::{AtTarget, Measured};
use super::one_shot::OneShot;

/// Something that compares images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Method {
    /// Short: `eigenfaces`.
    pub name: String,
    /// One sentence.
    pub about: String,
    /// Its place in the comparison.
    pub role: Role,
    /// Its figures, or why there are none.
    pub outcome: Outcome,
}

impl Method {
    /// A method and what came of judging it.
    pub fn new(
        name: impl Into<String>,
        about: impl Into<String>,
        role: Role,
        outcome: Outcome,
    ) -> Method {
        Method {
            name: name.into(),
            about: about.into(),
            role,
            outcome,
        }
    }

    /// Its figures, where it could be judged.
    pub fn figures(&self) -> Option<&MethodFigures> {
        match &self.outcome {
            Outcome::Figures(figures) => Some(figures),
            Outcome::Unavailable(_) => None,
        }
    }
}

/// The place of a method in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// What the report is about: the trained network.
    Judged,
    /// The same network as it was before training.
    Untrained,
    /// A method without a network, or another one to compare with.
    Classical,
}

/// The figures of a method, or why there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was judged.
    Figures(Box<MethodFigures>),
    /// It could not be.
    Unavailable(String),
}

/// Figures of one method over all comparisons, pooled over folds. [`Default`] has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MethodFigures {
    /// Equal error rate, 0..=1.
    pub eer: Option<Measured>,
    /// Area under the ROC curve, 0..=1.
    pub auc: Option<Measured>,
    /// Separation of the classes in standard deviations.
    pub d_prime: Option<Measured>,
    /// FNMR at wanted FMRs, the most lenient first.
    pub fnmr_at_fmr: Vec<AtTarget>,
    /// Share of the probes whose subject is the most alike of the gallery.
    pub rank_1: Option<Measured>,
    /// Subjects in the smallest gallery that was searched.
    #[serde(default)]
    pub enrolled: Option<u64>,
    /// FNIR at wanted FPIRs, the most lenient first (open-set identification).
    pub fnir_at_fpir: Vec<AtTarget>,
    /// Few-shot episodes.
    pub few_shot: Option<FewShot>,
    /// The trials of a one-shot test, where that is what judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_shot: Option<OneShot>,
    /// `[fmr, fnmr]` of the operating points, the strictest first: the corners of the staircase.
    pub det: Vec<[f64; 2]>,
    /// Share found among the first k, from k = 1.
    pub cmc: Vec<f64>,
    /// How the scores lie.
    pub histogram: Shares,
    /// Its EER less the judged method's, on the same comparisons; absent for the judged method.
    pub eer_above_judged: Option<Measured>,
    /// The probability of such a difference of EER by chance, by Student's distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eer_above_judged_p: Option<f64>,
    /// Its rank-1 rate less the judged method's, on the same probes; absent for the judged method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_1_above_judged: Option<Measured>,
    /// Its FNIR less the judged method's, on the same probes; empty for the judged method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fnir_above_judged: Vec<AboveAtTarget>,
    /// Cost of its log-likelihood ratios in bits, calibrated on the validation scores of each fold; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cllr: Option<f64>,
    /// The part of that cost that no calibration takes away, in bits: 0 is perfect, 1 says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_cllr: Option<f64>,
    /// Rates in which every subject counts alike, where subjects have unequal numbers of genuine comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects_alike: Option<SubjectsAlike>,
}

/// A difference where another rate is held at a target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AboveAtTarget {
    /// The rate that is held, 0..1.
    pub target: f64,
    /// The difference.
    pub above: Measured,
}

/// Error rates in which the genuine comparisons of each subject together weigh alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectsAlike {
    /// Equal error rate.
    pub eer: f64,
    /// `[FMR, FNMR]` at the wanted FMRs that the comparisons can show.
    pub fnmr_at_fmr: Vec<[f64; 2]>,
}

/// Accuracy of N-way K-shot episodes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FewShot {
    /// Subjects in an episode.
    pub ways: u64,
    /// Images known of each.
    pub shots: u64,
    /// Whether all subjects of an episode are in one group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub within_group: bool,
    /// Share of the episodes that were right.
    pub accuracy: Measured,
}

/// Shares of the genuine and the impostor scores in equal steps: a [`Histogram`] of classes whose sizes do not matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// The lower end of the first and the upper end of the last step.
    pub range: [f64; 2],
    /// Share of the genuine scores in each step; empty where there are none.
    pub genuine: Vec<f64>,
    /// Share of the impostor scores in each step; empty where there are none.
    pub impostor: Vec<f64>,
}

impl Default for Shares {
    /// None, from 0 to 1.
    fn default() -> Shares {
        Shares {
            range: [0.0, 1.0],
            genuine: Vec::new(),
            impostor: Vec::new(),
        }
    }
}

impl From<&Histogram> for Shares {
    fn from(histogram: &Histogram) -> Shares {
        let shares = |counts: &[u64]| -> Vec<f64> {
            let total: u64 = counts.iter().sum();
            match total {
                0 => Vec::new(),
                _ => counts
                    .iter()
                    .map(|&count| count as f64 / total as f64)
                    .collect(),
            }
        };
        match histogram.edges[..] {
            [low, .., high] => Shares {
                range: [low, high],
                genuine: shares(&histogram.genuine),
                impostor: shares(&histogram.impostor),
            },
            _ => Shares::default(),
        }
    }
}
