//! What a gallery knows of its store: loaded, and kept up with.

use std::collections::{HashMap, HashSet};

use super::Gallery;
use crate::error::Error;
use crate::index::VectorIndex;
use crate::records::{ChangeKind, Exclusion, Generation, Person, PictureDigest, Template};
use crate::store::Store;

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
            recount: false,
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
        self.recount = false;
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
                    // The log does not say whose it was.
                    self.recount = true;
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
        if self.recount && self.in_store.is_some() {
            self.in_store = Some(counts(&self.store, self.generation.number)?);
        }
        self.recount = false;
        Ok(())
    }

    /// Takes the vectors out of memory, where they have no room there and the store can search.
    pub(super) fn or_search_in_store(&mut self, taken_in: Result<(), Error>) -> Result<(), Error> {
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

    /// Counts the templates of a person anew, where the store searches.
    pub(super) fn count_in_store(&mut self, person: u64) {
        let Some(counts) = &mut self.in_store else {
            return;
        };
        match self.store.templates_of(person, self.generation.number) {
            Ok(templates) if templates.is_empty() => drop(counts.remove(&person)),
            Ok(templates) => drop(counts.insert(person, templates.len() as u64)),
            // What was changed is changed all the same; refreshing counts again, and says what is wrong.
            Err(_) => self.recount = true,
        }
    }

    pub(super) fn take_in(&mut self, template: &Template) -> Result<(), Error> {
        if template.given.generation != self.generation.number || self.index.contains(template.id) {
            return Ok(());
        }
        if self.in_store.is_some() {
            // Counted and not added up, as it may be told twice.
            self.count_in_store(template.given.person);
            return Ok(());
        }
        let taken_in = insert(&mut self.index, template);
        self.or_search_in_store(taken_in)
    }

    pub(super) fn take_in_person(&mut self, person: Person) {
        self.first_expiry_ms = self
            .first_expiry_ms
            .min(person.given.expires_ms.unwrap_or(i64::MAX));
        self.people.insert(person.number, person);
    }

    pub(super) fn drop_person(&mut self, number: u64) {
        self.index.remove_owner(number);
        if let Some(counts) = &mut self.in_store {
            counts.remove(&number);
        }
        self.people.remove(&number);
        self.excluded.values_mut().for_each(|people| {
            people.remove(&number);
        });
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

pub(super) fn insert(index: &mut VectorIndex, template: &Template) -> Result<(), Error> {
    index.insert(template.id, template.given.person, &template.given.vector)
}
