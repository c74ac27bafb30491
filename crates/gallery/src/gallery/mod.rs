//! A store and an index over it: what most programs use.

mod answers;

use std::collections::{HashMap, HashSet};

pub use answers::Probe;

use verification_figures::Calibration;

use crate::error::Error;
use crate::index::VectorIndex;
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
    /// Empty where the store searches.
    index: VectorIndex,
    /// How many templates each person has, where the store searches.
    in_store: Option<HashMap<u64, u64>>,
    generation: Generation,
    people: HashMap<u64, Person>,
    excluded: HashMap<PictureDigest, HashSet<u64>>,
    budget: u64,
    /// Nobody of the people expires earlier.
    first_expiry_ms: i64,
    /// Place in the log up to which this knows everything.
    seen: u64,
}

impl<S: Store> Gallery<S> {
    /// Loads the active generation of a store. Where its vectors take more than `budget_bytes` of memory, the store searches
    /// them, if it can; what is known of people is in memory in any case.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`] before anything is loaded, if the vectors take more than `budget_bytes` and the store cannot search;
    /// those of [`Store`].
    pub fn open(store: S, budget_bytes: u64) -> Result<Self, Error> {
        let generation = store.active_generation()?;
        let mut gallery = Self {
            index: VectorIndex::new(generation.made_for.dimension, generation.made_for.metric)?,
            in_store: None,
            store,
            generation,
            people: HashMap::new(),
            excluded: HashMap::new(),
            budget: budget_bytes,
            first_expiry_ms: i64::MAX,
            seen: 0,
        };
        gallery.reload()?;
        Ok(gallery)
    }

