//! Thresholds that somebody measured.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::fusion::Fusion;
use crate::metric::Metric;

/// Thresholds for wanted error rates, measured on people that the model did not learn from.
///
/// It is data that the caller brings; nothing here measures it. It holds for one metric and one fusion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The metric of the scores.
    pub metric: Metric,
    /// The fusion of the scores.
    pub fusion: Fusion,
    /// How many templates each person had when it was measured.
    pub templates_per_person: usize,
    /// How many people it was measured on.
    pub people: u64,
    /// Thresholds for comparisons of one probe with one person, in any order.
    pub comparisons: Vec<FmrPoint>,
    /// Thresholds for searches in galleries of several sizes, in any order.
    #[serde(default)]
    pub searches: Vec<FpirPoint>,
}

/// A threshold for a comparison with one person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FmrPoint {
    /// False match rate: the share of comparisons of a stranger with a person that reach the threshold.
    pub fmr: f64,
    /// False non-match rate there, where it was measured.
    #[serde(default)]
    pub fnmr: Option<f64>,
    /// A score at least as alike is a match.
    pub threshold: f64,
}

/// A threshold for a search.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FpirPoint {
    /// How many people were searched.
    pub gallery_size: u64,
    /// False positive identification rate: the share of searches for a stranger that find somebody.
    pub fpir: f64,
    /// False negative identification rate there, where it was measured.
    #[serde(default)]
    pub fnir: Option<f64>,
    /// A score at least as alike is a match.
    pub threshold: f64,
}

impl Calibration {
    /// Refuses what cannot be: rates outside 0 to 1 (0 itself included, which nothing can show), thresholds that are no
    /// numbers, and a stricter threshold for a laxer rate.
    ///
    /// # Errors
    ///
    /// [`Error::Calibration`] with what is wrong.
    pub fn checked(self) -> Result<Self, Error> {
        let mut points: Vec<(f64, f64)> = self
            .comparisons
            .iter()
            .map(|point| (point.fmr, point.threshold))
            .collect();
        self.check_points("FMR", &mut points)?;
        let mut sizes: Vec<u64> = self
            .searches
            .iter()
            .map(|point| point.gallery_size)
            .collect();
        sizes.sort_unstable();
        sizes.dedup();
        for size in sizes {
            let of_size = self
                .searches
                .iter()
                .filter(|point| point.gallery_size == size);
            let mut points: Vec<(f64, f64)> =
                of_size.map(|point| (point.fpir, point.threshold)).collect();
            self.check_points("FPIR", &mut points)?;
        }
        if self.searches.iter().any(|point| point.gallery_size == 0) {
            return Err(Error::Calibration {
                what: "a search in a gallery of nobody".to_owned(),
            });
        }
        Ok(self)
    }

    fn check_points(&self, rate: &str, points: &mut [(f64, f64)]) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::Calibration { what });
        for &(value, threshold) in &*points {
            if !(value > 0.0 && value < 1.0) {
                return wrong(format!(
                    "{rate} {value}, expected between 0 and 1, both excluded"
                ));
            }
            if !threshold.is_finite() {
                return wrong(format!(
                    "threshold {threshold} for {rate} {value}, expected a number"
                ));
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in points.windows(2) {
            let [(strict, strict_at), (lax, lax_at)] = [pair[0], pair[1]];
            if !self.metric.accepts(strict_at, lax_at) {
                return wrong(format!(
                    "threshold {lax_at} for {rate} {lax} is stricter than {strict_at} for {strict}"
                ));
            }
        }
        Ok(())
    }

    /// The threshold for one comparison: that of the largest measured FMR which is at most `target`. Where all are larger,
    /// that of the smallest. Nothing where no comparison was calibrated.
    #[must_use]
    pub fn for_fmr(&self, target: f64) -> Option<FmrPoint> {
        let allowed = self.comparisons.iter().filter(|point| point.fmr <= target);
        allowed
            .max_by(|a, b| a.fmr.total_cmp(&b.fmr))
            .or_else(|| {
                self.comparisons
                    .iter()
                    .min_by(|a, b| a.fmr.total_cmp(&b.fmr))
            })
            .copied()
    }

    /// The threshold for a search among so many people.
    ///
    /// FPIR grows with the gallery, so a rate measured in a larger gallery holds in a smaller one. Of the measured sizes
    /// that are large enough, the smallest that has a rate of at most `target` is taken. Where there is none, the FMR says
    /// something: if nobody of N people is matched with a probability above FMR, and the comparisons are independent,
    /// FPIR = 1 - (1 - FMR)^N. Comparisons of one probe that rise and fall together make it smaller; in no case is it above
    /// N FMR. Where neither reaches `target`, the point with the smallest rate is taken.
    #[must_use]
    pub fn for_fpir(&self, target: f64, people: u64) -> Option<SearchPoint> {
        let measured = self
            .searches
            .iter()
            .filter(|point| point.gallery_size >= people)
            .map(SearchPoint::measured);
        let from_fmr = self
            .comparisons
            .iter()
            .map(|point| SearchPoint::from_fmr(point, people));
        let best = |points: &mut dyn Iterator<Item = SearchPoint>| {
            points.filter(|point| point.fpir <= target).max_by(|a, b| {
                (std::cmp::Reverse(a.measured_size()), a.fpir)
                    .partial_cmp(&(std::cmp::Reverse(b.measured_size()), b.fpir))
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
        };
        best(&mut measured.clone())
            .or_else(|| best(&mut from_fmr.clone()))
            .or_else(|| {
                measured
                    .chain(from_fmr)
                    .min_by(|a, b| a.fpir.total_cmp(&b.fpir))
            })
    }
}

/// A threshold for a search, and how its rate is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SearchPoint {
    /// A score at least as alike is a match.
    pub threshold: f64,
    /// The false positive identification rate there.
    pub fpir: f64,
    /// How it is known.
    pub basis: Basis,
}

/// How a false positive identification rate is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Basis {
    /// From searches for strangers in galleries of this size, which is at least that of the gallery searched.
    Measured {
        /// People in those galleries.
        gallery_size: u64,
    },
    /// From the false match rate, as 1 - (1 - FMR)^N: nobody measured searches among so many people.
    FromFmr {
        /// The false match rate.
        fmr: f64,
    },
}

impl SearchPoint {
    fn measured(point: &FpirPoint) -> Self {
        let basis = Basis::Measured {
            gallery_size: point.gallery_size,
        };
        Self {
            threshold: point.threshold,
            fpir: point.fpir,
            basis,
        }
    }

    fn from_fmr(point: &FmrPoint, people: u64) -> Self {
        // 1 - (1 - f)^n, without losing a small f.
        let fpir = -f64::exp_m1(people as f64 * f64::ln_1p(-point.fmr));
        Self {
            threshold: point.threshold,
            fpir,
            basis: Basis::FromFmr { fmr: point.fmr },
        }
    }

    fn measured_size(&self) -> u64 {
        match self.basis {
            Basis::Measured { gallery_size } => gallery_size,
            Basis::FromFmr { .. } => 0,
        }
    }
}
