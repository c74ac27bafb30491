//! Is one method better than another at searching?

use std::collections::BTreeMap;

use crate::identification::{Mated, check_rank};
use crate::open_set::Places;
use crate::{Difference, Error, Identification, Jackknife};

impl Identification {
    /// The difference of the rank-k rate between two methods that searched the same probes: this
    /// one less the other, with its interval over the probes' subjects, as in
    /// [`LabelledScores::difference`](crate::LabelledScores::difference).
    ///
    /// # Errors
    /// Those of [`Self::rank_rate`], [`Error::OtherProbes`] if a subject has more probes in one of
    /// the two, and [`Error::TooFewSubjects`] for fewer than 10 subjects.
    pub fn rank_difference(
        &self,
        other: &Self,
        k: usize,
        jackknife: &Jackknife,
    ) -> Result<Difference, Error> {
        let rates = [self.rank_rate(k)?, other.rank_rate(k)?];
        self.check_same_probes(other)?;
        // Of each subject: probes, and how many more of them this method finds.
        let mut subjects: BTreeMap<u32, [i64; 2]> = BTreeMap::new();
        for (search, sign) in [(self, 1), (other, -1)] {
            for probe in &search.mated {
                let of = subjects.entry(probe.subject).or_default();
                of[0] += i64::from(sign == 1);
                of[1] += sign * i64::from(probe.rank <= k);
            }
        }
        let subjects: Vec<[i64; 2]> = subjects.into_values().collect();
        jackknife.check(subjects.len())?;
        let values = jackknife.replicate(subjects.len(), |stays, (): &mut ()| {
            let staying = subjects.iter().zip(stays).filter(|(_, stays)| **stays > 0);
            let [all, more] = staying.fold([0, 0], |sum, (of, _)| [sum[0] + of[0], sum[1] + of[1]]);
            (all > 0).then(|| more as f64 / all as f64)
        });
        let basis = [subjects.len(); 2];
        Difference::of("rank-k rate", rates, basis, jackknife, values.into_iter())
    }

    /// The difference of [`Self::fnir_at_fpir`], the FNIR, between two methods that searched the
    /// same probes: this one less the other, with its interval over the probes' subjects. Each
    /// method chooses its own threshold, anew for each replicate.
    ///
    /// # Errors
    /// Those of [`Self::fnir_at_fpir`], [`Error::OtherProbes`] if a subject has more probes in one
    /// of the two, and [`Error::TooFewSubjects`] for fewer than 10 subjects.
    pub fn fnir_at_fpir_difference(
        &self,
        other: &Self,
        target: f64,
        candidates: usize,
        jackknife: &Jackknife,
    ) -> Result<Difference, Error> {
        check_rank(candidates)?;
        let rate = |search: &Self| Ok(search.fnir_at_fpir(target, candidates)?.fnir.rate());
        let rates = [rate(self)?, rate(other)?];
        self.check_same_probes(other)?;
        let places = [Places::of(self), Places::of(other)];
        let basis = [places[0].carriers(), places[0].subjects()];
        jackknife.check(basis[0])?;
        let values = jackknife.replicate(basis[1], |stays, (): &mut ()| {
            let [first, second] = [self, other];
            let first = first.fnir_within(target, candidates, &places[0], stays)?;
            Some(first - second.fnir_within(target, candidates, &places[1], stays)?)
        });
        Difference::of("FNIR at FPIR", rates, basis, jackknife, values.into_iter())
    }

    /// Refuses searches of other probes.
    fn check_same_probes(&self, other: &Self) -> Result<(), Error> {
        let probes = |search: &Self| {
            let mut counts: BTreeMap<u32, [usize; 2]> = BTreeMap::new();
            for Mated { subject, .. } in &search.mated {
                counts.entry(*subject).or_default()[0] += 1;
            }
            for stranger in &search.strangers {
                counts.entry(stranger.subject).or_default()[1] += 1;
            }
            counts
        };
        let (own, others) = (probes(self), probes(other));
        let differing = own
            .keys()
            .chain(others.keys())
            .find(|subject| own.get(subject) != others.get(subject));
        match differing {
            None => Ok(()),
            Some(&subject) => Err(Error::OtherProbes { subject }),
        }
    }
}
