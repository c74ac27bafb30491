//! Galleries in a PostgreSQL database.

mod address;
mod change;
mod check;
mod failure;
mod generations;
mod notes;
mod opened;
mod people;
mod pictures;
mod requests;
mod schema;
mod search;
mod session;
mod templates;
mod tls;
mod watch;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postgres::{Client, IsolationLevel};
use uuid::Uuid;
use verification_figures::Calibration;

use super::{Contents, Finding, Store, Watch, rules};
use crate::error::Error;
use crate::records::{
    self, DigestKey, Enrolled, Exclusion, Generation, KeptPicture, NewGeneration, NewPerson,
    NewTemplate, Person, PictureDigest, Rejection, RequestDigest, Template,
};
use crate::store::row::Said;
pub use address::PostgresAddress;
use change::{Change, signed};
use failure::{Failure, is_lost};
use search::Searching;
use session::{PATIENCE, Session};

/// How long one waits before one asks again what became of a commit.
const ASKED_AGAIN: Duration = Duration::from_millis(200);

/// The tables that hold personal data.
const PERSONAL: &str = "person, template, picture, rejection, exclusion";

/// A gallery in a PostgreSQL database, one of as many as one likes.
///
/// The tables are in the schema `siamese_gallery`. Vectors are of pgvector's type `vector`.
///
/// Several programs, on several machines, may have a gallery open. One at a time changes it, and the others wait for up to ten
/// seconds; readers wait for nobody. A lost connection is made again by the next call. A read, and a change that had not been
/// committed, are then done once more. Where the connection ends during a commit, the log of changes says what became of it;
/// [`Error::Unsure`] if the server does not come back within ten seconds.
///
/// What a call has acknowledged is there after a crash of the server, as far as `fsync` and `full_page_writes` are on and its disk
/// keeps its promises. What is deleted nobody can read any more, and a `VACUUM` frees its space; its bytes may stay in the free space of
/// the server's files, in its journal (WAL), in archives, backups and standbys. [`Store::compact`] rewrites the tables of all
/// galleries of the database; who runs the server has to do the rest.
///
/// The methods wait for the server, so an asynchronous program calls them on a thread for blocking work.
pub struct PostgresStore {
    address: PostgresAddress,
    path: PathBuf,
    gallery: i64,
    digest_key: DigestKey,
    session: RefCell<Session>,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PostgresStore")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &PostgresAddress {
        &self.address
    }

    fn read<T>(&self, read: impl Fn(&mut Client, i64) -> Result<T, Failure>) -> Result<T, Error> {
        let mut session = self.session.borrow_mut();
        session.read(|client| read(client, self.gallery))
    }

    /// Changes all or nothing, and once, also where the connection is lost meanwhile.
    fn change<T>(
        &mut self,
        change: impl Fn(&mut Change<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let token = Uuid::now_v7();
        let mut in_doubt = None;
        let mut doubted = None;
        let mut once_more = true;
        loop {
            let error = match self.attempt(token, &mut in_doubt, &change) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let lost = matches!(error, Error::Unreachable { .. });
            if in_doubt.is_some() {
                let since: &Instant = doubted.get_or_insert_with(Instant::now);
                if !lost || since.elapsed() > PATIENCE {
                    return Err(Error::Unsure {
                        path: self.path.clone(),
                        source: Box::new(error),
                    });
                }
                std::thread::sleep(ASKED_AGAIN);
            } else if lost && once_more {
                once_more = false;
            } else {
                return Err(error);
            }
        }
    }

    /// `in_doubt` keeps what was done while nobody knows whether it was committed.
    fn attempt<T>(
        &mut self,
        token: Uuid,
        in_doubt: &mut Option<T>,
        change: impl Fn(&mut Change<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let session = self.session.get_mut();
        let client = session.client()?;
        let mut attempt = || {
            let mut begun = Change::begin(client, self.gallery)?;
            let made = in_doubt.is_some() && begun.was_made(token)?;
            if let Some(done) = in_doubt.take().filter(|_| made) {
                return Ok(done);
            }
            let done = change(&mut begun)?;
            begun.write_log(token)?;
            if let Err(error) = begun.commit() {
                *in_doubt = is_lost(&error).then_some(done);
                return Err(error.into());
            }
            Ok(done)
        };
        let attempted = attempt();
        if attempted.as_ref().is_err_and(Failure::is_lost) {
            session.end();
        }
        attempted.map_err(|failure| failure.at("write to", &self.path))
    }

    /// Deletes, and lets the server free the space. Where that fails, or somebody does it already, the server does it later by
    /// itself.
    fn delete<T>(
        &mut self,
        delete: impl Fn(&mut Change<'_>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let deleted = self.change(delete)?;
        if let Ok(client) = self.session.get_mut().client() {
            let vacuum = format!("VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON) {PERSONAL}");
            let _ = client.batch_execute(&vacuum);
        }
        Ok(deleted)
    }
}

impl Store for PostgresStore {
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
        self.read(generations::active)
    }

    fn add_generation(&mut self, new: &NewGeneration, now_ms: i64) -> Result<u64, Error> {
        self.change(|change| generations::add(change, new, now_ms))
    }

    fn activate_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error> {
        self.change(|change| generations::activate(change, number, now_ms))
    }

    fn prune_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error> {
        self.delete(|change| generations::prune(change, number, now_ms))?;
        // One that stays holds nothing.
        let _ = self.read(|client, gallery| search::drop_index(client, gallery, number));
        Ok(())
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
        self.read(|client, gallery| generations::model(client, gallery, contract))
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
        self.read(|client, gallery| people::one(client, gallery, "number", &signed(number)))
    }

    fn person_by_external_id(&self, external_id: &str) -> Result<Option<Person>, Error> {
        // PostgreSQL keeps no such text, and takes no such question.
        if external_id.contains('\0') {
            return Ok(None);
        }
        self.read(|client, gallery| people::one(client, gallery, "external_id", &external_id))
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
        self.read(|client, gallery| Ok(templates::all(client, gallery, "id = $2", id)?.pop()))
    }

    fn templates_of(&self, person: u64, generation: u64) -> Result<Vec<Template>, Error> {
        let mut found =
            self.read(|client, gallery| templates::all(client, gallery, "person = $2", person))?;
        found.retain(|template| template.given.generation == generation);
        Ok(found)
    }

    fn count_templates(&self, generation: u64) -> Result<u64, Error> {
        self.read(|client, gallery| templates::count(client, gallery, generation))
    }

    fn templates_by_person(&self, generation: u64) -> Result<Vec<(u64, u64)>, Error> {
        self.read(|client, gallery| templates::by_person(client, gallery, generation))
    }

    fn people_with_picture(
        &self,
        generation: u64,
        picture: &PictureDigest,
    ) -> Result<Vec<u64>, Error> {
        self.read(|client, gallery| templates::owners(client, gallery, generation, picture))
    }

    fn each_template(
        &self,
        generation: u64,
        visit: &mut dyn FnMut(Template) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let part = self.read(|client, gallery| {
                templates::part(client, gallery, "generation = $2", generation, after)
            })?;
            let Some(last) = part.last() else {
                return Ok(());
            };
            after = last.id;
            part.into_iter().try_for_each(&mut *visit)?;
        }
    }

    fn keep_pictures(&mut self, pictures: &[KeptPicture]) -> Result<(), Error> {
        self.change(|change| pictures::keep(change, pictures))
    }

    fn kept_picture(&self, person: u64, picture: &PictureDigest) -> Result<Option<Vec<u8>>, Error> {
        self.read(|client, gallery| pictures::one(client, gallery, person, picture))
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
        let expired = |change: &mut Change<'_>| people::forget_expired(change, now_ms);
        // Asked every minute, and mostly for nothing.
        match self.read(|client, gallery| people::has_expired(client, gallery, now_ms))? {
            true => self.delete(expired),
            false => Ok(Vec::new()),
        }
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
        self.read(|client, gallery| requests::time(client, gallery, request))
    }

    fn last_change(&self) -> Result<u64, Error> {
        self.read(notes::last_change)
    }

    fn changes_after(&self, sequence: u64) -> Result<Vec<records::Change>, Error> {
        self.read(|client, gallery| notes::changes_after(client, gallery, sequence))
    }

    fn watch(&self, changed: Box<dyn Fn() + Send>) -> Result<Option<Watch>, Error> {
        watch::begin(self.address.clone(), self.gallery, changed).map(Some)
    }

    fn begin_search(&mut self, generation: &Generation) -> Result<bool, Error> {
        if let Searching::Hnsw { .. } = self.address.searching {
            self.read(|client, gallery| search::make_index(client, gallery, generation))?;
        }
        Ok(true)
    }

    fn candidates(
        &self,
        generation: &Generation,
        probe: &[f32],
        most: usize,
        left_out: &[u64],
    ) -> Result<Vec<Template>, Error> {
        let searching = self.address.searching;
        self.read(|client, gallery| {
            let asked = (probe, most);
            search::candidates(client, gallery, generation, asked, left_out, searching)
        })
    }

    fn contents(&self) -> Result<Contents, Error> {
        self.read(|client, gallery| {
            // One transaction, so that all of it is of one moment.
            let mut moment = client
                .build_transaction()
                .isolation_level(IsolationLevel::RepeatableRead)
                .read_only(true)
                .start()?;
            let moment = &mut moment;
            Ok(Contents {
                digest_key: self.digest_key.clone(),
                generations: generations::all(moment, gallery)?,
                active: generations::active(moment, gallery)?.number,
                models: generations::models(moment, gallery)?,
                people: people::all(moment, gallery)?,
                templates: templates::all(moment, gallery, "$2::bigint = 0", 0)?,
                pictures: pictures::all(moment, gallery)?,
                last_numbers: generations::last_numbers(moment, gallery)?,
                rejections: notes::rejections(moment, gallery)?,
                exclusions: notes::exclusions(moment, gallery)?,
            })
        })
    }

    fn check(&self) -> Result<Vec<Finding>, Error> {
        self.read(check::check)
    }

    fn compact(&mut self) -> Result<(), Error> {
        let path = &self.path;
        let client = self.session.get_mut().client()?;
        let wrong = |source: postgres::Error| source.failed("compact the tables of", path);
        for table in PERSONAL.split(", ") {
            client
                .batch_execute(&format!("VACUUM (FULL) {table}"))
                .map_err(wrong)?;
        }
        Ok(())
    }
}
