//! People and their embeddings in one file or in PostgreSQL: exact search, and decisions at a calibrated error rate.
//!
//! Embeddings go in, decisions come out. There is no image and no model here, no clock and no printing.
//!
//! | to | use |
//! |---|---|
//! | keep people and find them again | [`Gallery`] |
//! | search vectors, and nothing else | [`VectorIndex`] |
//! | keep a gallery in a file | [`SqliteStore`] |
//! | keep it in a database, for several servers | `PostgresStore`, with the feature `postgres` |
//! | take what the user named, a file or a database | [`Place`] |
//! | keep it elsewhere | the trait [`Store`] |
//! | turn an error rate into a threshold | [`Calibration`], from the crate `verification-figures` |
//! | export and import | [`Contents::write_to`], [`Contents::read_from`] |
//!
//! Four rules hold throughout:
//!
//! - A search is exact, and the same to the last bit on any processor and with any number of threads.
//! - What a call has acknowledged is kept; what it has deleted is gone, from a file to the last byte.
//! - A decision names its threshold, the error rate there, and how that rate is known. Without a calibration there are
//!   scores and no decision.
//! - Templates are personal data: no error message and no `Debug` output holds a vector.
//!
//! Times are given by the caller, in milliseconds since 1970 (UTC). [`Gallery`] has an example.

mod decision;
mod error;
mod exchange;
mod gallery;
mod index;
mod metric;
mod records;
mod store;
mod unfinished;

pub use decision::{Candidate, Decision, Identification, Verification};
pub use error::Error;
pub use gallery::{Gallery, Probe};
pub use index::{Hit, InstructionSet, OwnerHit, Selection, VectorIndex};
pub use metric::Metric;
pub use records::{
    Change, ChangeKind, DigestKey, Enrolled, Exclusion, Generation, KeptPicture, LastNumbers,
    Metadata, NEW_PERSON, NewGeneration, NewPerson, NewTemplate, Person, PictureDigest, Quality,
    Rejection, RequestDigest, Template, number_of_added,
};
pub use store::{AnyStore, Contents, Finding, Place, SqliteStore, Store, Teller, Watch};
#[cfg(feature = "postgres")]
pub use store::{PostgresAddress, PostgresStore};
pub use verification_figures::{
    Basis, Calibration, Direction, FmrPoint, FpirPoint, Fusion, Made, SearchPoint,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
