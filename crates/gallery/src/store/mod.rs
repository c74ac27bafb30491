//! Where galleries are kept.

mod place;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
mod rules;
mod sqlite;
mod watch;

use std::path::Path;

use auto_impl::auto_impl;
use verification_figures::Calibration;

pub use place::Place;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresAddress, PostgresStore};
pub use sqlite::SqliteStore;
pub use watch::{Teller, Watch};

use crate::error::Error;
use crate::records::{
    Change, DigestKey, Enrolled, Exclusion, Generation, KeptPicture, LastNumbers, NewGeneration,
    NewPerson, NewTemplate, Person, PictureDigest, Rejection, RequestDigest, Template,
};

/// Something that keeps one gallery: people, their templates, and what belongs to them.
///
/// What a call changes is changed as a whole or not at all, and is kept once the call has returned. Times are given by the
/// caller, in milliseconds since 1970 (UTC).
///
/// Every method may fail with [`Error::Database`], [`Error::Locked`], [`Error::Damaged`] or, where there is a server,
/// [`Error::Unreachable`]; other errors are named where they occur. A number that nothing has is [`Error::Unknown`].
#[auto_impl(Box)]
#[allow(clippy::missing_errors_doc, reason = "said above, once for all")]
pub trait Store: std::fmt::Debug {
    /// Where it is, as errors show it: a file, or the address of a database, without a password.
    fn path(&self) -> &Path;

    /// The key of this gallery's digests of pictures.
    fn digest_key(&self) -> &DigestKey;

    /// All generations, in order of their numbers.
    fn generations(&self) -> Result<Vec<Generation>, Error>;

    /// The active generation.
    fn active_generation(&self) -> Result<Generation, Error>;

    /// Begins a generation beside the others.
    fn add_generation(&mut self, new: &NewGeneration, now_ms: i64) -> Result<u64, Error>;

    /// Makes a generation the active one.
    fn activate_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error>;

    /// Deletes a generation with its templates, and the model if no other generation needs it.
    /// [`Error::ActiveGeneration`] for the one in use; as [`Store::forget_person`].
    fn prune_generation(&mut self, number: u64, now_ms: i64) -> Result<(), Error>;

    /// Sets the calibration of a generation, or takes it away.
    /// [`Error::Calibration`] and [`Error::OtherCalibration`] if it cannot be this generation's.
    fn set_calibration(
        &mut self,
        generation: u64,
        calibration: Option<&Calibration>,
        now_ms: i64,
    ) -> Result<(), Error>;

    /// Keeps the bytes of the model with this contract, in place of earlier ones.
    fn put_model(&mut self, contract: &str, bytes: &[u8]) -> Result<(), Error>;

