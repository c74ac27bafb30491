//! What no calibration can be.

use super::document::Calibration;
use crate::Error;

/// A threshold for a rate, whatever rate it is.
#[derive(Clone, Copy)]
struct Point {
    rate: f64,
    threshold: f64,
    interval: Option<(f64, f64)>,
}

impl Calibration {
    /// Refuses what cannot be: rates outside 0 to 1 (0 itself included, which nothing can show), scores that are no
    /// numbers, and a stricter threshold for a laxer rate.
    ///
    /// # Errors
    /// [`Error::Calibration`] with what is wrong, [`Error::Argument`] for a mean over no template.
    pub fn checked(self) -> Result<Self, Error> {
        self.fusion.checked()?;
        let points = self.comparisons.iter().map(|point| Point {
            rate: point.fmr,
            threshold: point.threshold,
            interval: point.threshold_interval,
        });
        self.check_points("FMR", points.collect())?;
        let mut sizes: Vec<u64> = self.searches.iter().map(|p| p.gallery_size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        if sizes.first() == Some(&0) {
            wrong("a search in a gallery of nobody".to_owned())?;
        }
        for size in sizes {
            let of_size = self.searches.iter().filter(|p| p.gallery_size == size);
            let points = of_size.map(|point| Point {
                rate: point.fpir,
                threshold: point.threshold,
                interval: point.threshold_interval,
            });
            self.check_points("FPIR", points.collect())?;
        }
        self.check_tail()?;
        Ok(self)
    }

    fn check_points(&self, name: &str, mut points: Vec<Point>) -> Result<(), Error> {
        for &Point {
            rate,
            threshold,
            interval,
        } in &points
        {
            if !(rate > 0.0 && rate < 1.0) {
                return wrong(format!(
                    "{name} {rate}, expected between 0 and 1, both excluded"
                ));
            }
            if !threshold.is_finite() {
                return wrong(format!(
                    "threshold {threshold} for {name} {rate}, expected a number"
                ));
            }
            if let Some((low, high)) = interval
                && !(low <= high && low.is_finite() && high.is_finite())
            {
                return wrong(format!(
                    "an interval from {low} to {high} for the threshold for {name} {rate}"
                ));
            }
        }
        points.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        for pair in points.windows(2) {
            let [strict, lax] = [pair[0], pair[1]];
            if self
                .direction
                .is_more_alike(lax.threshold, strict.threshold)
            {
                return wrong(format!(
                    "threshold {} for {name} {} is stricter than {} for {}",
                    lax.threshold, lax.rate, strict.threshold, strict.rate
                ));
            }
        }
        Ok(())
    }

    fn check_tail(&self) -> Result<(), Error> {
        for &(score, share) in &self.impostor_tail {
            if !(score.is_finite() && (0.0..=1.0).contains(&share)) {
                return wrong(format!(
                    "a share of {share} of impostors at the score {score}"
                ));
            }
        }
        for pair in self.impostor_tail.windows(2) {
            let [(alike, fewer), (less_alike, more)] = [pair[0], pair[1]];
            if fewer > more || !self.direction.is_more_alike(alike, less_alike) {
                return wrong(format!(
                    "shares of impostors out of order at the scores {alike} and {less_alike}"
                ));
            }
        }
        Ok(())
    }
}

fn wrong(what: String) -> Result<(), Error> {
    Err(Error::Calibration { what })
}
