//! Portable graymaps (PGM): decode and encode, and nothing else.
//!
//! - [`decode`] and [`images`] read P2 and P5, 8 and 16 bit, any maxval, comments, several images
//!   in a file; [`encode`] writes them.
//! - [`Raster::decode`] also reads PPM (P3 and P6), and leaves the samples in the file's bytes where it can.
//! - [`is_image`] and [`Content`] say what a file is that is no PGM.
//!
//! The crate takes bytes and gives bytes: it opens no file. The crate `image-stack` reads files, whole folders of them in
//! parallel, and other formats.
//!
//! A header is a claim by a stranger. It is checked against [`Limits`] before anything is
//! allocated, and every error says at which byte what was expected, what was found and what to do.
//! Above all, a file that text-mode transfer has mangled ([`DecodeError::TextMode`]) is refused
//! by name rather than read with every pixel shifted.
//!
//! A graymap's samples run from 0 (black) to its own maxval (white), which need not be 255.
//! [`Graymap::to_u8`] and [`Graymap::to_u16`] give them over the full range of a type.
//!
//! ```
//! use pgm_io::{DecodeError, Encoding, Graymap, Limits, decode, encode};
//!
//! let limits = Limits::default();
//! let image = Graymap::new(3, 2, 100, vec![0_u8, 10, 50, 60, 90, 100])?;
//! let bytes = encode(&image, Encoding::Raw);
//! assert_eq!(decode(&bytes, &limits)?, image);
//! assert_eq!(*image.to_u8(), [0, 26, 128, 153, 230, 255]);
//!
//! // A text-mode transfer made CR LF of every LF, one of the pixels among them.
//! let mangled = b"P5\r\n3 2\r\n100\r\n\x00\r\n\x32\x3c\x5a\x64";
//! let error = decode(mangled, &limits).unwrap_err();
//! assert!(matches!(error, DecodeError::TextMode { offset: 2, found: 7, collapsed: 6, .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod channels;
mod decode;
mod encode;
mod error;
mod format;
mod graymap;
mod header;
mod limits;
mod plain;
mod raster;
mod raw;
pub mod scale;

pub use channels::Channels;
pub use decode::{Images, decode, images};
pub use encode::encode;
pub use error::{DecodeError, GraymapError, Token, Unit};
pub use format::{Content, Format, is_image};
pub use graymap::{Graymap, Samples};
pub use header::Encoding;
pub use limits::{Exceeded, Limits, Measure};
pub use raster::{Raster, RasterSamples};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
