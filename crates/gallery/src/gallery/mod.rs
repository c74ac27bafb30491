//! A store and an index over it: what most programs use.

mod answers;
mod changes;
mod follow;

use std::collections::{HashMap, HashSet};

pub use answers::Probe;

use crate::error::Error;
use crate::index::VectorIndex;
use crate::records::{Generation, Person, PictureDigest};
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
    /// Whether these are to be counted anew.
    recount: bool,
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
}

fn has_expired(person: &Person, now_ms: i64) -> bool {
    person
        .given
        .expires_ms
        .is_some_and(|expires| expires <= now_ms)
}
