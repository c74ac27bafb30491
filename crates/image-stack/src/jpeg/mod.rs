//! JPEG. The pixels of a whole image come from `zune-jpeg`; what decides whether a file is whole, and what decodes a part of
//! its size, is here.
//!
//! Decoders are made to show as much as they can of a damaged file: what is missing becomes grey. Here a picture with a
//! part missing must not pass for one. `zune-jpeg` has a strict mode, but it also refuses files that are whole, as some
//! phones write them. So every file is walked first, segment by segment, up to the end of its first image, and every code
//! of every scan is read. A file is refused where it ends early, where a scan has fewer codes than blocks, and where bits
//! mean nothing. Bytes that are left over between the last block and the end are accepted, since cameras write such.
//! Damage that makes other valid codes for as many blocks cannot be seen by anybody.
//!
//! Whoever reads every code has come most of the way to an image at an eighth of its size, which is the first coefficient of
//! each block. So the same code decodes to cells of 2, 4 or 8 pixels ([`cells`]). The crate `jpeg-decoder`, which can scale,
//! takes 1.7 to 2.2 times as long for that and refuses less; libjpeg-turbo takes as long, and would need a C compiler.
//! What makes the difference is one table ([`huffman`]) that goes over several unwanted coefficients in one step.

mod bits;
mod cells;
mod colour;
mod exact;
mod fault;
mod frame;
mod huffman;
mod progressive;
mod scan;
mod segments;
mod sequential;
mod smaller;
mod typical;

use pgm_io::Format;

use crate::budget::PIXELS;
use crate::decoded::Decoded;
use crate::error::ReadError;
use crate::exif;
use crate::orientation::Orientation;
use crate::profile;
use crate::reading::{Decoding, Ink, Reading};
use crate::resize::Resize;
use colour::Colour;
use fault::Fault;
use segments::Segments;

/// Decodes the first image of a file, with [`Decoding::Fast`] no larger than `resize` needs it.
pub(crate) fn decode(
    bytes: &[u8],
    reading: &Reading,
    resize: Resize,
) -> Result<Decoded<'static>, ReadError> {
    let format = Format::Jpeg;
    let (mut segments, frame, scan) = Segments::start(bytes)?;
    let within = reading
        .limits
        .check(frame.width as u64, frame.height as u64);
    within.map_err(|exceeded| ReadError::Limit { format, exceeded })?;

    let noted = match segments.exif {
        Some(block) => exif::orientation(block),
        None => Some(Orientation::default()),
    };
    let orientation = noted.unwrap_or_default();
    let colour = Colour::of(&frame, &segments);
    let smaller = match (reading.decoding, resize) {
        (Decoding::Fast, Resize::Area { height, width }) => {
            smaller::step(&frame, orientation.turned((width, height)))
        }
        _ => None,
    };
    // Three channels, as much again to work in, and all coefficients where they come in several scans.
    let bytes_per_pixel = match (smaller, frame.progressive) {
        (Some(_), false) => 1,
        (None, false) => 6,
        (_, true) => 12,
    };
    let pixels = frame.width as u64 * frame.height as u64;
    let memory = vec![PIXELS.take(bytes_per_pixel * pixels)];
    let smaller = smaller.and_then(|step| Some((step, smaller::planes(&frame, colour, step)?)));
    let mut image = match smaller {
        Some((step, planes)) => smaller::decode(&mut segments, &frame, scan, colour, step, planes)?,
        None => {
            scan::read_scans(&mut segments, &frame, scan, None)?;
            exact::decode(bytes, &frame, colour)?
        }
    };
    image.findings.unread_orientation = noted.is_none();
    image.findings.foreign_profile = segments.profile.is_some_and(profile::is_foreign);
    Ok(Decoded {
        ink: Ink::default(),
        image,
        orientation,
        memory,
    })
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> Self {
        Self::Foreign {
            format: Format::Jpeg,
            source: Box::new(fault),
        }
    }
}
