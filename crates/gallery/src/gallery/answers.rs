//! What a gallery answers.

use std::collections::HashSet;

use verification_figures::{Calibration, Outcome};

use super::follow::insert;
use super::{Gallery, has_expired};
use crate::decision::{Candidate, Decision, Identification, Verification};
use crate::error::Error;
use crate::index::{OwnerHit, Selection, VectorIndex};
use crate::records::{Person, PictureDigest, Template};
use crate::store::Store;

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    /// Its embedding.
    pub vector: &'a [f32],
    /// The picture it was made from. People whom somebody excluded for it are not searched.
    pub picture: Option<PictureDigest>,
}

impl<'a> Probe<'a> {
    /// A probe of which only the embedding is known.
    #[must_use]
    pub fn new(vector: &'a [f32]) -> Self {
        Self {
            vector,
            picture: None,
        }
    }
}

impl<S: Store> Gallery<S> {
    /// Who of all people the probe shows, if it shows any of them.
    ///
    /// `most` candidates are given, best first. The decision is made at a false positive identification rate of `fpir`:
    /// the share of strangers for whom somebody is found. Whoever has expired by `now_ms` is not searched.
    ///
    /// # Errors
    ///
    /// [`Error::Dimension`], [`Error::NotFinite`], [`Error::Degenerate`] for the vector; [`Error::Argument`] unless `fpir`
    /// is between 0 and 1.
    pub fn identify(
        &self,
        probe: &Probe<'_>,
        most: usize,
        fpir: f64,
        now_ms: i64,
    ) -> Result<Identification, Error> {
        let mut found = self.identify_all(std::slice::from_ref(probe), most, fpir, now_ms, None)?;
        Ok(found.remove(0))
    }

