//! What changes the store and the index.

use verification_figures::Calibration;

use super::{Gallery, has_expired};
use crate::error::Error;
use crate::records::{
    Enrolled, Exclusion, NewPerson, NewTemplate, Person, PictureDigest, Template, number_of_added,
};
use crate::store::Store;

impl<S: Store> Gallery<S> {
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
        Ok(self.enrol_with(&[], templates, now_ms)?.1)
    }

    /// Adds people and templates, all or none: see [`Store::enrol_with`].
    ///
    /// # Errors
    ///
    /// As [`Store::add_person`] and [`Gallery::enrol_all`].
    pub fn enrol_with(
        &mut self,
        people: &[NewPerson],
        mut templates: Vec<NewTemplate>,
        now_ms: i64,
    ) -> Result<(Vec<Person>, Vec<Enrolled>), Error> {
        if self.in_store.is_none() {
            let room = self.index.check_room_for(templates.len() as u64);
            self.or_search_in_store(room)?;
        }
        let (added, enrolled) = self.store.enrol_with(people, &templates, now_ms)?;
        for person in &added {
            self.take_in_person(person.clone());
        }
        for template in &mut templates {
            template.person = number_of_added(template.person, &added);
        }
        for (given, &Enrolled { id, .. }) in templates.into_iter().zip(&enrolled) {
            self.take_in(&Template {
                id,
                given,
                created_ms: now_ms,
            })?;
        }
        Ok((added, enrolled))
    }

    /// Deletes a template, in the store and in memory.
    ///
    /// # Errors
    ///
    /// As [`Store::delete_template`].
    pub fn delete_template(&mut self, id: u64, now_ms: i64) -> Result<(), Error> {
        let owner = match self.in_store.is_some() {
            true => self.store.template(id)?,
            false => None,
        };
        // Out of memory even if an old reader keeps its bytes in the journal.
        let deleted = self.store.delete_template(id, now_ms);
        if matches!(deleted, Ok(()) | Err(Error::StillInJournal { .. })) {
            self.index.remove(id);
            if let Some(template) = owner {
                self.count_in_store(template.given.person);
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
