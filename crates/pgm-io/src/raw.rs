//! The samples of a P5 or P6 image, found and checked where they lie in the file.

use crate::channels::Channels;
use crate::error::{DecodeError, Unit};
use crate::format::{Format, is_image, is_space};
use crate::graymap::first_over;
use crate::header::Header;

/// The bytes of the samples, once their number is right; with the place behind them.
pub(crate) fn payload<'a>(
    bytes: &'a [u8],
    header: &Header,
) -> Result<(&'a [u8], usize), DecodeError> {
    let sample_bytes = if header.maxval > 255 { 2 } else { 1 };
    let expected = header.samples().saturating_mul(sample_bytes);
    let rest = &bytes[header.data..];
    if rest.len() < expected {
        let (offset, found) = (bytes.len(), rest.len());
        return Err(DecodeError::Truncated {
            offset,
            unit: Unit::Bytes,
            expected,
            found,
        });
    }
    let (payload, after) = rest.split_at(expected);
    let end = header.data + expected;
    if let Some(error) = text_mode(rest, header, expected, after) {
        return Err(error);
    }
    Ok((payload, check_end(bytes, end, header)?))
}

/// The place behind the white space at `end`, where the file ends or another image of the same kind, grey or colour,
/// starts.
pub(crate) fn check_end(bytes: &[u8], end: usize, header: &Header) -> Result<usize, DecodeError> {
    let end = end + blanks(&bytes[end..]);
    let another = |format: Format| match header.channels {
        Channels::Grey => format.is_pgm(),
        Channels::Rgb => format.is_ppm(),
    };
    match bytes.get(end) {
        Some(_) if is_image(&bytes[end..]).is_some_and(another) => Ok(end),
        Some(&found) => {
            let count = bytes.len() - end;
            Err(DecodeError::TrailingBytes {
                offset: end,
                count,
                found,
            })
        }
        None => Ok(end),
    }
}

/// How many bytes of white space come first.
fn blanks(bytes: &[u8]) -> usize {
    let rest = bytes.iter().position(|&byte| !is_space(byte));
    rest.unwrap_or(bytes.len())
}

/// Diagnoses a file mangled in text mode: by its header, whose lines then all end in CR LF, or by
/// a payload that is too long and has the right size once each CR LF is one byte.
///
/// A header in CR LF is enough even where the length fits: its last LF would be taken for the
/// first pixel and shift all others.
fn text_mode(rest: &[u8], header: &Header, expected: usize, after: &[u8]) -> Option<DecodeError> {
    let behind = &after[blanks(after)..];
    if header.crlf.is_none() && (behind.is_empty() || is_image(behind).is_some()) {
        return None;
    }
    let samples = if header.crlf.is_some() {
        &rest[1..]
    } else {
        rest
    };
    let found = samples.len();
    let pairs = samples.windows(2).filter(|pair| pair == b"\r\n").count();
    let collapsed = found - pairs;
    let offset = match header.crlf {
        Some(offset) => offset,
        None if collapsed == expected => {
            header.data + samples.windows(2).position(|pair| pair == b"\r\n")?
        }
        None => return None,
    };
    Some(DecodeError::TextMode {
        offset,
        expected,
        found,
        collapsed,
    })
}

/// Checks 8-bit samples against the maxval.
pub(crate) fn check_bytes(payload: &[u8], header: &Header) -> Result<(), DecodeError> {
    if header.maxval >= 255 {
        return Ok(());
    }
    match first_over(payload, header.maxval as u8) {
        Some((index, found)) => Err(over(header, index, 1, found.into())),
        None => Ok(()),
    }
}

/// 16-bit samples, most significant byte first, checked against the maxval.
pub(crate) fn words(payload: &[u8], header: &Header) -> Result<Vec<u16>, DecodeError> {
    let (pairs, _) = payload.as_chunks::<2>();
    let samples: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
    if header.maxval == u16::MAX {
        return Ok(samples);
    }
    match first_over(&samples, header.maxval) {
        Some((index, found)) => Err(over(header, index, 2, found)),
        None => Ok(samples),
    }
}

fn over(header: &Header, index: usize, sample_bytes: usize, found: u16) -> DecodeError {
    DecodeError::Sample {
        offset: header.data + index * sample_bytes,
        index,
        maxval: header.maxval,
        found: found.into(),
    }
}
