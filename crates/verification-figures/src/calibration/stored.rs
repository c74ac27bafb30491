//! A calibration as it is read, in today's form and in that of the first galleries.

use serde::Deserialize;

use super::document::{Calibration, FmrPoint, FpirPoint, GroupRates, Made};
use crate::{Direction, Error, Fusion};

#[derive(Deserialize)]
pub(super) struct Stored {
    #[serde(alias = "metric")]
    direction: StoredDirection,
    fusion: Fusion,
    #[serde(alias = "templates_per_person")]
    templates_per_subject: u32,
    made: Option<Made>,
    /// In the first galleries all that was known of how it was made.
    people: Option<u64>,
    comparisons: Vec<FmrPoint>,
    #[serde(default)]
    impostor_tail: Vec<(f64, f64)>,
    #[serde(default)]
    searches: Vec<FpirPoint>,
    #[serde(default)]
    groups: Vec<GroupRates>,
}

/// The first galleries named the metric.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredDirection {
    #[serde(alias = "euclidean")]
    Distance,
    #[serde(alias = "cosine")]
    Similarity,
}

impl TryFrom<Stored> for Calibration {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let made = match (stored.made, stored.people) {
            (Some(made), _) => made,
            (None, Some(people)) => Made::new("not recorded", people),
            (None, None) => {
                return Err(Error::Calibration {
                    what: "nothing says what it was made on".to_owned(),
                });
            }
        };
        let calibration = Self {
            direction: match stored.direction {
                StoredDirection::Distance => Direction::Distance,
                StoredDirection::Similarity => Direction::Similarity,
            },
            fusion: stored.fusion,
            templates_per_subject: stored.templates_per_subject,
            made,
            comparisons: stored.comparisons,
            impostor_tail: stored.impostor_tail,
            searches: stored.searches,
            groups: stored.groups,
        };
        calibration.checked()
    }
}
