//! BMP: a file header, a bitmap header, perhaps a palette, and rows of pixels.

use super::fault::Fault;
use super::header::{Header, Source};

/// Length of the oldest bitmap header, whose sides have 16 bits.
const CORE_HEADER: u64 = 12;
/// Length of the bitmap header that all later ones begin with.
const INFO_HEADER: u64 = 40;

/// Checks that all rows are there.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let source = Source::little_endian(bytes);
    let part = "the bitmap header";
    let pixels = source.number::<4>(part, 10)?;
    let header_length = source.number::<4>(part, 14)?;
    if header_length == CORE_HEADER {
        let [width, height] = [18, 20].map(|at| source.number::<2>(part, at));
        let (header, bits) = (
            Header::of_size(width?, height?),
            source.number::<2>(part, 24)?,
        );
        rows(&source, &header, pixels, bits)?;
        return Ok(header);
    }
    if header_length < INFO_HEADER {
        let expected = "a bitmap header of 12, or of 40 and more bytes";
        return Err(Fault::unexpected(14, expected, header_length));
    }
    let side = |at: u64| Ok(source.number::<4>(part, at)? as u32 as i32);
    // A negative height means that the first row is the upper one.
    let (width, height): (i32, i32) = (side(18)?, side(22)?);
    let Ok(width) = u64::try_from(width) else {
        return Err(Fault::unexpected(18, "a width of at least 1", width));
    };
    let header = Header::of_size(width, height.unsigned_abs().into());
    let bits = source.number::<2>(part, 28)?;
    match source.number::<4>(part, 30)? {
        compression @ (1 | 2) => runs(&source, &header, pixels, compression == 1)?,
        _ => rows(&source, &header, pixels, bits)?,
    }
    Ok(header)
}

/// Rows of plain pixels; each is filled up to 32 bits.
fn rows(source: &Source<'_>, header: &Header, pixels: u64, bits: u64) -> Result<(), Fault> {
    let row = (header.width * bits).div_ceil(32) * 4;
    let length = row.saturating_mul(header.height);
    source.part("the rows of pixels", pixels, length)?;
    Ok(())
}

/// Runs of pixels (RLE8 and RLE4), which may end without a mark where the image does.
fn runs(source: &Source<'_>, header: &Header, pixels: u64, bytes: bool) -> Result<(), Fault> {
    let (mut at, mut x, mut y) = (pixels, 0_u64, 0_u64);
    let is_full =
        |x: u64, y: u64| y >= header.height || (y + 1 == header.height && x >= header.width);
    loop {
        let pair = match source.part("the runs of pixels", at, 2) {
            Ok(pair) => [pair[0], pair[1]],
            Err(_) if is_full(x, y) => return Ok(()),
            Err(cut) => return Err(cut),
        };
        at += 2;
        match pair {
            [0, 0] => (x, y) = (0, y + 1),
            [0, 1] => return Ok(()),
            [0, 2] => {
                let step = source.part("the runs of pixels", at, 2)?;
                (x, y) = (x + u64::from(step[0]), y + u64::from(step[1]));
                at += 2;
            }
            [0, count] => {
                let count = u64::from(count);
                let length = if bytes { count } else { count.div_ceil(2) };
                source.part("the runs of pixels", at, length)?;
                (at, x) = (at + length.next_multiple_of(2), x + count);
            }
            [count, _] => x += u64::from(count),
        }
    }
}
