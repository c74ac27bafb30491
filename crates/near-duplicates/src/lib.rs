//! Fingerprints that find the same picture again: stored anew, resized, made brighter or darker, or trimmed by a pixel or
//! two.
//!
//! A set of images that is judged on must not hold the images that were trained on, under whatever name and in whatever
//! format. Their bytes do not tell; their looks do.
//!
//! - [`Fingerprint`] is about 650 bytes that stand for a [`Picture`] of any size: 128 gradient signs to search by, a
//!   thumbnail to compare by, coarse colours, and a digest of the pixels.
//! - [`NearDuplicates`] finds the pairs within a set, or between two, without comparing each image with each.
//! - With the feature `files`, `fingerprints` reads files in parallel: PGM, PPM, PNG, JPEG, BMP, WebP and TIFF.
//!
//! A look-up in an index of Hamming distances finds the candidates; the correlation of the thumbnails, laid over each
//! other, decides. So a photo is found again with two pixels off a border, while other photos of the same face are hardly
//! ever taken for it; [`NearDuplicates`] has the figures. The result is the same for any number of threads.
//!
//! ```
//! use near_duplicates::{Fingerprint, Likeness, NearDuplicates, Picture};
//!
//! let (width, height) = (60, 40);
//! let pixel = |k: usize| ((k % width) * (k / width) / 9 + (k / width) * 2 % 50) as u8;
//! let original: Vec<u8> = (0..width * height).map(pixel).collect();
//! // Darker, and without its first row.
//! let copy: Vec<u8> = original[width..].iter().map(|&pixel| pixel / 2).collect();
//!
//! let images = [
//!     Fingerprint::of(Picture::grey(width, height, &original[..])?),
//!     Fingerprint::of(Picture::grey(width, height - 1, &copy[..])?),
//! ];
//! let found = NearDuplicates::default().within(&images)?;
//! assert!(matches!(found[0].likeness, Likeness::Near { correlation, .. } if correlation > 0.998));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alignment;
mod duplicate;
#[cfg(feature = "files")]
mod files;
mod fingerprint;
mod grid;
mod hamming_index;
mod near_duplicates;
mod picture;
mod thumbnail;
mod tints;

pub use duplicate::{Duplicate, DuplicatesError, Likeness};
#[cfg(feature = "files")]
pub use files::fingerprints;
pub use fingerprint::Fingerprint;
pub use near_duplicates::NearDuplicates;
pub use picture::{Picture, PictureError, Samples};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