    /// The bytes of the model with this contract, if they are kept.
    fn model(&self, contract: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Adds a person. [`Error::TakenExternalId`]; [`Error::Argument`] for an empty external id.
    fn add_person(&mut self, new: &NewPerson, now_ms: i64) -> Result<Person, Error>;

    /// Changes all that was given of a person. As [`Store::add_person`].
    fn change_person(&mut self, number: u64, new: &NewPerson, now_ms: i64) -> Result<(), Error>;

    /// All people, in order of their numbers.
    fn people(&self) -> Result<Vec<Person>, Error>;

    /// One person.
    fn person(&self, number: u64) -> Result<Option<Person>, Error>;

    /// The person with this external id.
    fn person_by_external_id(&self, external_id: &str) -> Result<Option<Person>, Error>;

    /// Adds templates, all or none; notes that their pictures could not be enrolled go. Each must be of its generation's dimension, finite, and fit for its metric:
    /// [`Error::Dimension`], [`Error::NotFinite`], [`Error::Degenerate`].
    fn enrol(&mut self, templates: &[NewTemplate], now_ms: i64) -> Result<Vec<Enrolled>, Error> {
        Ok(self.enrol_with(&[], templates, now_ms)?.1)
    }

    /// Adds people and templates, all or none. A template of the n-th of these people, from 0, has the person
    /// [`NEW_PERSON`](crate::NEW_PERSON)` + n`.
    fn enrol_with(
        &mut self,
        people: &[NewPerson],
        templates: &[NewTemplate],
        now_ms: i64,
    ) -> Result<(Vec<Person>, Vec<Enrolled>), Error>;

    /// One template.
    fn template(&self, id: u64) -> Result<Option<Template>, Error>;

    /// The templates of a person in a generation, in order of their numbers.
    fn templates_of(&self, person: u64, generation: u64) -> Result<Vec<Template>, Error>;

    /// How many templates a generation has.
    fn count_templates(&self, generation: u64) -> Result<u64, Error>;

    /// Numbers of the people who have a template of this picture in a generation, ascending.
    fn people_with_picture(
        &self,
        generation: u64,
        picture: &PictureDigest,
    ) -> Result<Vec<u64>, Error>;

    /// How many templates of a generation each person has who has any, in order of their numbers.
    fn templates_by_person(&self, generation: u64) -> Result<Vec<(u64, u64)>, Error>;

    /// Visits the templates of a generation in order of their numbers. The visitor's error ends it.
    fn each_template(
        &self,
        generation: u64,
        visit: &mut dyn FnMut(Template) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Keeps pictures, all or none, in place of earlier bytes of the same ones. They go with their person, and with the last
    /// template that was made from them.
    fn keep_pictures(&mut self, pictures: &[KeptPicture]) -> Result<(), Error>;

    /// The bytes of a picture, if it was kept.
    fn kept_picture(&self, person: u64, picture: &PictureDigest) -> Result<Option<Vec<u8>>, Error>;

    /// How many pictures are kept.
    fn count_pictures(&self) -> Result<u64, Error>;

    /// Deletes a template. As [`Store::forget_person`].
    fn delete_template(&mut self, id: u64, now_ms: i64) -> Result<(), Error>;

    /// Deletes a person, with all templates, pictures, rejections and exclusions, so that no byte of them is left in the store's
    /// files. [`Error::StillInJournal`] if it is deleted but another reader keeps old bytes alive.
    fn forget_person(&mut self, number: u64, now_ms: i64) -> Result<(), Error>;

    /// Forgets everybody whose time has come by `now_ms`, and returns their numbers. As [`Store::forget_person`].
    fn forget_expired(&mut self, now_ms: i64) -> Result<Vec<u64>, Error>;

    /// Notes a picture that could not be enrolled, in place of an earlier note on it.
    fn reject(&mut self, rejection: &Rejection) -> Result<(), Error>;

    /// Deletes the rejections of people who are not in the gallery, and returns how many. As [`Store::forget_person`].
    fn forget_rejections(&mut self, now_ms: i64) -> Result<usize, Error>;

    /// All rejections, oldest first.
    fn rejections(&self) -> Result<Vec<Rejection>, Error>;

    /// Notes that a picture does not show a person.
    fn exclude(&mut self, exclusion: &Exclusion) -> Result<(), Error>;

    /// All exclusions, oldest first.
    fn exclusions(&self) -> Result<Vec<Exclusion>, Error>;

    /// Notes that a request of a server was done, so that none is done twice. Notes of `until_ms` and before go; of more than
    /// 10,000 the oldest.
    fn note_request(
        &mut self,
        request: &RequestDigest,
        now_ms: i64,
        until_ms: i64,
    ) -> Result<(), Error>;

    /// When a request was done, if it was noted.
    fn request_time(&self, request: &RequestDigest) -> Result<Option<i64>, Error>;

    /// Place of the latest change in the log; 0 where nothing has changed.
    fn last_change(&self) -> Result<u64, Error>;

    /// What changed after this place of the log, oldest first. 0 stands for the beginning.
    fn changes_after(&self, sequence: u64) -> Result<Vec<Change>, Error>;

    /// Calls `changed`, on another thread, whenever something may have changed, for as long as the answer lives; also when
    /// listening begins and when it is interrupted. Nothing where the store cannot tell: then ask now and then.
    fn watch(&self, changed: Box<dyn Fn() + Send>) -> Result<Option<Watch>, Error> {
        drop(changed);
        Ok(None)
    }

    /// Gets ready to search a generation by itself, where it is too large for memory. Says whether it can.
    fn begin_search(&mut self, generation: &Generation) -> Result<bool, Error> {
        let _ = generation;
        Ok(false)
    }

    /// All templates in a generation of people who include the `most` that are most alike to the probe: of all but those of
    /// these numbers. Nothing where the store cannot search.
    fn candidates(
        &self,
        generation: &Generation,
        probe: &[f32],
        most: usize,
        left_out: &[u64],
    ) -> Result<Vec<Template>, Error> {
        let _ = (generation, probe, most, left_out);
        Ok(Vec::new())
    }

    /// Everything, for an export.
    fn contents(&self) -> Result<Contents, Error>;

    /// Looks for damage. An empty answer means that nothing was found.
    fn check(&self) -> Result<Vec<Finding>, Error>;

    /// Gives unused space back and rewrites everything that is kept, so that no byte of anything deleted is left.
    fn compact(&mut self) -> Result<(), Error>;
}

/// A store of which it does not matter what it is.
pub type AnyStore = Box<dyn Store + Send>;

/// Damage that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: a table and a number, or the file itself.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.place, self.what)
    }
}

/// Requests that are noted.
const MOST_REQUESTS: u32 = 10_000;

/// All that a gallery holds, but for its log of changes and the requests that were done.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Key of the digests.
    pub digest_key: DigestKey,
    /// Generations, in order of their numbers.
    pub generations: Vec<Generation>,
    /// Number of the active one.
    pub active: u64,
    /// Contract and bytes of each model.
    pub models: Vec<(String, Vec<u8>)>,
    /// People, in order of their numbers.
    pub people: Vec<Person>,
    /// Templates, in order of their numbers.
    pub templates: Vec<Template>,
    /// Pictures that were kept.
    pub pictures: Vec<KeptPicture>,
    /// The last numbers that were given out, which a copy goes on from.
    pub last_numbers: LastNumbers,
    /// Rejections, oldest first.
    pub rejections: Vec<Rejection>,
    /// Exclusions, oldest first.
    pub exclusions: Vec<Exclusion>,
}
