//! Any image file, or bytes, to upright planes of the wanted size; whole folders in parallel to one array.
//!
//! - [`read`] takes bytes and [`open`] a path; both decide by content, never by name. They take PGM and PPM, and with the
//!   feature `formats` (on by default) PNG, JPEG, BMP, WebP and TIFF. The [`Image`] that they give has the file's own
//!   samples, and makes [`planes`](Image::planes) `[c, h, w]` of bytes, in grey or in colour ([`Channels`]), of the
//!   wanted size ([`Resize`]).
//! - [`decode_planes`] reads many files in parallel to one array `[n, c, h, w]`, and [`decode_stack`] to `[n, h, w]`.
//! - [`PlaneReader`] reads one image of a set at a time, where the array would not fit in memory.
//! - [`PictureQuality`] says how well a picture can be recognised, as far as pixels alone tell: size, contrast, exposure,
//!   sharpness.
//! - [`map_files`] keeps of each of many files what a function makes of it.
//!
//! A photo that a phone took sideways comes out upright. A grey image among colours has three equal channels; a colour
//! among greys becomes its luma. 16-bit samples are rounded once, at the end. The result is the same for any number of
//! threads.
//!
//! How files are read is a [`Reading`]: within which [`Limits`], on what [`Background`], how exactly. What a user should be
//! told of a file comes with its pixels, as [`Findings`].
//!
//! A header is a claim by a stranger: it is checked against [`Limits`] before anything is allocated, and all threads share
//! one budget of memory to decode in. A file that has been cut is refused in every format. An error says what
//! was expected, what was found and what to do. Where many files are read it names every bad one, not only the first.
//!
//! ```
//! use image_stack::{Channels, Reading, Resize, decode_planes, read};
//!
//! let (reading, size) = (Reading::default(), Resize::Area { height: 2, width: 2 });
//! let bytes = b"P5 4 4 255 aabbaabbccddccdd";
//!
//! // One image, in memory.
//! let planes = read(bytes, &reading)?.planes(Channels::Grey, size)?;
//! assert_eq!(planes.shape(), [1, 2, 2]);
//! assert_eq!(planes.as_slice(), Some(&b"abcd"[..]));
//!
//! // Many files.
//! let folder = tempfile::tempdir()?;
//! let paths = [folder.path().join("1"), folder.path().join("2")];
//! for path in &paths {
//!     std::fs::write(path, bytes)?;
//! }
//! let stack = decode_planes(&paths, Channels::Rgb, size, &reading)?;
//! assert_eq!(stack.pixels.shape(), [2, 3, 2, 2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "formats")]
mod alpha;
mod budget;
mod channels;
mod decoded;
mod error;
#[cfg(feature = "formats")]
mod exif;
mod findings;
#[cfg(feature = "formats")]
mod foreign;
mod format;
mod image;
mod ink;
#[cfg(feature = "formats")]
mod jpeg;
mod map_files;
mod memory;
mod orientation;
mod part;
mod plane_reader;
mod planes;
#[cfg(feature = "formats")]
mod profile;
mod quality;
mod read;
mod reading;
mod region;
mod resample;
mod resize;
mod stack;

pub use channels::to_grey;
pub use error::{FileError, ReadError, SizeGroup, StackError};
pub use findings::Findings;
pub use format::is_readable;
pub use image::Image;
pub use map_files::map_files;
pub use pgm_io::{
    Channels, Content, DecodeError, Exceeded, Format, Limits, Measure, RasterSamples, is_image,
};
pub use plane_reader::PlaneReader;
pub use planes::Planes;
pub use quality::PictureQuality;
pub use read::{open, open_planes, read, read_planes};
pub use reading::{Background, Decoding, Ink, Reading};
pub use region::Region;
pub use resize::Resize;
pub use stack::{Stack, decode_planes, decode_stack};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
