//! How a store comes about: a gallery is made, filled or opened.

use std::cell::RefCell;

use postgres::Client;
use uuid::Uuid;

use super::address::PostgresAddress;
use super::change::Change;
use super::failure::{Failure, is_lost};
use super::session::{self, Session};
use super::{PostgresStore, generations, notes, people, pictures, schema, templates};
use crate::error::Error;
use crate::records::{DigestKey, LastNumbers, NewGeneration};
use crate::store::row::Said;
use crate::store::{Contents, rules};

impl PostgresStore {
    /// Makes a new gallery with one generation, which is active. The schema is made where it is not there yet, which needs
    /// the right to make one.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if the database has a gallery of this name, [`Error::Unreachable`], [`Error::Database`];
    /// [`Error::Argument`] for a dimension or fusion that cannot be.
    pub fn create(
        address: &PostgresAddress,
        first: &NewGeneration,
        now_ms: i64,
    ) -> Result<Self, Error> {
        let key = rules::new_key(&address.shown())?;
        Self::made(address, "create", &key, 1, |change| {
            generations::add(change, first, now_ms).map(drop)
        })
    }

    /// Makes a new gallery that holds what another one held.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::create`]; and whatever the store refuses of the contents.
    pub fn create_from(address: &PostgresAddress, contents: &Contents) -> Result<Self, Error> {
        // Named one by one, so that none is forgotten.
        let Contents {
            digest_key,
            generations,
            active,
            models,
            people,
            templates,
            pictures,
            last_numbers: _,
            rejections,
            exclusions,
        } = contents;
        Self::made(address, "fill", digest_key, *active, |change| {
            generations::restore(change, generations, models)?;
            people::restore(change, people)?;
            templates::restore(change, templates)?;
            pictures::keep(change, pictures)?;
            change.last = last_numbers(contents);
            rejections
                .iter()
                .try_for_each(|rejection| notes::reject(change, rejection))?;
            exclusions
                .iter()
                .try_for_each(|exclusion| notes::exclude(change, exclusion))
        })
    }

    fn made(
        address: &PostgresAddress,
        action: &'static str,
        key: &DigestKey,
        active: u64,
        fill: impl FnOnce(&mut Change<'_>) -> Result<(), Failure>,
    ) -> Result<Self, Error> {
        let path = address.shown();
        let mut client = session::connected(address)?;
        schema::make(&mut client, &path)?;
        let fill = |client: &mut Client| {
            let mut transaction = client.transaction()?;
            let made = generations::begin(&mut transaction, address.gallery(), key, active)?;
            let gallery = made.ok_or_else(|| Error::Exists { path: path.clone() })?;
            let mut change = Change::of_new(transaction, gallery);
            fill(&mut change)?;
            change.write_log(Uuid::now_v7())?;
            change.commit().map_err(|source| match is_lost(&source) {
                true => Failure::Other(Error::Unsure {
                    path: path.clone(),
                    source: Box::new(source.failed(action, &path)),
                }),
                false => source.into(),
            })?;
            Ok(gallery)
        };
        let gallery = fill(&mut client).map_err(|failure: Failure| failure.at(action, &path))?;
        Ok(Self {
            address: address.clone(),
            gallery,
            digest_key: key.clone(),
            session: RefCell::new(Session::new(address.clone(), client)),
            path,
        })
    }

    /// Opens a gallery.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchGallery`], [`Error::FutureFormat`], [`Error::Unreachable`], [`Error::Database`].
    pub fn open(address: &PostgresAddress) -> Result<Self, Error> {
        let path = address.shown();
        let mut client = session::connected(address)?;
        schema::bring_up(&mut client, &path)?;
        let found = generations::find(&mut client, address.gallery())
            .map_err(|failure| failure.at("open", &path))?;
        let (gallery, digest_key) =
            found.ok_or_else(|| Error::NoSuchGallery { path: path.clone() })?;
        Ok(Self {
            address: address.clone(),
            path,
            gallery,
            digest_key,
            session: RefCell::new(Session::new(address.clone(), client)),
        })
    }
}

/// Those that were given out, and none below what is there: old exports do not know them.
fn last_numbers(contents: &Contents) -> LastNumbers {
    let last = contents.last_numbers;
    let people = contents.people.iter().map(|person| person.number);
    let templates = contents.templates.iter().map(|template| template.id);
    let generations = contents.generations.iter().map(|one| one.number);
    LastNumbers {
        person: people.fold(last.person, u64::max),
        template: templates.fold(last.template, u64::max),
        generation: generations.fold(last.generation, u64::max),
    }
}
