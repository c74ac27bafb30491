//! The model that a training begins with, and whether it knows people of the test.

#[cfg(feature = "train")]
mod base;
mod known;
mod strangers;

#[cfg(feature = "train")]
pub use base::Base;
pub use known::trained_people;
pub use strangers::expect_strangers;
