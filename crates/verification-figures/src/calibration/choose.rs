//! Which of the measured thresholds serves a wanted rate.

use super::document::{Calibration, FmrPoint, FpirPoint};

impl Calibration {
    /// The threshold for one comparison: that of the largest measured FMR which is at most `target`. Where all are larger,
    /// that of the smallest. Nothing where no comparison was calibrated.
    #[must_use]
    pub fn for_fmr(&self, target: f64) -> Option<FmrPoint> {
        let allowed = self.comparisons.iter().filter(|point| point.fmr <= target);
        let smallest = || {
            let all = self.comparisons.iter();
            all.min_by(|a, b| a.fmr.total_cmp(&b.fmr))
        };
        allowed
            .max_by(|a, b| a.fmr.total_cmp(&b.fmr))
            .or_else(smallest)
            .copied()
    }

    /// The threshold for a search among so many subjects.
    ///
    /// FPIR grows with the gallery, so a rate measured in a larger gallery holds in a smaller one. Of the measured sizes
    /// that are large enough, the smallest that has a rate of at most `target` is taken. Where there is none, the FMR says
    /// something: if nobody of N subjects is matched with a probability above FMR, and the comparisons are independent,
    /// FPIR = 1 - (1 - FMR)^N. Comparisons of one probe that rise and fall together make it smaller; in no case is it above
    /// N FMR. Where neither reaches `target`, the point with the smallest rate is taken.
    #[must_use]
    pub fn for_fpir(&self, target: f64, subjects: u64) -> Option<SearchPoint> {
        let measured = self
            .searches
            .iter()
            .filter(|point| point.gallery_size >= subjects)
            .map(SearchPoint::measured);
        let from_fmr = self
            .comparisons
            .iter()
            .map(|point| SearchPoint::from_fmr(point, subjects));
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
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SearchPoint {
    /// A score more alike than this is a match.
    pub threshold: f64,
    /// 95 % interval of the threshold over subjects, the smaller number first.
    pub threshold_interval: Option<(f64, f64)>,
    /// The false positive identification rate there.
    pub fpir: f64,
    /// How it is known.
    pub basis: Basis,
    /// As [`FmrPoint::weak`].
    pub weak: bool,
}

/// How a false positive identification rate is known.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case", tag = "kind")
)]
pub enum Basis {
    /// From searches for strangers in galleries of this size, which is at least that of the gallery searched.
    Measured {
        /// Subjects in those galleries.
        gallery_size: u64,
    },
    /// From the false match rate, as 1 - (1 - FMR)^N: nobody measured searches among so many subjects.
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
            threshold_interval: point.threshold_interval,
            fpir: point.fpir,
            basis,
            weak: point.weak,
        }
    }

    fn from_fmr(point: &FmrPoint, subjects: u64) -> Self {
        // 1 - (1 - f)^n, without losing a small f.
        let fpir = -f64::exp_m1(subjects as f64 * f64::ln_1p(-point.fmr));
        Self {
            threshold: point.threshold,
            threshold_interval: point.threshold_interval,
            fpir,
            basis: Basis::FromFmr { fmr: point.fmr },
            weak: point.weak,
        }
    }

    fn measured_size(&self) -> u64 {
        match self.basis {
            Basis::Measured { gallery_size } => gallery_size,
            Basis::FromFmr { .. } => 0,
        }
    }
}
