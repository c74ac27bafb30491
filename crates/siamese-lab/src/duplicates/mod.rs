//! Images of one set that show one picture: one person under two names, or an image twice.

mod looks;
mod picture;
mod repeated;

pub use picture::SamePicture;
pub use repeated::{RepeatedPictures, said_of};
