//! What is said on the way of what a user would not expect.

mod kinds;
mod words;

pub use kinds::{Lesson, Named, Note};
#[cfg(feature = "train")]
pub(crate) use words::counted;
