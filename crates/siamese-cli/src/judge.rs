//! Figures of a set of distances, and how they are shown.

use anyhow::Result;
use pairgen::{PairKind, PairSet};
use serde::{Deserialize, Serialize};
use siamese_model::{Distance, Encoder, ImageStack, embed};
use verification::{Direction, Scores};

use crate::experiment::{TestPairs, thousands};

/// Biometric figures of one test. A figure that the comparisons do not define is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// What was compared, in words.
    pub(crate) test: String,
    /// Whether people of the test were also trained on.
    pub(crate) leaks_people: bool,
    /// Share of the genuine test pairs that were trained on, where pairs were split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) genuine_pairs_also_trained: Option<f64>,
    pub(crate) genuine: usize,
    pub(crate) impostor: usize,
    /// Distance below which two images are said to show the same subject.
    pub(crate) threshold: f64,
    pub(crate) threshold_source: String,
    /// Share of the pairs called genuine that are: the figure the classic recipe calls accuracy.
    pub(crate) precision: Option<f64>,
    pub(crate) recall: Option<f64>,
    pub(crate) accuracy: Option<f64>,
    pub(crate) balanced_accuracy: Option<f64>,
    pub(crate) fmr: Option<f64>,
    pub(crate) fnmr: Option<f64>,
    pub(crate) eer: Option<f64>,
    pub(crate) eer_threshold: Option<f64>,
    pub(crate) auc: Option<f64>,
}

impl Figures {
    /// Figures of distances at a threshold.
    pub(crate) fn new(
        test: &TestPairs,
        distances: &[f32],
        threshold: f64,
        threshold_source: &str,
    ) -> Result<Self> {
        let scores = scores(&test.pairs, distances)?;
        let at = scores.confusion_at(threshold)?;
        let eer = scores.eer().ok();
        Ok(Self {
            test: test.what.clone(),
            leaks_people: test.leaks_people,
            genuine_pairs_also_trained: test.leakage.and_then(|leakage| leakage.genuine_share()),
            genuine: test.pairs.count(PairKind::Genuine),
            impostor: test.pairs.count(PairKind::Impostor),
            threshold,
            threshold_source: threshold_source.to_owned(),
            precision: at.precision().ok(),
            recall: at.recall().ok(),
            accuracy: at.accuracy().ok(),
            balanced_accuracy: at.balanced_accuracy().ok(),
            fmr: at.fmr().ok(),
            fnmr: at.fnmr().ok(),
            eer: eer.map(|eer| eer.rate),
            eer_threshold: eer.map(|eer| eer.threshold),
            auc: scores.auc().ok(),
        })
    }

    /// The figures as lines for a person.
    pub(crate) fn text(&self) -> String {
        let percent = |value: Option<f64>| match value {
            Some(value) => format!("{:.2} %", 100.0 * value),
            None => "undefined: one kind of pair is missing, or nothing was accepted".to_owned(),
        };
        let mut lines = vec![
            format!("judged on {}", self.test),
            format!(
                "  comparisons        {} genuine, {} impostor",
                thousands(self.genuine as u64),
                thousands(self.impostor as u64)
            ),
            format!("  EER                {}", percent(self.eer)),
            match self.auc {
                Some(auc) => format!("  AUC                {auc:.4}"),
                None => format!("  AUC                {}", percent(None)),
            },
            format!(
                "at distance < {:.4} ({})",
                self.threshold, self.threshold_source
            ),
            format!(
                "  FMR                {}  (strangers accepted)",
                percent(self.fmr)
            ),
            format!(
                "  FNMR               {}  (right people rejected)",
                percent(self.fnmr)
            ),
            format!("  accuracy           {}", percent(self.accuracy)),
            format!("  balanced accuracy  {}", percent(self.balanced_accuracy)),
            format!("  precision          {}", percent(self.precision)),
        ];
        if self.leaks_people {
            let share = match self.genuine_pairs_also_trained {
                Some(share) => format!(
                    "; {:.0} % of the genuine pairs are themselves training pairs",
                    100.0 * share
                ),
                None => String::new(),
            };
            lines.push(format!(
                "These people were trained on{share}: the figures say how well faces are remembered,\n\
                 not how well strangers are told apart. For that use --set protocol.name=subjects-8-fold."
            ));
        }
        lines.join("\n")
    }
}

/// Distances of a pair set as scores.
pub(crate) fn scores(pairs: &PairSet, distances: &[f32]) -> Result<Scores> {
    let of = |wanted: PairKind| -> Vec<f32> {
        let both = distances.iter().zip(pairs.kinds());
        both.filter(|(_, kind)| **kind == wanted)
            .map(|(distance, _)| *distance)
            .collect()
    };
    Ok(Scores::new(
        Direction::Distance,
        of(PairKind::Genuine),
        of(PairKind::Impostor),
    )?)
}

/// The distance of every pair; each distinct image is embedded once.
pub(crate) fn distances(
    encoder: &Encoder,
    images: &ImageStack,
    pairs: &PairSet,
    distance: Distance,
) -> Result<Vec<f32>> {
    let mut wanted: Vec<u32> = pairs.a().iter().chain(pairs.b()).copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let numbers: Vec<i64> = wanted.iter().map(|&n| i64::from(n)).collect();
    let mut row = vec![0i64; images.len()];
    for (i, &number) in wanted.iter().enumerate() {
        row[number as usize] = i as i64;
    }
    let embeddings = embed(encoder, images, &numbers)?;
    let rows = |side: &[u32]| -> Vec<i64> { side.iter().map(|&n| row[n as usize]).collect() };
    Ok(distance.of_pairs(&embeddings, &rows(pairs.a()), &rows(pairs.b()))?)
}
