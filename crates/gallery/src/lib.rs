//! People and their embeddings: exact search in memory, and decisions at a calibrated error rate.

mod calibration;
mod decision;
mod error;
mod exchange;
mod fusion;
mod gallery;
mod index;
mod metric;
mod records;
mod store;

pub use calibration::{Basis, Calibration, FmrPoint, FpirPoint, SearchPoint};
pub use decision::{Candidate, Decision, Identification, Verification};
pub use error::Error;
pub use fusion::Fusion;
pub use gallery::{Gallery, Probe};
pub use index::{Hit, InstructionSet, OwnerHit, Selection, VectorIndex};
pub use metric::Metric;
pub use records::{
    Change, ChangeKind, DigestKey, Enrolled, Exclusion, Generation, Metadata, NewGeneration,
    NewPerson, NewTemplate, Person, PictureDigest, Quality, Rejection, Template,
};
pub use store::{Contents, Finding, SqliteStore, Store};
