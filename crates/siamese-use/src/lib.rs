//! From pictures to people: a model file and a gallery, used together.
//!
//! | to | use |
//! |---|---|
//! | open a gallery with its model, or make one | [`Opened`] |
//! | read a picture, judge its quality, cut out a box | [`PictureReader`], [`QualityLimits`] |
//! | enrol people | [`enrol()`], [`entries_of_folder`], [`entries_of_list`] |
//! | find out who is in a picture | [`identify()`] |
//! | move a gallery to a new model | [`Reembedding`] |
//! | read scores in the units of the model | [`Units`] |
//!
//! Nothing here prints, reads flags or the clock: times are given, in milliseconds since 1970 (UTC). It needs no libtorch.
//!
//! It expects pictures that show one face (or whatever the model was trained on) and nothing else: there is no detector. And
//! it knows nothing of liveness: a printed photo is a picture like any other.

mod embedder;
mod enrol;
mod error;
mod identify;
mod opened;
mod picture;
mod reembed;
mod units;

pub use embedder::{Compute, Embedder};
pub use enrol::{
    Boxes, EnrolSettings, EnrolledPicture, Enrolment, Entry, OnDuplicate, Rejected, Said, enrol,
    enrol_prepared, entries_of_folder, entries_of_images, entries_of_list, expiry, time_text,
};
pub use error::Error;
/// People and their templates, without pictures and models.
pub use gallery;
pub use identify::{Identified, identify};
/// Images, and boxes in them.
pub use image_stack::{Limits, Region};
pub use opened::{Opened, own_model, shortened};
pub use picture::{Fault, PictureReader, Prepared, QualityLimits, Remark};
pub use reembed::{Missing, Reembedded, Reembedding, images_below};
pub use units::Units;
pub use verification_figures::Calibration;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
