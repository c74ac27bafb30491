//! What comparing two images gives.

use serde::{Deserialize, Serialize};
use verification_figures::{Calibration, Decided};

use crate::model_file::Threshold;
use crate::spec::Distance;

/// The false match rate that two images are decided at where nobody says another: 1 %.
pub const USUAL_FMR: f64 = 0.01;

/// Two images compared by a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Small for alike, in units of the model's metric.
    pub distance: f64,
    /// Large for alike: see [`Distance::similarity`].
    pub similarity: f64,
    /// Whether the images show one subject, at an error rate that was measured on strangers. Absent where the model
    /// holds no calibration for single images: then there is a distance and no decision.
    pub decision: Option<Decided>,
    /// The threshold in the model's file, where it has one. Nobody measured which error rates it has on strangers, so it
    /// is no decision: it says of a distance below it only what its source says.
    pub bare_threshold: Option<Threshold>,
}

impl Comparison {
    /// A distance with what the model says of it, without a decision.
    #[must_use]
    pub fn new(metric: Distance, distance: f64, bare_threshold: Option<Threshold>) -> Self {
        Self {
            distance,
            similarity: metric.similarity(distance),
            decision: None,
            bare_threshold,
        }
    }

    /// The same, decided by a calibration at a false match rate of at most `fmr`, 0..1. A calibration for several templates
    /// of a subject decides nothing on two images.
    #[must_use]
    pub fn decided_by(mut self, calibration: Option<&Calibration>, fmr: f64) -> Self {
        let of_single = calibration.filter(|made| made.templates_per_subject == 1);
        self.decision = of_single.and_then(|made| made.decide(self.distance, fmr));
        self
    }

    /// Whether the distance is below the bare threshold, where there is one.
    #[must_use]
    pub fn is_below_bare_threshold(&self) -> Option<bool> {
        let threshold = self.bare_threshold.as_ref()?;
        Some(self.distance < threshold.value)
    }
}
