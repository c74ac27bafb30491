//! Portable graymaps (PGM): decode, encode, and decode whole folders, grey or in colour, into one array.
//!
//! - [`decode`] and [`images`] read P2 and P5, 8 and 16 bit, any maxval, comments, several images
//!   in a file; [`encode`] writes them.
//! - [`read`] takes a path, and decides by content. It also takes PPM (P3 and P6), and with the
//!   feature `formats` PNG, JPEG, BMP, WebP and TIFF, and makes the same grey image of them.
//! - [`decode_stack`] reads many files in parallel to one array `[n, h, w]` of bytes, with an
//!   optional [`Resize`]; [`decode_planes`] to `[n, c, h, w]`, in grey or in colour ([`Channels`]),
//!   and [`PlaneReader`] one image of a set at a time, where the array would not fit in memory.
//! - [`fingerprints`] keeps of each file what it takes to find its near-duplicates
//!   ([`NearDuplicates`]): the same picture stored anew, resized, brighter or trimmed.
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

mod alignment;
mod channels;
mod decode;
mod encode;
mod error;
mod file;
mod file_error;
mod fingerprint;
#[cfg(feature = "formats")]
mod foreign;
mod format;
mod graymap;
mod hamming_index;
mod header;
mod limits;
mod near_duplicates;
mod plain;
mod plane_reader;
mod raster;
mod raw;
mod resize;
mod scale;
mod stack;

pub use channels::{Channels, to_grey};
pub use decode::{Images, decode, images};
pub use encode::encode;
pub use error::{DecodeError, GraymapError, Token, Unit};
pub use file::read;
pub use file_error::{FileError, ReadError, SizeGroup, StackError};
pub use fingerprint::{Fingerprint, fingerprints};
pub use format::{Content, Format, is_image};
pub use graymap::{Graymap, Samples};
pub use header::Encoding;
pub use limits::{Limits, Measure};
pub use near_duplicates::{Duplicate, DuplicatesError, Likeness, NearDuplicates};
pub use plane_reader::PlaneReader;
pub use resize::Resize;
pub use stack::{decode_planes, decode_stack, read_planes};