    /// [`Gallery::identify`] for several probes, in one pass over memory; with `wanted`, among the people for whom it holds.
    ///
    /// # Errors
    ///
    /// As [`Gallery::identify`].
    pub fn identify_all(
        &self,
        probes: &[Probe<'_>],
        most: usize,
        fpir: f64,
        now_ms: i64,
        wanted: Option<&dyn Fn(&Person) -> bool>,
    ) -> Result<Vec<Identification>, Error> {
        check_rate("the false positive identification rate", fpir)?;
        let left_out = self.left_out(now_ms, wanted);
        // Probes with exclusions of their own are searched for alone; they are few.
        let (alone, together): (Vec<usize>, Vec<usize>) =
            (0..probes.len()).partition(|&at| self.excluded_for(&probes[at]).is_some());
        let mut found = vec![None; probes.len()];
        let batches = alone
            .into_iter()
            .map(|at| vec![at])
            .chain((!together.is_empty()).then_some(together));
        for batch in batches {
            let excluded = self.excluded_for(&probes[batch[0]]);
            let vectors: Vec<&[f32]> = batch.iter().map(|&at| probes[at].vector).collect();
            // At least two, for the gap between them.
            let (hits, people) = self.nearest(&vectors, most.max(2), &left_out, excluded)?;
            for (at, hits) in batch.into_iter().zip(hits) {
                found[at] = Some(self.identification(&hits, most, fpir, people));
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Numbers of the people who have expired or are not wanted. Mostly there are none, and nobody is looked at.
    fn left_out(&self, now_ms: i64, wanted: Option<&dyn Fn(&Person) -> bool>) -> HashSet<u64> {
        if wanted.is_none() && now_ms < self.first_expiry_ms {
            return HashSet::new();
        }
        let stays = |person: &Person| {
            !has_expired(person, now_ms) && wanted.is_none_or(|wanted| wanted(person))
        };
        self.people
            .values()
            .filter(|person| !stays(person))
            .map(|person| person.number)
            .collect()
    }

    fn excluded_for(&self, probe: &Probe<'_>) -> Option<&HashSet<u64>> {
        self.excluded
            .get(&probe.picture?)
            .filter(|people| !people.is_empty())
    }

    /// The people who are most alike to each probe, and among how many they were searched.
    fn nearest(
        &self,
        probes: &[&[f32]],
        most: usize,
        left_out: &HashSet<u64>,
        excluded: Option<&HashSet<u64>>,
    ) -> Result<(Vec<Vec<OwnerHit>>, u64), Error> {
        let fusion = self.generation.made_for.fusion;
        let Some(counts) = &self.in_store else {
            let (among, people) = self.selected(left_out, excluded);
            let hits = self
                .index
                .nearest_owners(probes, most, fusion, among.as_ref())?;
            return Ok((hits, people));
        };
        let left_out = left_out.iter().chain(excluded.into_iter().flatten());
        let left_out: HashSet<u64> = left_out
            .filter(|person| counts.contains_key(person))
            .copied()
            .collect();
        let people = (counts.len() - left_out.len()) as u64;
        let left_out: Vec<u64> = left_out.into_iter().collect();
        let nearest = |&probe: &&[f32]| {
            self.check_probe(probe)?;
            let found = self
                .store
                .candidates(&self.generation, probe, most, &left_out)?;
            // Compared once more as memory does it, so that the scores are the same.
            let hits = self
                .loaded(&found)?
                .nearest_owners(&[probe], most, fusion, None)?;
            Ok(hits.into_iter().next().unwrap_or_default())
        };
        let hits: Result<_, Error> = probes.iter().map(nearest).collect();
        Ok((hits?, people))
    }

    /// Refuses what is no vector of this gallery.
    fn check_probe(&self, probe: &[f32]) -> Result<(), Error> {
        // An empty index looks at it as a full one does.
        let none = self.index.score(probe, 0, self.generation.made_for.fusion);
        none.map(drop)
    }

    /// Some templates in memory.
    fn loaded(&self, templates: &[Template]) -> Result<VectorIndex, Error> {
        let made_for = &self.generation.made_for;
        let mut index = VectorIndex::new(made_for.dimension, made_for.metric)?;
        for template in templates {
            insert(&mut index, template)?;
        }
        Ok(index)
    }

    /// The templates to search, if not all, and how many people they are of.
    fn selected(
        &self,
        left_out: &HashSet<u64>,
        excluded: Option<&HashSet<u64>>,
    ) -> (Option<Selection>, u64) {
        if left_out.is_empty() && excluded.is_none() {
            return (None, self.index.owners() as u64);
        }
        let mut people = HashSet::new();
        let selection = self.index.select(|_, owner| {
            let wanted = !left_out.contains(&owner)
                && excluded.is_none_or(|excluded| !excluded.contains(&owner));
            if wanted {
                people.insert(owner);
            }
            wanted
        });
        (Some(selection), people.len() as u64)
    }

    fn identification(
        &self,
        hits: &[OwnerHit],
        most: usize,
        fpir: f64,
        people: u64,
    ) -> Identification {
        let calibration = self.calibration();
        let point = calibration.and_then(|calibration| calibration.for_fpir(fpir, people));
        let decided_by = calibration.zip(point);
        let outcome = |score, interval: bool| {
            let (calibration, point) = decided_by?;
            let interval = point.threshold_interval.filter(|_| interval);
            calibration.outcome(score, point.threshold, interval)
        };
        let candidate = |hit: &OwnerHit| {
            let person = self.people.get(&hit.owner)?;
            Some(Candidate {
                person: person.number,
                uuid: person.uuid,
                external_id: person.given.external_id.clone(),
                score: hit.score,
                accepted: outcome(hit.score, false) == Some(Outcome::Match),
                fmr_at_score: calibration.and_then(|of| of.fmr_at_score(hit.score)),
            })
        };
        let mut candidates: Vec<Candidate> = hits.iter().filter_map(candidate).collect();
        let gap = match &candidates[..] {
            [first, second, ..] => Some((first.score - second.score).abs()),
            _ => None,
        };
        let decision = match (point, candidates.first()) {
            (None, _) => Decision::Uncalibrated,
            (Some(_), None) => Decision::Unknown,
            (Some(_), Some(first)) => decision(first.person, outcome(first.score, true)),
        };
        candidates.truncate(most);
        let (target_met, gallery_size) = (point.is_some_and(|point| point.fpir <= fpir), people);
        Identification {
            decision,
            candidates,
            gap,
            gallery_size,
            target_fpir: fpir,
            target_met,
            point,
        }
    }

    /// Whether the probe shows one person.
    ///
    /// The decision is made at a false match rate of `fmr`: the share of strangers who are taken for the person.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] if there is no such person, or the person has no template or has expired; otherwise as
    /// [`Gallery::identify`].
    pub fn verify(
        &self,
        probe: &Probe<'_>,
        person: u64,
        fmr: f64,
        now_ms: i64,
    ) -> Result<Verification, Error> {
        check_rate("the false match rate", fmr)?;
        let unknown = |what| Error::Unknown {
            what,
            which: person.to_string(),
        };
        if self
            .people
            .get(&person)
            .is_none_or(|person| has_expired(person, now_ms))
        {
            return Err(unknown("person"));
        }
        let fusion = self.generation.made_for.fusion;
        let score = match self.is_in_memory() {
            true => self.index.score(probe.vector, person, fusion)?,
            false => {
                let generation = self.generation.number;
                let templates = self.store.templates_of(person, generation)?;
                self.loaded(&templates)?
                    .score(probe.vector, person, fusion)?
            }
        };
        let score = score.ok_or_else(|| unknown("template of person"))?;
        let decided = self
            .calibration()
            .and_then(|calibration| calibration.decide(score, fmr));
        let excluded = self
            .excluded_for(probe)
            .is_some_and(|people| people.contains(&person));
        let decision = match decided {
            None => Decision::Uncalibrated,
            Some(_) if excluded => Decision::Unknown,
            Some(decided) => decision(person, Some(decided.outcome)),
        };
        Ok(Verification {
            decision,
            score,
            excluded,
            target_fmr: fmr,
            target_met: decided.is_some_and(|decided| decided.target_met),
            point: decided.map(|decided| decided.point),
            fmr_at_score: decided.and_then(|decided| decided.fmr_at_score),
        })
    }

    fn calibration(&self) -> Option<&Calibration> {
        self.generation.calibration.as_ref()
    }
}

fn decision(person: u64, outcome: Option<Outcome>) -> Decision {
    match outcome {
        Some(Outcome::Match) => Decision::Match { person },
        Some(Outcome::Uncertain) => Decision::Uncertain { person },
        Some(Outcome::NonMatch) | None => Decision::Unknown,
    }
}

fn check_rate(argument: &'static str, rate: f64) -> Result<(), Error> {
    if !(rate > 0.0 && rate < 1.0) {
        let expected = "a rate between 0 and 1, both excluded";
        return Err(Error::Argument {
            argument,
            expected,
            found: rate.to_string(),
        });
    }
    Ok(())
}
