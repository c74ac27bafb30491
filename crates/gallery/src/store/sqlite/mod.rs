//! A gallery in one SQLite file.

mod check;
mod failure;
mod file;
mod generations;
mod notes;
mod numbers;
mod people;
mod pictures;
mod requests;
mod templates;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};
use verification_figures::Calibration;

use super::{Contents, Finding, Store, rules};
use crate::error::Error;
use crate::records::{
    Change, DigestKey, Enrolled, Exclusion, Generation, KeptPicture, NewGeneration, NewPerson,
    NewTemplate, Person, PictureDigest, Rejection, RequestDigest, Template,
};
use crate::store::row::Said;
use failure::Failure;

/// A gallery in one SQLite file.
///
/// The file is in WAL mode: while it is open, SQLite keeps two more files beside it (`-wal` and `-shm`), which belong to it.
/// Several programs may have it open. One at a time writes, and the others wait for up to ten seconds. What a call has
/// acknowledged is still there after `kill -9` or a failure of power, as far as the disk keeps its promises.
///
/// What is deleted is overwritten in the file (`secure_delete`), and the journal is emptied before the call returns. That
/// does not reach copies, snapshots of a file system, or the spare blocks of a flash disk.
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
    digest_key: DigestKey,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Makes a new gallery with one generation, which is active.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if there is anything at `path`, [`Error::Io`], [`Error::Database`]; [`Error::Argument`] for a
    /// dimension or fusion that cannot be.
    pub fn create(path: &Path, first: &NewGeneration, now_ms: i64) -> Result<Self, Error> {
        let key = rules::new_key(path)?;
        let fill = |change: &Connection| {
            let number = generations::add(change, first, now_ms)?;
            generations::begin(change, &key, number)
        };
        file::create(path, |change| {
            fill(change).map_err(|failure| failure.at("create", path))
        })?;
        Self::open(path)
    }

    /// Makes a new gallery that holds what another one held.
    ///
    /// # Errors
    ///
    /// As [`SqliteStore::create`]; and whatever the store refuses of the contents.
    pub fn create_from(path: &Path, contents: &Contents) -> Result<Self, Error> {
        // Named one by one, so that none is forgotten.
        let Contents {
            digest_key,
            generations,
            active,
            models,
            people,
            templates,
            pictures,
            last_numbers,
            rejections,
            exclusions,
        } = contents;
        let fill = |change: &Connection| {
            generations::restore(change, generations, models)?;
            generations::begin(change, digest_key, *active)?;
            people::restore(change, people)?;
            templates::restore(change, templates)?;
            pictures::keep(change, pictures)?;
            numbers::restore(change, last_numbers)?;
            rejections
                .iter()
                .try_for_each(|rejection| notes::reject(change, rejection))?;
            exclusions
                .iter()
                .try_for_each(|exclusion| notes::exclude(change, exclusion))
        };
        file::create(path, |change| {
            fill(change).map_err(|failure| failure.at("fill", path))
        })?;
        Self::open(path)
    }

    /// Opens a gallery.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchGallery`], [`Error::Foreign`], [`Error::FutureFormat`], [`Error::Damaged`], [`Error::Locked`],
    /// [`Error::Io`], [`Error::Database`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let connection = file::open(path)?;
        let digest_key =
            generations::digest_key(&connection).map_err(|failure| failure.at("open", path))?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            digest_key,
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Error> {
        read(&self.connection).map_err(|failure| failure.at("read", &self.path))
    }

    /// Changes all or nothing. The lock for writing is taken at the beginning: a transaction that begins as a reader cannot
    /// wait for it later.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let path = self.path.clone();
        let wrong = |failure: Failure| failure.at("write to", &path);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| wrong(source.into()))?;
        let changed = change(&transaction).map_err(wrong)?;
        transaction
            .commit()
            .map_err(|source| wrong(source.into()))?;
        Ok(changed)
    }

    /// Deletes, and leaves nothing of it in the journal.
    fn delete<T>(
        &mut self,
        delete: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let deleted = self.change(delete)?;
        self.empty_journal()?;
        Ok(deleted)
    }

    fn empty_journal(&self) -> Result<(), Error> {
        let busy: i64 = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(|source| source.failed("empty the journal of", &self.path))?;
        if busy == 0 {
            Ok(())
        } else {
            Err(Error::StillInJournal {
                path: self.path.clone(),
            })
        }
    }
}

