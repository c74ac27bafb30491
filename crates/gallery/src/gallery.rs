//! A store and an index over it: what most programs use.

use std::collections::{HashMap, HashSet};

use crate::calibration::{Calibration, SearchPoint};
use crate::decision::{Candidate, Decision, Identification, Verification};
use crate::error::Error;
use crate::index::{OwnerHit, Selection, VectorIndex};
use crate::records::{
    ChangeKind, Enrolled, Exclusion, Generation, NewPerson, NewTemplate, Person, PictureDigest,
    Template,
};
use crate::store::Store;

/// A gallery that can be searched: a store, and the templates of its active generation in memory.
///
/// What goes through it changes both. What other programs, or [`Gallery::store_mut`], change in the store comes in with
/// [`Gallery::refresh`].
///
/// ```
/// use gallery::{Decision, Fusion, Gallery, Metric, NewGeneration, NewPerson, Probe, SqliteStore};
///
/// let folder = tempfile::tempdir()?;
/// let now_ms = 1_760_000_000_000;
/// let made_for =
///     NewGeneration { contract: "my model 1".to_owned(), dimension: 3, metric: Metric::Cosine, fusion: Fusion::Best };
/// let store = SqliteStore::create(&folder.path().join("staff.db"), &made_for, now_ms)?;
/// let mut gallery = Gallery::open(store, 1 << 30)?;
///
/// let ada = gallery.add_person(&NewPerson { external_id: "ada".to_owned(), ..Default::default() }, now_ms)?;
/// let picture = gallery.digest(b"the pixels of a picture");
/// gallery.enrol(ada.number, &[1.0, 0.0, 0.1], picture, Default::default(), now_ms)?;
///
/// let found = gallery.identify(&Probe::new(&[0.9, 0.0, 0.2]), 5, 0.01, now_ms)?;
/// assert_eq!(found.candidates[0].external_id, "ada");
/// // There are scores and no decision, because nobody gave thresholds.
/// assert_eq!(found.decision, Decision::Uncalibrated);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Gallery<S> {
    store: S,
    index: VectorIndex,
    generation: Generation,
    people: HashMap<u64, Person>,
    excluded: HashMap<PictureDigest, HashSet<u64>>,
    budget: u64,
    /// Place in the log up to which this knows everything.
    seen: u64,
}

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
    /// Loads the active generation of a store.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`] before anything is loaded, if the templates take more than `budget_bytes` of memory; those of
    /// [`Store`].
    pub fn open(store: S, budget_bytes: u64) -> Result<Self, Error> {
        let generation = store.active_generation()?;
        let mut gallery = Self {
            index: VectorIndex::new(generation.made_for.dimension, generation.made_for.metric)?,
            store,
            generation,
            people: HashMap::new(),
            excluded: HashMap::new(),
            budget: budget_bytes,
            seen: 0,
        };
        gallery.reload()?;
        Ok(gallery)
    }

    /// Reads everything anew.
    fn reload(&mut self) -> Result<(), Error> {
        // The log first: what changes meanwhile is then seen twice rather than never.
        self.seen = self
            .store
            .changes_after(0)?
            .last()
            .map_or(0, |change| change.sequence);
        self.generation = self.store.active_generation()?;
        let made_for = &self.generation.made_for;
        let mut index =
            VectorIndex::new(made_for.dimension, made_for.metric)?.with_budget(self.budget);
        index.check_room_for(self.store.count_templates(self.generation.number)?)?;
        self.store
            .each_template(self.generation.number, &mut |template| {
                insert(&mut index, &template)
            })?;
        self.index = index;
        self.people = self
            .store
            .people()?
            .into_iter()
            .map(|person| (person.number, person))
            .collect();
        self.reload_exclusions()
    }

    fn reload_exclusions(&mut self) -> Result<(), Error> {
        self.excluded.clear();
        for Exclusion {
            person, picture, ..
        } in self.store.exclusions()?
        {
            self.excluded.entry(picture).or_default().insert(person);
        }
        Ok(())
    }

    /// Takes in what other programs changed in the store.
    ///
    /// # Errors
    ///
    /// Those of [`Store`], and [`Error::Memory`].
    pub fn refresh(&mut self) -> Result<(), Error> {
        let changes = self.store.changes_after(self.seen)?;
        if changes
            .iter()
            .any(|change| change.kind == ChangeKind::GenerationActivated)
        {
            return self.reload();
        }
        for change in &changes {
            match change.kind {
                ChangeKind::PersonAdded | ChangeKind::PersonChanged => {
                    if let Some(person) = self.store.person(change.subject)? {
                        self.people.insert(person.number, person);
                    }
                }
                ChangeKind::PersonForgotten => self.drop_person(change.subject),
                ChangeKind::TemplateAdded => {
                    if let Some(template) = self.store.template(change.subject)? {
                        self.take_in(&template)?;
                    }
                }
                ChangeKind::TemplateDeleted => drop(self.index.remove(change.subject)),
                ChangeKind::Calibrated => self.generation = self.store.active_generation()?,
                ChangeKind::Noted => self.reload_exclusions()?,
                ChangeKind::GenerationAdded
                | ChangeKind::GenerationActivated
                | ChangeKind::GenerationPruned => {}
            }
            self.seen = change.sequence;
        }
        Ok(())
    }

    fn take_in(&mut self, template: &Template) -> Result<(), Error> {
        if template.given.generation == self.generation.number && !self.index.contains(template.id)
        {
            insert(&mut self.index, template)?;
        }
        Ok(())
    }

    fn drop_person(&mut self, number: u64) {
        self.index.remove_owner(number);
        self.people.remove(&number);
        self.excluded.values_mut().for_each(|people| {
            people.remove(&number);
        });
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The store, for what this type has no method for. Call [`Gallery::refresh`] afterwards.
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// The generation that is searched.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The vectors of the active generation; each is owned by the number of its person.
    pub fn index(&self) -> &VectorIndex {
        &self.index
    }

    /// A person.
    pub fn person(&self, number: u64) -> Option<&Person> {
        self.people.get(&number)
    }

    /// The digest of a picture's pixels in this gallery.
    pub fn digest(&self, pixels: &[u8]) -> PictureDigest {
        self.store.digest_key().digest(pixels)
    }

    /// Refuses vectors of another model.
    ///
    /// # Errors
    ///
    /// [`Error::Contract`].
    pub fn check_contract(&self, contract: &str) -> Result<(), Error> {
        let expected = &self.generation.made_for.contract;
        if contract != expected {
            return Err(Error::Contract {
                expected: expected.clone(),
                found: contract.to_owned(),
            });
        }
        Ok(())
    }

    /// Adds a person.
    ///
    /// # Errors
    ///
    /// As [`Store::add_person`].
    pub fn add_person(&mut self, new: &NewPerson, now_ms: i64) -> Result<Person, Error> {
        let person = self.store.add_person(new, now_ms)?;
        self.people.insert(person.number, person.clone());
        Ok(person)
    }

    /// Adds a template of a person. The same picture of the same person again is the same template.
    ///
    /// # Errors
    ///
    /// As [`Store::enrol`], and [`Error::Memory`]; the store is then as it was.
    pub fn enrol(
        &mut self,
        person: u64,
        vector: &[f32],
        picture: PictureDigest,
        quality: crate::records::Quality,
        now_ms: i64,
    ) -> Result<Enrolled, Error> {
        self.index.check_room_for(1)?;
        let generation = self.generation.number;
        let new = NewTemplate {
            person,
            generation,
            vector: vector.to_vec(),
            picture,
            quality,
        };
        let enrolled = self.store.enrol(std::slice::from_ref(&new), now_ms)?[0];
        self.take_in(&Template {
            id: enrolled.id,
            given: new,
            created_ms: now_ms,
        })?;
        Ok(enrolled)
    }

    /// Deletes a template, in the store and in memory.
    ///
    /// # Errors
    ///
    /// As [`Store::delete_template`].
    pub fn delete_template(&mut self, id: u64, now_ms: i64) -> Result<(), Error> {
        // Out of memory even if an old reader keeps its bytes in the journal.
        let deleted = self.store.delete_template(id, now_ms);
        if matches!(deleted, Ok(()) | Err(Error::StillInJournal { .. })) {
            self.index.remove(id);
        }
        deleted
    }

    /// Deletes a person with all that belongs to them, in the store and in memory.
    ///
    /// # Errors
    ///
    /// As [`Store::forget_person`].
    pub fn forget(&mut self, person: u64, now_ms: i64) -> Result<(), Error> {
        let forgotten = self.store.forget_person(person, now_ms);
        if matches!(forgotten, Ok(()) | Err(Error::StillInJournal { .. })) {
            self.drop_person(person);
        }
        forgotten
    }

    /// Forgets everybody whose time has come, and returns their numbers. Until then they are not found all the same.
    ///
    /// # Errors
    ///
    /// As [`Store::forget_expired`].
    pub fn forget_expired(&mut self, now_ms: i64) -> Result<Vec<u64>, Error> {
        let forgotten = self.store.forget_expired(now_ms);
        if matches!(forgotten, Ok(_) | Err(Error::StillInJournal { .. })) {
            let expired: Vec<u64> = self.expired(now_ms).collect();
            expired
                .into_iter()
                .for_each(|number| self.drop_person(number));
        }
        forgotten
    }

    fn expired(&self, now_ms: i64) -> impl Iterator<Item = u64> {
        let of_now = move |person: &&Person| {
            person
                .given
                .expires_ms
                .is_some_and(|expires| expires <= now_ms)
        };
        self.people
            .values()
            .filter(of_now)
            .map(|person| person.number)
    }

    /// Notes that a picture does not show a person. A search with that picture leaves the person out.
    ///
    /// # Errors
    ///
    /// As [`Store::exclude`].
    pub fn exclude(
        &mut self,
        picture: PictureDigest,
        person: u64,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.store.exclude(&Exclusion {
            person,
            picture,
            at_ms: now_ms,
        })?;
        self.excluded.entry(picture).or_default().insert(person);
        Ok(())
    }

    /// Sets the thresholds of the active generation, or takes them away.
    ///
    /// # Errors
    ///
    /// As [`Store::set_calibration`].
    pub fn set_calibration(
        &mut self,
        calibration: Option<&Calibration>,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.store
            .set_calibration(self.generation.number, calibration, now_ms)?;
        self.generation.calibration = calibration.cloned();
        Ok(())
    }

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
        let mut found =
            self.identify_all(std::slice::from_ref(probe), most, fpir, now_ms, |_| true)?;
        Ok(found.remove(0))
    }

    /// [`Gallery::identify`] for several probes, in one pass over memory, among the people for whom `wanted` holds.
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
        wanted: impl Fn(&Person) -> bool,
    ) -> Result<Vec<Identification>, Error> {
        check_rate("the false positive identification rate", fpir)?;
        let left_out: HashSet<u64> = self
            .people
            .values()
            .filter(|person| {
                person
                    .given
                    .expires_ms
                    .is_some_and(|expires| expires <= now_ms)
                    || !wanted(person)
            })
            .map(|person| person.number)
            .collect();
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
            let (among, people) = self.searched(&left_out, excluded);
            let vectors: Vec<&[f32]> = batch.iter().map(|&at| probes[at].vector).collect();
            // One more than is wanted, for the gap to the second.
            let fusion = self.generation.made_for.fusion;
            let hits = self
                .index
                .nearest_owners(&vectors, most.max(2), fusion, among.as_ref())?;
            for (at, hits) in batch.into_iter().zip(hits) {
                found[at] = Some(self.identification(&hits, most, fpir, people));
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    fn excluded_for(&self, probe: &Probe<'_>) -> Option<&HashSet<u64>> {
        self.excluded
            .get(&probe.picture?)
            .filter(|people| !people.is_empty())
    }

    /// The templates to search, if not all, and how many people they are of.
    fn searched(
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
        let metric = self.generation.made_for.metric;
        let point = self
            .calibration()
            .and_then(|calibration| calibration.for_fpir(fpir, people));
        let accepted =
            |score| point.is_some_and(|point: SearchPoint| metric.accepts(score, point.threshold));
        let candidate = |hit: &OwnerHit| {
            let person = self.people.get(&hit.owner)?;
            Some(Candidate {
                person: person.number,
                uuid: person.uuid,
                external_id: person.given.external_id.clone(),
                score: hit.score,
                accepted: accepted(hit.score),
            })
        };
        let mut candidates: Vec<Candidate> = hits.iter().filter_map(candidate).collect();
        let gap = match &candidates[..] {
            [first, second, ..] => Some((first.score - second.score).abs()),
            _ => None,
        };
        let decision = match (point, candidates.first()) {
            (None, _) => Decision::Uncalibrated,
            (Some(_), Some(first)) if first.accepted => Decision::Match {
                person: first.person,
            },
            _ => Decision::Unknown,
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
        if !self.people.contains_key(&person)
            || self.expired(now_ms).any(|expired| expired == person)
        {
            return Err(unknown("person"));
        }
        let score = self
            .index
            .score(probe.vector, person, self.generation.made_for.fusion)?
            .ok_or_else(|| unknown("template of person"))?;
        let point = self
            .calibration()
            .and_then(|calibration| calibration.for_fmr(fmr));
        let excluded = self
            .excluded_for(probe)
            .is_some_and(|people| people.contains(&person));
        let decision = match point {
            None => Decision::Uncalibrated,
            Some(point)
                if !excluded
                    && self
                        .generation
                        .made_for
                        .metric
                        .accepts(score, point.threshold) =>
            {
                Decision::Match { person }
            }
            Some(_) => Decision::Unknown,
        };
        let target_met = point.is_some_and(|point| point.fmr <= fmr);
        Ok(Verification {
            decision,
            score,
            excluded,
            target_fmr: fmr,
            target_met,
            point,
        })
    }

    fn calibration(&self) -> Option<&Calibration> {
        self.generation.calibration.as_ref()
    }
}

fn insert(index: &mut VectorIndex, template: &Template) -> Result<(), Error> {
    index.insert(template.id, template.given.person, &template.given.vector)
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
