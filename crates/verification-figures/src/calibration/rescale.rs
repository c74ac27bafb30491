//! The same calibration for the same scores in another unit.

use super::document::Calibration;
use crate::{Direction, Error};

impl Calibration {
    /// The same for scores in another unit: `map` gives the new score for an old one. It must be strictly monotone over
    /// the scores, falling where `direction` is another than before. Rates stay as they are.
    ///
    /// ```
    /// use verification_figures::{Calibration, Direction, FmrPoint, Fusion, Made};
    ///
    /// let mut by_distance = Calibration::new(Direction::Distance, Fusion::Best, 1, Made::new("by hand", 40));
    /// by_distance.comparisons = vec![FmrPoint::new(0.01, 0.25)];
    /// let by_cosine = by_distance.rescaled(Direction::Similarity, |distance| 1.0 - distance)?;
    /// assert_eq!(by_cosine.comparisons[0].threshold, 0.75);
    /// # Ok::<(), verification_figures::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Calibration`] where `map` gives what is no number, or brings scores into another order.
    pub fn rescaled(
        mut self,
        direction: Direction,
        map: impl Fn(f64) -> f64,
    ) -> Result<Self, Error> {
        let interval = |(low, high)| {
            let (one, other): (f64, f64) = (map(low), map(high));
            (one.min(other), one.max(other))
        };
        for point in &mut self.comparisons {
            point.threshold = map(point.threshold);
            point.threshold_interval = point.threshold_interval.map(interval);
        }
        for point in &mut self.searches {
            point.threshold = map(point.threshold);
            point.threshold_interval = point.threshold_interval.map(interval);
        }
        for (score, _) in &mut self.impostor_tail {
            *score = map(*score);
        }
        // Rounding may bring two scores together; the larger share is the safe one.
        self.impostor_tail.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = later.1;
            }
            same
        });
        self.direction = direction;
        self.checked()
    }
}
