//! WebP (RFC 9649): a RIFF container whose chunks hold an image, or the frames of several, and metadata.

use super::fault::Fault;
use super::header::{Header, Source};
use crate::exif;

/// Bytes before the first chunk.
const RIFF_HEADER: u64 = 12;
/// Bytes of a chunk's name and length.
const CHUNK_HEADER: u64 = 8;
/// Most pixels of an image that is not animated, whose sides have 14 bits; no more are read of others.
const MOST_PIXELS: u64 = 1 << 28;

/// Walks the chunks of the container. What follows it is not part of the image.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let source = Source::little_endian(bytes);
    // The length counts from behind itself.
    let end = 8 + source.number::<4>("the length of the container", 4)?;
    let name = source.part("the first chunk", RIFF_HEADER, 4)?;
    let mut header = match name {
        b"VP8X" => {
            let side = |at: u64| Ok(1 + source.number::<3>("the chunk VP8X", at)?);
            Header::of_size(side(24)?, side(27)?)
        }
        b"VP8L" => {
            // Behind one byte of signature, 14 bits of each side less one.
            let bits = source.number::<4>("the chunk VP8L", 21)?;
            Header::of_size(1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff))
        }
        b"VP8 " => {
            // Behind the frame's tag and start code, six bytes, 14 bits of each side.
            let side = |at: u64| Ok(source.number::<2>("the chunk VP8", at)? & 0x3fff);
            Header::of_size(side(26)?, side(28)?)
        }
        other => {
            let found = other.escape_ascii();
            return Err(Fault::unexpected(12, "a chunk VP8, VP8L or VP8X", found));
        }
    };
    if header.width * header.height > MOST_PIXELS {
        let found = header.width * header.height;
        return Err(Fault::unexpected(
            24,
            "an image of at most 2^28 pixels",
            found,
        ));
    }
    let (mut at, mut frames) = (RIFF_HEADER, 0_usize);
    while at < end {
        let name = source.part("the last chunk", at, 4)?;
        let part = format!("the chunk {}", name.escape_ascii());
        let length = source.number::<4>(&part, at + 4)?;
        let data = source.part(&part, at + CHUNK_HEADER, length)?;
        match name {
            b"ANMF" => frames += 1,
            // Some writers put the marker of EXIF in a JPEG before the block.
            b"EXIF" => {
                header.orientation =
                    exif::orientation(data.strip_prefix(b"Exif\0\0").unwrap_or(data));
            }
            _ => {}
        }
        at += CHUNK_HEADER + length.next_multiple_of(2);
    }
    header.more_images = frames.saturating_sub(1);
    Ok(header)
}