impl Store for SqliteStore {
    fn path(&self) -> &Path {
        &self.path
    }

    fn digest_key(&self) -> &DigestKey {
        &self.digest_key
    }

    fn generations(&self) -> Result<Vec<Generation>, Error> {
        self.read(generations::all)
    }

    fn active_generation(&self) -> Result<Generation, Error> {
        self.read(|connection| generations::one(connection, generations::active(connection)?))
    }

    fn add_generation(&mut self, new: &NewGeneration, now_ms: i64) -> Result<u64, Error> {
        self.change(|change| generations::add(change, new, now_ms))
    }

    fn activate_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error> {
        self.change(|change| generations::activate(change, number, now_ms))
    }

    fn prune_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error> {
        self.delete(|change| generations::prune(change, number, now_ms))
    }

    fn set_calibration(
        &mut self,
        generation: u64,
        calibration: Option<&Calibration>,
        now_ms: i64,
    ) -> Result<(), Error> {
        self.change(|change| generations::calibrate(change, generation, calibration, now_ms))
    }

    fn put_model(&mut self, contract: &str, bytes: &[u8]) -> Result<(), Error> {
        self.change(|change| generations::put_model(change, contract, bytes))
    }

    fn model(&self, contract: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| generations::model(connection, contract))
    }

    fn add_person(&mut self, new: &NewPerson, now_ms: i64) -> Result<Person, Error> {
        self.change(|change| people::add(change, new, now_ms))
    }

    fn change_person(&mut self, number: u64, new: &NewPerson, now_ms: i64) -> Result<(), Error> {
        // What is replaced may be what somebody wants deleted.
        self.delete(|change| people::change(change, number, new, now_ms))
    }

    fn people(&self) -> Result<Vec<Person>, Error> {
        self.read(people::all)
    }

    fn person(&self, number: u64) -> Result<Option<Person>, Error> {
        self.read(|connection| people::one(connection, "number = ?1", &number))
    }

    fn person_by_external_id(&self, external_id: &str) -> Result<Option<Person>, Error> {
        self.read(|connection| people::one(connection, "external_id = ?1", &external_id))
    }

    fn enrol_with(
        &mut self,
        people: &[NewPerson],
        templates: &[NewTemplate],
        now_ms: i64,
    ) -> Result<(Vec<Person>, Vec<Enrolled>), Error> {
        self.change(|change| {
            let mut added = Vec::with_capacity(people.len());
            for new in people {
                added.push(people::add(change, new, now_ms)?);
            }
            let templates = rules::of_people(templates, &added);
            let enrolled = templates::enrol(change, &templates, now_ms)?;
            Ok((added, enrolled))
        })
    }

    fn template(&self, id: u64) -> Result<Option<Template>, Error> {
        self.read(|connection| templates::one(connection, id))
    }

    fn templates_of(&self, person: u64, generation: u64) -> Result<Vec<Template>, Error> {
        self.read(|connection| {
            let mut found = Vec::new();
            templates::each(connection, "person = ?1", person, &mut |template| {
                found.push(template);
                Ok(())
            })?;
            found.retain(|template| template.given.generation == generation);
            Ok(found)
        })
    }

    fn count_templates(&self, generation: u64) -> Result<u64, Error> {
        self.read(|connection| templates::count(connection, generation))
    }

    fn templates_by_person(&self, generation: u64) -> Result<Vec<(u64, u64)>, Error> {
        self.read(|connection| templates::by_person(connection, generation))
    }

    fn people_with_picture(
        &self,
        generation: u64,
        picture: &PictureDigest,
    ) -> Result<Vec<u64>, Error> {
        self.read(|connection| templates::owners(connection, generation, picture))
    }

    fn each_template(
        &self,
        generation: u64,
        visit: &mut dyn FnMut(Template) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.read(|connection| templates::each(connection, "generation = ?1", generation, visit))
    }

    fn keep_pictures(&mut self, pictures: &[KeptPicture]) -> Result<(), Error> {
        self.change(|change| pictures::keep(change, pictures))
    }

    fn kept_picture(&self, person: u64, picture: &PictureDigest) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| pictures::one(connection, person, picture))
    }

    fn count_pictures(&self) -> Result<u64, Error> {
        self.read(pictures::count)
    }

    fn delete_template(&mut self, id: u64, now_ms: i64) -> Result<(), Error> {
        self.delete(|change| templates::delete(change, id, now_ms))
    }

    fn forget_person(&mut self, number: u64, now_ms: i64) -> Result<(), Error> {
        self.delete(|change| people::forget(change, number, now_ms))
    }

    fn forget_expired(&mut self, now_ms: i64) -> Result<Vec<u64>, Error> {
        self.delete(|change| people::forget_expired(change, now_ms))
    }

    fn reject(&mut self, rejection: &Rejection) -> Result<(), Error> {
        self.change(|change| notes::reject(change, rejection))
    }

    fn forget_rejections(&mut self, now_ms: i64) -> Result<usize, Error> {
        self.delete(|change| notes::forget_rejections(change, now_ms))
    }

    fn rejections(&self) -> Result<Vec<Rejection>, Error> {
        self.read(notes::rejections)
    }

    fn exclude(&mut self, exclusion: &Exclusion) -> Result<(), Error> {
        self.change(|change| notes::exclude(change, exclusion))
    }

    fn exclusions(&self) -> Result<Vec<Exclusion>, Error> {
        self.read(notes::exclusions)
    }

    fn note_request(
        &mut self,
        request: &RequestDigest,
        now_ms: i64,
        until_ms: i64,
    ) -> Result<(), Error> {
        self.change(|change| requests::note(change, request, now_ms, until_ms))
    }

    fn request_time(&self, request: &RequestDigest) -> Result<Option<i64>, Error> {
        self.read(|connection| requests::time(connection, request))
    }

    fn last_change(&self) -> Result<u64, Error> {
        self.read(notes::last_change)
    }

    fn changes_after(&self, sequence: u64) -> Result<Vec<Change>, Error> {
        self.read(|connection| notes::changes_after(connection, sequence))
    }

    fn contents(&self) -> Result<Contents, Error> {
        self.read(|connection| {
            // One transaction, so that all of it is of one moment.
            let moment = connection.unchecked_transaction()?;
            let mut templates = Vec::new();
            templates::each(&moment, "?1 = ?1", 0, &mut |template| {
                templates.push(template);
                Ok(())
            })?;
            Ok(Contents {
                digest_key: self.digest_key.clone(),
                generations: generations::all(&moment)?,
                active: generations::active(&moment)?,
                models: generations::models(&moment)?,
                people: people::all(&moment)?,
                templates,
                pictures: pictures::all(&moment)?,
                last_numbers: numbers::last(&moment)?,
                rejections: notes::rejections(&moment)?,
                exclusions: notes::exclusions(&moment)?,
            })
        })
    }

    fn check(&self) -> Result<Vec<Finding>, Error> {
        self.read(check::check)
    }

    fn compact(&mut self) -> Result<(), Error> {
        self.connection
            .execute_batch("VACUUM")
            .map_err(|source| source.failed("compact", &self.path))?;
        self.empty_journal()
    }
}
