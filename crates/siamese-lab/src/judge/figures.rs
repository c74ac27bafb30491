//! The figures of a test in brief: `figures.json` and `--json`.

use crate::error::Result;
use pairgen::{Catalog, PairKind};
use serde::{Deserialize, Serialize};
use verification_figures::{Figure, smallest_supported_rate};

use super::comparisons::{Scored, count, pooled};
use siamese_report::{Impostors, OneShot, RunOutcome, jackknife, one_shot};

/// Biometric figures of one test. A figure that the comparisons do not define is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figures {
    /// What was compared, in words.
    pub test: String,
    /// Whether people of the test were also trained on.
    pub leaks_people: bool,
    /// Share of the genuine test pairs that were trained on, where pairs were split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genuine_pairs_also_trained: Option<f64>,
    /// Test people.
    pub people: usize,
    /// Genuine comparisons.
    pub genuine: usize,
    /// Impostor comparisons.
    pub impostor: usize,
    /// Distance below which two images are said to show the same subject; absent where each fold has its own.
    pub threshold: Option<f64>,
    /// How the threshold was found.
    pub threshold_source: String,
    /// Share of the pairs called genuine that are: the figure the classic recipe calls accuracy.
    pub precision: Option<f64>,
    /// Share of the genuine pairs that are called so.
    pub recall: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Share of all comparisons that are decided right.
    pub accuracy: Option<f64>,
    /// Mean of the shares of genuine and of impostor comparisons that are decided right.
    pub balanced_accuracy: Option<f64>,
    /// Share of impostor comparisons accepted at the threshold.
    pub fmr: Option<f64>,
    /// Share of genuine comparisons rejected at the threshold.
    pub fnmr: Option<f64>,
    /// Where FMR and FNMR are equal; of several folds at equal FMR in each.
    pub eer: Option<f64>,
    /// The distance at which they are; absent where each fold has its own.
    pub eer_threshold: Option<f64>,
    /// The equal error rate in which every subject counts alike, where they have unequal numbers of genuine comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eer_subjects_alike: Option<f64>,
    /// The effective number of test people, `(sum w)^2 / sum w^2`, where `w` is a subject's share of the genuine
    /// comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_people: Option<f64>,
    /// The least cost of likelihood ratios that any calibration reaches, in bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_cllr: Option<f64>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Errors of one-shot trials, where these are what judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_shot: Option<OneShot>,
    /// Random and skilled impostors, each on its own, where there are forgeries of test subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impostors: Option<Impostors>,
    /// 95 % intervals over people.
    pub intervals: Intervals,
    /// What was left out, with counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<String>,
    /// The smallest FMR that so many impostor comparisons can show (rule of three), if they were independent.
    pub smallest_fmr: Option<f64>,
    /// The smallest error rate that so many test people can show (rule of three): the one to count on where no error was
    /// seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_rate_by_people: Option<f64>,
}

/// 95 % intervals over people. Absent where there are too few of them; both ends equal the figure where it is the same
/// whoever is left out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Of [`Figures::eer`].
    pub eer: Option<[f64; 2]>,
    /// Of [`Figures::auc`].
    pub auc: Option<[f64; 2]>,
    /// Of [`Figures::fmr`].
    pub fmr: Option<[f64; 2]>,
    /// Of [`Figures::fnmr`].
    pub fnmr: Option<[f64; 2]>,
    /// Of [`Figures::balanced_accuracy`].
    pub balanced_accuracy: Option<[f64; 2]>,
}

impl Figures {
    /// Figures of the folds' comparisons pooled, each fold decided at its own threshold.
    ///
    /// # Errors
    /// Where a distance is no number.
    pub fn new(
        catalog: &Catalog,
        folds: &[Scored<'_>],
        what: &str,
        threshold_source: &str,
        seed: u64,
    ) -> Result<Self> {
        let pooled = pooled(catalog, folds)?;
        let by_fold = pooled.by_fold();
        let scores = by_fold.scores();
        let at = pooled.decided.scores().confusion_at(0.0)?;
        let eer = scores.eer().ok();
        let alike = siamese_report::is_uneven(by_fold)
            .then(|| by_fold.subjects_alike().ok())
            .flatten();
        let settings = jackknife(pooled.scores.len(), seed);
        let ends = |scores: &verification_figures::LabelledScores, figures: &[Figure]| {
            let found = scores.intervals(figures, &settings).into_iter();
            found
                .map(|interval| interval.ok().map(|interval| [interval.low, interval.high]))
                .collect::<Vec<_>>()
        };
        let of_scores = ends(by_fold, &[Figure::Eer, Figure::Auc]);
        let decided = ends(
            &pooled.decided,
            &[
                Figure::FmrAt(0.0),
                Figure::FnmrAt(0.0),
                Figure::BalancedAccuracyAt(0.0),
            ],
        );
        let outcomes = folds
            .iter()
            .flat_map(|fold| fold.test.outcomes(fold.distances));
        let outcomes: Vec<RunOutcome> = outcomes.collect();
        let first = folds.first();
        let leakage = first.and_then(|fold| fold.test.leakage);
        let impostor = count(folds, PairKind::Impostor);
        Ok(Self {
            test: what.to_owned(),
            leaks_people: folds.iter().any(|fold| fold.test.leaks_people),
            genuine_pairs_also_trained: leakage.and_then(|leakage| leakage.genuine_share()),
            people: pooled.scores.subjects().len(),
            genuine: count(folds, PairKind::Genuine),
            impostor,
            threshold: first
                .map(|fold| fold.threshold)
                .filter(|_| folds.len() == 1),
            threshold_source: threshold_source.to_owned(),
            precision: at.precision().ok(),
            recall: at.recall().ok(),
            f1: at.f1().ok(),
            accuracy: at.accuracy().ok(),
            balanced_accuracy: at.balanced_accuracy().ok(),
            fmr: at.fmr().ok(),
            fnmr: at.fnmr().ok(),
            eer: eer.map(|eer| eer.rate),
            eer_threshold: eer.map(|eer| eer.threshold).filter(|_| folds.len() == 1),
            eer_subjects_alike: alike.map(|alike| alike.eer()),
            effective_people: by_fold.effective_subjects().ok(),
            min_cllr: scores.min_cllr().ok(),
            auc: scores.auc().ok(),
            one_shot: one_shot(&outcomes, &settings),
            impostors: None,
            intervals: Intervals {
                eer: of_scores[0],
                auc: of_scores[1],
                fmr: decided[0],
                fnmr: decided[1],
                balanced_accuracy: decided[2],
            },
            exclusions: exclusions(folds),
            smallest_fmr: (impostor > 0).then(|| smallest_supported_rate(impostor as u64)),
            smallest_rate_by_people: Some(by_fold.genuine_subjects() as u64)
                .filter(|people| *people > 0)
                .map(|people| smallest_supported_rate(people).min(1.0)),
        })
    }
}

/// What the folds' tests leave out, each said once.
fn exclusions(folds: &[Scored<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for exclusion in folds.iter().flat_map(|fold| &fold.test.exclusions) {
        if !all.contains(exclusion) {
            all.push(exclusion.clone());
        }
    }
    all
}
