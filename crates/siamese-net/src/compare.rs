//! What comparing two images gives.

use serde::{Deserialize, Serialize};

use crate::model_file::Threshold;
use crate::spec::Distance;

/// Two images compared by a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Small for alike, in units of the model's metric.
    pub distance: f64,
    /// Large for alike: see [`Distance::similarity`].
    pub similarity: f64,
    /// Whether the images show one subject, at an error rate that was measured on strangers. Absent where the model
    /// holds no calibration: then there is a distance and no decision.
    pub decision: Option<Decision>,
    /// The threshold in the model's file, where it has one. Nobody measured which error rates it has on strangers, so it
    /// is no decision: it says of a distance below it only what its source says.
    pub bare_threshold: Option<Threshold>,
}

/// A decision at a measured error rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Decision {
    /// Whether the two images are taken to show one subject.
    pub genuine: bool,
    /// The false match rate, 0..1, that was measured at the threshold, on subjects who were not trained on.
    pub fmr: f64,
    /// The distance below which images are taken to show one subject.
    pub threshold: f64,
}

impl Comparison {
    /// A distance with what the model says of it. No model holds a calibration yet, so there is no decision.
    #[must_use]
    pub fn new(metric: Distance, distance: f64, bare_threshold: Option<Threshold>) -> Self {
        Self {
            distance,
            similarity: metric.similarity(distance),
            decision: None,
            bare_threshold,
        }
    }

    /// Whether the distance is below the bare threshold, where there is one.
    #[must_use]
    pub fn is_below_bare_threshold(&self) -> Option<bool> {
        let threshold = self.bare_threshold.as_ref()?;
        Some(self.distance < threshold.value)
    }
}
