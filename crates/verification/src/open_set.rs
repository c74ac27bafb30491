//! Open-set search: error rates where some probes have no mate to be found.

use crate::bootstrap::clustered_mean;
use crate::identification::{Mated, check_rank};
use crate::support::Evidence;
use crate::target::{check_target, most_errors_within};
use crate::{Bootstrap, Error, Identification, Interval};

/// Error rates of open-set search at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpenSetPoint {
    /// The threshold, in the units and direction of the scores.
    pub threshold: f64,
    /// False positive identification rate: unmated probes for which any
    /// subject is accepted.
    pub fpir: Evidence,
    /// False negative identification rate: mated probes whose mate is not
    /// accepted, or is not among the first candidates asked for.
    pub fnir: Evidence,
}

impl OpenSetPoint {
    /// True positive identification rate, `1 - FNIR`.
    #[must_use]
    pub fn tpir(&self) -> f64 {
        1.0 - self.fnir.rate()
    }
}

impl Identification {
    /// Open-set rates at a threshold, with up to `candidates` subjects
    /// returned for a search.
    ///
    /// # Errors
    /// [`Error::Undefined`] without mated or without unmated probes,
    /// [`Error::Argument`] if the threshold is NaN or `candidates` is 0.
    pub fn open_set_at(&self, threshold: f64, candidates: usize) -> Result<OpenSetPoint, Error> {
        self.need_mated("FNIR")?;
        self.need_strangers("FPIR")?;
        check_rank(candidates)?;
        if threshold.is_nan() {
            return Err(Error::Argument {
                argument: "threshold",
                expected: "a number",
                found: threshold,
            });
        }
        Ok(self.point(threshold, candidates))
    }

    /// The lowest FNIR of any threshold with `FPIR <= target`, with up to
    /// `candidates` subjects returned for a search.
    ///
    /// # Errors
    /// [`Error::Undefined`] without mated or without unmated probes,
    /// [`Error::Argument`] unless the target is in `0..1` and `candidates` at
    /// least 1, and [`Error::Unsupported`] if the target is below
    /// [`smallest_supported_rate`](crate::smallest_supported_rate) of the
    /// number of unmated probes.
    pub fn fnir_at_fpir(&self, target: f64, candidates: usize) -> Result<OpenSetPoint, Error> {
        self.need_mated("FNIR at FPIR")?;
        self.need_strangers("FNIR at FPIR")?;
        check_rank(candidates)?;
        let unmated = self.strangers.len() as u64;
        check_target("FPIR", "unmated probes", unmated, target)?;
        let allowed = most_errors_within(target, unmated) as usize;
        let threshold = self.direction.score_of(f64::from(self.strangers[allowed]));
        Ok(self.point(threshold, candidates))
    }

    /// FNIR at a fixed threshold with an interval over the probes' subjects;
    /// the gallery stays as it is.
    ///
    /// # Errors
    /// Those of [`Self::open_set_at`] and of
    /// [`LabelledScores::interval`](crate::LabelledScores::interval).
    pub fn fnir_interval(
        &self,
        threshold: f64,
        candidates: usize,
        bootstrap: &Bootstrap,
    ) -> Result<Interval, Error> {
        self.open_set_at(threshold, candidates)?;
        let limit = self.direction.score_of(threshold);
        let missed = |probe: &Mated| {
            (
                probe.subject,
                f64::from(u8::from(!probe.is_found(limit, candidates))),
            )
        };
        clustered_mean("FNIR", self.mated.iter().map(missed), bootstrap)
    }

    fn point(&self, threshold: f64, candidates: usize) -> OpenSetPoint {
        let limit = self.direction.score_of(threshold);
        let alarms = self
            .strangers
            .partition_point(|&key| f64::from(key) < limit);
        let missed = |probe: &&Mated| !probe.is_found(limit, candidates);
        OpenSetPoint {
            threshold,
            fpir: Evidence {
                errors: alarms as u64,
                comparisons: self.strangers.len() as u64,
            },
            fnir: Evidence {
                errors: self.mated.iter().filter(missed).count() as u64,
                comparisons: self.mated.len() as u64,
            },
        }
    }

    fn need_strangers(&self, figure: &'static str) -> Result<(), Error> {
        let reason = "every probe's subject is in the gallery";
        if self.strangers.is_empty() {
            Err(Error::Undefined { figure, reason })
        } else {
            Ok(())
        }
    }
}

impl Mated {
    fn is_found(&self, limit: f64, candidates: usize) -> bool {
        self.rank <= candidates && f64::from(self.key) < limit
    }
}
