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
        expect_rows(&source, &header, pixels, bits)?;
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
        compression @ (1 | 2) => expect_runs(&source, pixels, compression == 1)?,
        _ => expect_rows(&source, &header, pixels, bits)?,
    }
    Ok(header)
}

/// Rows of plain pixels; each is filled up to 32 bits.
fn expect_rows(source: &Source<'_>, header: &Header, pixels: u64, bits: u64) -> Result<(), Fault> {
    let row = (header.width * bits).div_ceil(32) * 4;
    let length = row.saturating_mul(header.height);
    source.part("the rows of pixels", pixels, length)?;
    Ok(())
}

/// Runs of pixels (RLE8 and RLE4) up to the mark of their end.
fn expect_runs(source: &Source<'_>, pixels: u64, in_bytes: bool) -> Result<(), Fault> {
    let part = "the end of the runs of pixels";
    let mut at = pixels;
    loop {
        let pair = source.part(part, at, 2)?;
        at += 2;
        match *pair {
            [0, 1] => return Ok(()),
            // A step to the right and up.
            [0, 2] => at += 2,
            [0, count] => {
                let count = u64::from(count);
                let length = if in_bytes { count } else { count.div_ceil(2) };
                at += length.next_multiple_of(2);
            }
            // The end of a row, or a run.
            _ => {}
        }
    }
}