    /// Reads everything anew. Where that fails, all is as it was.
    fn reload(&mut self) -> Result<(), Error> {
        // The log first: what changes meanwhile is then seen twice rather than never.
        let seen = self.store.last_change()?;
        let generation = self.store.active_generation()?;
        let made_for = &generation.made_for;
        let mut index =
            VectorIndex::new(made_for.dimension, made_for.metric)?.with_budget(self.budget);
        let mut load = || {
            index.check_room_for(self.store.count_templates(generation.number)?)?;
            self.store
                .each_template(generation.number, &mut |template| {
                    insert(&mut index, &template)
                })
        };
        let in_store = match load() {
            Ok(()) => None,
            Err(full @ Error::Memory { .. }) => {
                index = VectorIndex::new(made_for.dimension, made_for.metric)?;
                Some(searched_by(&mut self.store, &generation, full)?)
            }
            Err(other) => return Err(other),
        };
        let people = self.store.people()?;
        let excluded = excluded(&self.store)?;
        self.seen = seen;
        self.generation = generation;
        self.index = index;
        self.in_store = in_store;
        self.excluded = excluded;
        self.people.clear();
        self.first_expiry_ms = i64::MAX;
        for person in people {
            self.take_in_person(person);
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
        let moved = changes
            .iter()
            .any(|change| change.kind == ChangeKind::GenerationActivated);
        // A database may come back as it was earlier: from a backup, or on a standby that had not heard all.
        let went_back = changes.is_empty() && self.store.last_change()? < self.seen;
        if moved || went_back {
            return self.reload();
        }
        let mut deleted = false;
        for change in &changes {
            match change.kind {
                ChangeKind::PersonAdded | ChangeKind::PersonChanged => {
                    if let Some(person) = self.store.person(change.subject)? {
                        self.take_in_person(person);
                    }
                }
                ChangeKind::PersonForgotten => self.drop_person(change.subject),
                ChangeKind::TemplateAdded => {
                    if let Some(template) = self.store.template(change.subject)? {
                        self.take_in(&template)?;
                    }
                }
                ChangeKind::TemplateDeleted => {
                    deleted = true;
                    self.index.remove(change.subject);
                }
                ChangeKind::Calibrated => self.generation = self.store.active_generation()?,
                ChangeKind::Noted => self.excluded = excluded(&self.store)?,
                ChangeKind::GenerationAdded
                | ChangeKind::GenerationActivated
                | ChangeKind::GenerationPruned => {}
            }
            self.seen = change.sequence;
        }
        // The log does not say whose templates they were.
        if deleted && self.in_store.is_some() {
            self.count_in_store()?;
        }
        Ok(())
    }

    /// Takes the vectors out of memory, where they have no room there and the store can search.
    fn or_search_in_store(&mut self, taken_in: Result<(), Error>) -> Result<(), Error> {
        let full = match taken_in {
            Err(full @ Error::Memory { .. }) => full,
            taken_in => return taken_in,
        };
        let made_for = &self.generation.made_for;
        let none = VectorIndex::new(made_for.dimension, made_for.metric)?;
        self.in_store = Some(searched_by(&mut self.store, &self.generation, full)?);
        self.index = none;
        Ok(())
    }

    /// Counts the templates of all people anew.
    fn count_in_store(&mut self) -> Result<(), Error> {
        self.in_store = Some(counts(&self.store, self.generation.number)?);
        Ok(())
    }

    fn take_in(&mut self, template: &Template) -> Result<(), Error> {
        if template.given.generation != self.generation.number || self.index.contains(template.id) {
            return Ok(());
        }
        if let Some(counts) = &mut self.in_store {
            // Counted and not added up, as it may be told twice.
            let (person, generation) = (template.given.person, self.generation.number);
            let count = self.store.templates_of(person, generation)?.len() as u64;
            counts.insert(person, count);
            return Ok(());
        }
        let taken_in = insert(&mut self.index, template);
        self.or_search_in_store(taken_in)
    }

    fn take_in_person(&mut self, person: Person) {
        self.first_expiry_ms = self
            .first_expiry_ms
            .min(person.given.expires_ms.unwrap_or(i64::MAX));
        self.people.insert(person.number, person);
    }

    fn drop_person(&mut self, number: u64) {
        self.index.remove_owner(number);
        if let Some(counts) = &mut self.in_store {
            counts.remove(&number);
        }
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

    /// The vectors of the active generation; each is owned by the number of its person. Empty where the store searches.
    pub fn index(&self) -> &VectorIndex {
        &self.index
    }

    /// Whether the vectors are in memory. If not, they have no room there, and the store searches them.
    pub fn is_in_memory(&self) -> bool {
        self.in_store.is_none()
    }

    /// How many templates are searched.
    pub fn count_templates(&self) -> usize {
        match &self.in_store {
            Some(counts) => counts.values().sum::<u64>() as usize,
            None => self.index.len(),
        }
    }

    /// How many people have a template that is searched.
    pub fn count_searched(&self) -> usize {
        match &self.in_store {
            Some(counts) => counts.len(),
            None => self.index.owners(),
        }
    }

    /// The fewest and the most templates that a person has who has one; zeros where there is none.
    pub fn fewest_and_most(&self) -> (usize, usize) {
        match &self.in_store {
            Some(counts) => {
                let counts = || counts.values().map(|&count| count as usize);
                (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
            }
            None => self.index.fewest_and_most(),
        }
    }

    /// Numbers of all templates that are searched, and of their people, in no order.
    ///
    /// # Errors
    ///
    /// Those of [`Store`].
    pub fn searched(&self) -> Result<Vec<(u64, u64)>, Error> {
        let mut all = Vec::new();
        if self.in_store.is_some() {
            self.store
                .each_template(self.generation.number, &mut |template| {
                    all.push((template.id, template.given.person));
                    Ok(())
                })?;
        } else {
            // It visits them all; nothing is selected.
            let _none = self.index.select(|template, person| {
                all.push((template, person));
                false
            });
        }
        Ok(all)
    }

    /// A person.
    pub fn person(&self, number: u64) -> Option<&Person> {
        self.people.get(&number)
    }

    /// Up to `most` people with numbers above `after`, in order of their numbers.
    pub fn people_after(&self, after: u64, most: usize) -> Vec<&Person> {
        let mut people: Vec<&Person> = self
            .people
            .values()
            .filter(|person| person.number > after)
            .collect();
        if most < people.len() {
            people.select_nth_unstable_by_key(most, |person| person.number);
            people.truncate(most);
        }
        people.sort_unstable_by_key(|person| person.number);
        people
    }

    /// How many people there are, those without templates too.
    pub fn count_people(&self) -> usize {
        self.people.len()
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
        self.take_in_person(person.clone());
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
        let generation = self.generation.number;
        let new = NewTemplate {
            person,
            generation,
            vector: vector.to_vec(),
            picture,
            quality,
        };
        Ok(self.enrol_all(vec![new], now_ms)?[0])
    }

    /// Adds several templates, all or none, as [`Gallery::enrol`] adds one. Those of another generation than the active one
    /// are kept and not searched.
    ///
    /// # Errors
    ///
    /// As [`Gallery::enrol`].
    pub fn enrol_all(
        &mut self,
        templates: Vec<NewTemplate>,
        now_ms: i64,
    ) -> Result<Vec<Enrolled>, Error> {
        if self.in_store.is_none() {
            let room = self.index.check_room_for(templates.len() as u64);
            self.or_search_in_store(room)?;
        }
        let enrolled = self.store.enrol(&templates, now_ms)?;
        for (given, &Enrolled { id, .. }) in templates.into_iter().zip(&enrolled) {
            self.take_in(&Template {
                id,
                given,
                created_ms: now_ms,
            })?;
        }
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
            if self.in_store.is_some() {
                self.count_in_store()?;
            }
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
            let expired: Vec<u64> = self
                .people
                .values()
                .filter(|person| has_expired(person, now_ms))
                .map(|person| person.number)
                .collect();
            expired
                .into_iter()
                .for_each(|number| self.drop_person(number));
        }
        forgotten
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
}

/// How many templates each person has in a generation that the store searches; `full` is why it has to, and what is said where
/// it cannot.
fn searched_by<S: Store>(
    store: &mut S,
    generation: &Generation,
    full: Error,
) -> Result<HashMap<u64, u64>, Error> {
    match store.begin_search(generation)? {
        true => counts(store, generation.number),
        false => Err(full),
    }
}

fn counts(store: &impl Store, generation: u64) -> Result<HashMap<u64, u64>, Error> {
    Ok(store.templates_by_person(generation)?.into_iter().collect())
}

/// Who is left out of searches with which picture.
fn excluded(store: &impl Store) -> Result<HashMap<PictureDigest, HashSet<u64>>, Error> {
    let mut excluded: HashMap<_, HashSet<u64>> = HashMap::new();
    for Exclusion {
        person, picture, ..
    } in store.exclusions()?
    {
        excluded.entry(picture).or_default().insert(person);
    }
    Ok(excluded)
}

fn insert(index: &mut VectorIndex, template: &Template) -> Result<(), Error> {
    index.insert(template.id, template.given.person, &template.given.vector)
}

fn has_expired(person: &Person, now_ms: i64) -> bool {
    person
        .given
        .expires_ms
        .is_some_and(|expires| expires <= now_ms)
}
