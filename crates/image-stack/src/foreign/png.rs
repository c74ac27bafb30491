//! PNG (ISO/IEC 15948): a signature, then chunks, the last of which is IEND.

use super::fault::Fault;
use super::header::{Header, Source};
use crate::exif;

/// Bytes of the signature.
const SIGNATURE: u64 = 8;
/// Bytes of a chunk besides its data: length, name and checksum.
const FRAME: u64 = 12;

/// Walks the chunks up to IEND. What follows it is not part of the image.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let source = Source::big_endian(bytes);
    let mut at = SIGNATURE;
    let [width, height] = [at + 8, at + 12].map(|at| source.number::<4>("the chunk IHDR", at));
    let mut header = Header::of_size(width?, height?);
    let (mut frames, mut is_animated, mut pixels_seen) = (0, false, false);
    loop {
        let length = source.number::<4>("the chunk IEND", at)?;
        let name = source.part("the chunk IEND", at + 4, 4)?;
        let part = format!("the chunk {}", name.escape_ascii());
        let data = &source.part(&part, at + 8, length + 4)?[..length as usize];
        match name {
            b"IHDR" => {}
            b"eXIf" => header.orientation = exif::orientation(data),
            b"IDAT" => pixels_seen = true,
            b"fcTL" => {
                frames += 1;
                is_animated |= !pixels_seen;
            }
            b"IEND" => break,
            _ => {}
        }
        at += FRAME + length;
    }
    // The image that is read is the first frame, or stands before all of them.
    header.more_images = if is_animated { frames - 1 } else { frames };
    Ok(header)
}
