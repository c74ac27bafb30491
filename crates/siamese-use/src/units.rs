//! Scores of a gallery as distances of a model, and back.

use gallery::Metric;
use siamese_net::Distance;
use verification_figures::{Calibration, Direction};

use crate::error::{Error, Result};

/// In which units a model's distances are, where a gallery has cosines or Euclidean distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units(Distance);

impl Units {
    /// Those of a model that compares by `distance`.
    ///
    /// # Errors
    /// [`Error::Metric`] for L1, by which no gallery searches.
    pub fn of(distance: Distance) -> Result<Self> {
        match distance {
            Distance::L1 => Err(Error::Metric {
                metric: distance.name(),
            }),
            distance => Ok(Self(distance)),
        }
    }

    /// What a gallery of the model's vectors compares by.
    #[must_use]
    pub fn metric(self) -> Metric {
        match self.0 {
            Distance::Cosine => Metric::Cosine,
            _ => Metric::Euclidean,
        }
    }

    /// Name of the model's distance.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The model's distance, small for alike, of a gallery's score.
    #[must_use]
    pub fn distance(self, score: f64) -> f64 {
        match self.0 {
            Distance::Cosine => 1.0 - score,
            Distance::SquaredEuclidean => score * score,
            _ => score,
        }
    }

    /// The model's similarity, large for alike, of a gallery's score.
    #[must_use]
    pub fn similarity(self, score: f64) -> f64 {
        self.0.similarity(self.distance(score))
    }

    /// A calibration of the model's distances as one of a gallery's scores.
    ///
    /// # Errors
    /// [`Error::Fusion`] for the relative fusion, and for squared distances that were fused by a mean; [`Error::Calibration`] where the calibration is not
    /// one of distances.
    pub fn for_gallery(self, calibration: Calibration) -> Result<Calibration> {
        let direction = match self.metric() {
            Metric::Cosine => Direction::Similarity,
            Metric::Euclidean => Direction::Distance,
        };
        if calibration.direction != Direction::Distance {
            return Err(verification_figures::Error::Calibration {
                what: "it is for similarities, and a model's is for distances".to_owned(),
            }
            .into());
        }
        match (self.0, calibration.fusion) {
            (_, fusion @ gallery::Fusion::Relative) => Err(Error::Fusion { fusion }),
            (Distance::Cosine, _) => {
                Ok(calibration.rescaled(direction, |distance| 1.0 - distance)?)
            }
            (Distance::SquaredEuclidean, gallery::Fusion::Best) => {
                Ok(calibration.rescaled(direction, |square| square.max(0.0).sqrt())?)
            }
            (Distance::SquaredEuclidean, fusion) => Err(Error::Fusion { fusion }),
            _ => Ok(calibration),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use gallery::{FmrPoint, Fusion, Made};

    fn calibration(fusion: Fusion) -> Calibration {
        let mut made = Calibration::new(Direction::Distance, fusion, 1, Made::new("by hand", 40));
        made.comparisons = vec![FmrPoint::new(0.1, 0.25), FmrPoint::new(0.01, 0.0625)];
        made
    }

    #[test]
    fn a_distance_goes_to_the_gallery_and_comes_back() {
        for distance in [
            Distance::Cosine,
            Distance::Euclidean,
            Distance::SquaredEuclidean,
        ] {
            let units = Units::of(distance).unwrap();
            let for_gallery = units.for_gallery(calibration(Fusion::Best)).unwrap();
            for (point, expected) in for_gallery.comparisons.iter().zip([0.25, 0.0625]) {
                assert_eq!(units.distance(point.threshold), expected, "{distance:?}");
                assert_eq!(
                    units.similarity(point.threshold),
                    distance.similarity(expected)
                );
            }
        }
    }

    #[test]
    fn what_no_gallery_can_search_by_is_refused() {
        assert!(matches!(
            Units::of(Distance::L1),
            Err(Error::Metric { metric: "l1" })
        ));
        let units = Units::of(Distance::SquaredEuclidean).unwrap();
        assert!(matches!(
            units.for_gallery(calibration(Fusion::Mean)),
            Err(Error::Fusion { .. })
        ));
        let mut similar = calibration(Fusion::Best);
        similar.direction = Direction::Similarity;
        assert!(matches!(
            units.for_gallery(similar),
            Err(Error::Calibration(_))
        ));
    }
}
