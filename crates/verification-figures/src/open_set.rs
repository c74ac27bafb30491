//! Open-set search: error rates where some probes have no mate to be found.

use std::collections::BTreeSet;

use crate::identification::{Mated, check_rank};
use crate::jackknife::{Scale, clustered_mean};
use crate::support::Evidence;
use crate::target::{check_target, most_errors_within};
use crate::{Error, Identification, Interval, Jackknife};

/// Error rates of open-set search at one threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
        check_target(
            "FPIR",
            "unmated probes",
            self.strangers.len() as u64,
            target,
        )?;
        let limit = self.limit_within(target, |_| 1).ok_or(Error::Empty)?;
        Ok(self.point(self.direction.score_of(limit), candidates))
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
        jackknife: &Jackknife,
    ) -> Result<Interval, Error> {
        self.open_set_at(threshold, candidates)?;
        let limit = self.direction.score_of(threshold);
        let missed = |probe: &Mated| {
            (
                probe.subject,
                f64::from(u8::from(!probe.is_found(limit, candidates))),
            )
        };
        clustered_mean("FNIR", self.mated.iter().map(missed), jackknife)
    }

    /// [`Self::fnir_at_fpir`], its FNIR, with an interval over the probes' subjects; the galleries
    /// stay as they are. Each replicate chooses its own threshold on the strangers that stay, so the
    /// interval covers that choice as well. A subject is left out with its mated and unmated probes.
    ///
    /// # Errors
    /// Those of [`Self::fnir_at_fpir`] and of
    /// [`LabelledScores::interval`](crate::LabelledScores::interval).
    pub fn fnir_at_fpir_interval(
        &self,
        target: f64,
        candidates: usize,
        jackknife: &Jackknife,
    ) -> Result<Interval, Error> {
        let estimate = self.fnir_at_fpir(target, candidates)?.fnir.rate();
        let places = Places::of(self);
        let basis = [places.carriers(), places.subjects()];
        jackknife.check(basis[0])?;
        let values = jackknife.replicate(basis[1], |stays, (): &mut ()| {
            self.fnir_within(target, candidates, &places, stays)
        });
        let values = values.into_iter();
        jackknife.summarise("FNIR at FPIR", Scale::Share, estimate, basis, values)
    }

    /// The lowest FNIR with `FPIR <= target`, where each subject counts so often; `None` where no stranger or no
    /// mated probe does.
    pub(crate) fn fnir_within(
        &self,
        target: f64,
        candidates: usize,
        places: &Places,
        times: &[u32],
    ) -> Option<f64> {
        let limit = self.limit_within(target, |k| times[places.strangers[k]].into())?;
        let (mut missed, mut all) = (0, 0);
        for (probe, &subject) in self.mated.iter().zip(&places.mated) {
            let times = u64::from(times[subject]);
            all += times;
            if !probe.is_found(limit, candidates) {
                missed += times;
            }
        }
        (all > 0).then(|| missed as f64 / all as f64)
    }

    /// The most lenient limit for keys with `FPIR <= target`, where stranger `k` counts `times(k)`
    /// times; `None` where none counts.
    fn limit_within(&self, target: f64, times: impl Fn(usize) -> u64) -> Option<f64> {
        let all = (0..self.strangers.len()).map(&times).sum();
        if all == 0 {
            return None;
        }
        let allowed = most_errors_within(target, all);
        let mut accepted = 0;
        let first_rejected = self.strangers.iter().enumerate().find(|&(k, _)| {
            accepted += times(k);
            accepted > allowed
        });
        first_rejected.map(|(_, stranger)| stranger.key.into())
    }

    fn point(&self, threshold: f64, candidates: usize) -> OpenSetPoint {
        let limit = self.direction.score_of(threshold);
        let alarms = self
            .strangers
            .partition_point(|stranger| f64::from(stranger.key) < limit);
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

/// The subjects of the probes as places among all of them, ascending.
pub(crate) struct Places {
    mated: Vec<usize>,
    strangers: Vec<usize>,
    subjects: usize,
}

impl Places {
    pub(crate) fn of(search: &Identification) -> Self {
        let of_mated = search.mated.iter().map(|probe| probe.subject);
        let of_strangers = search.strangers.iter().map(|probe| probe.subject);
        let subjects: BTreeSet<u32> = of_mated.clone().chain(of_strangers.clone()).collect();
        let subjects = Vec::from_iter(subjects);
        let place = |subject: u32| subjects.partition_point(|&other| other < subject);
        Self {
            mated: of_mated.map(place).collect(),
            strangers: of_strangers.map(place).collect(),
            subjects: subjects.len(),
        }
    }

    pub(crate) fn subjects(&self) -> usize {
        self.subjects
    }

    /// How many subjects have mated probes, or strange ones where those are fewer.
    pub(crate) fn carriers(&self) -> usize {
        let distinct = |places: &[usize]| places.iter().collect::<BTreeSet<_>>().len();
        distinct(&self.mated).min(distinct(&self.strangers))
    }
}

impl Mated {
    fn is_found(&self, limit: f64, candidates: usize) -> bool {
        self.rank <= candidates && f64::from(self.key) < limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, ScoreMatrix};
    use proptest::prelude::*;

    proptest! {
        /// A replicate is the same as searching for every probe as often as its subject was drawn.
        #[test]
        fn weights_equal_repeated_probes(
            probes in prop::collection::vec((0..6_u32, prop::array::uniform3(0..20_u8)), 1..30),
            times in prop::array::uniform6(0..4_u64),
            target in 0.2..0.9_f64,
        ) {
            let search = |repeat: &dyn Fn(u32) -> u64| {
                let repeated = probes.iter().flat_map(|probe| {
                    std::iter::repeat_n(probe, repeat(probe.0) as usize)
                });
                let repeated: Vec<_> = repeated.collect();
                let scores = repeated.iter().flat_map(|probe| probe.1.map(f32::from)).collect();
                let subjects = repeated.iter().map(|probe| probe.0).collect();
                ScoreMatrix::new(Direction::Distance, subjects, vec![0, 1, 2], scores)
                    .map(|matrix| Identification::new(&matrix))
            };
            let once = search(&|_| 1).unwrap();
            let times_of = |k: usize| times[once.strangers[k].subject as usize];
            let limit = once.limit_within(target, times_of);
            let repeated = search(&|subject| times[subject as usize]);
            let strangers = repeated.as_ref().map_or(0, Identification::unmated);
            prop_assert_eq!(limit.is_some(), strangers > 0);
            if let (Ok(repeated), Some(limit)) = (repeated, limit) {
                prop_assert_eq!(Some(limit), repeated.limit_within(target, |_| 1));
                let within = |key: f64| {
                    let found = repeated.strangers.iter().filter(|s| f64::from(s.key) < key).count();
                    found as f64 / strangers as f64
                };
                // The limit keeps to the target, and none above the next score would.
                prop_assert!(within(limit) <= target);
                prop_assert!(within(limit.next_up()) > target);
            }
        }
    }
}
