//! The samples of a P2 or P3 image: decimal numbers in text.

use crate::error::{DecodeError, Unit};
use crate::format::is_space;
use crate::graymap::Samples;
use crate::header::Header;
use crate::raw::check_end;

/// Reads the samples; also gives the place behind them and the white space after them.
pub(crate) fn samples(bytes: &[u8], header: &Header) -> Result<(Samples, usize), DecodeError> {
    let (samples, mut end) = if header.maxval <= 255 {
        let (samples, end) = numbers(bytes, header, |value| value as u8)?;
        (Samples::U8(samples), end)
    } else {
        let (samples, end) = numbers(bytes, header, |value| value as u16)?;
        (Samples::U16(samples), end)
    };
    end = skip_blank(bytes, end);
    Ok((samples, check_end(bytes, end, header)?))
}

/// Reads as many numbers as the header asks for, each at most its maxval.
fn numbers<T>(
    bytes: &[u8],
    header: &Header,
    narrow: impl Fn(u64) -> T,
) -> Result<(Vec<T>, usize), DecodeError> {
    let expected = header.samples();
    let maxval = u64::from(header.maxval);
    // A number and its separator take two bytes: a short file gets no room for a long claim.
    let room = expected.min((bytes.len() - header.data).div_ceil(2));
    let mut samples = Vec::with_capacity(room);
    let mut at = header.data;
    for index in 0..expected {
        let (offset, value, next) = match short_number(bytes, at) {
            Some((value, next)) => (at, value, next),
            None => long_number(bytes, at, index, expected)?,
        };
        if value > maxval {
            let (maxval, found) = (header.maxval, value);
            return Err(DecodeError::Sample {
                offset,
                index,
                maxval,
                found,
            });
        }
        samples.push(narrow(value));
        at = next;
    }
    Ok((samples, at))
}

/// The usual case without a branch on the number of digits: a number of one to seven digits
/// starts right at `at`, white space follows, and eight bytes can be read.
fn short_number(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let word = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    // Digits become 0 to 9; the sum sets the high bit of the first byte that is none. A carry
    // out of that byte disturbs only later ones.
    let digits = word ^ 0x3030_3030_3030_3030;
    let others = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & HIGH_BITS;
    let length = (others.trailing_zeros() / 8) as usize;
    if length == 0 || length == 8 || !is_space(bytes[at + length]) {
        return None;
    }
    // Leading zeros in front (low bytes), then pairs, fours and the eight are joined.
    let padded = digits << (64 - 8 * length);
    let pairs = (padded.wrapping_mul(10) + (padded >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let value = (fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff;
    Some((value, at + length + 1))
}

/// Any other case: more white space, comments, many digits, the end of the file, or an error.
/// Gives the number's place, its value (the largest `u64` for all that do not fit) and the place
/// behind it.
fn long_number(
    bytes: &[u8],
    at: usize,
    index: usize,
    expected: usize,
) -> Result<(usize, u64, usize), DecodeError> {
    let offset = skip_blank(bytes, at);
    let mut at = offset;
    let mut value = 0_u64;
    while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
        value = value
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'));
        at += 1;
    }
    match bytes.get(at) {
        None if at == offset => Err(DecodeError::Truncated {
            offset,
            unit: Unit::Numbers,
            expected,
            found: index,
        }),
        Some(&found) if at == offset || !(is_space(found) || found == b'#') => {
            Err(DecodeError::SampleText {
                offset: at,
                index,
                found,
            })
        }
        _ => Ok((offset, value, at)),
    }
}

/// The place of the next byte that is neither white space nor in a comment.
fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        if byte == b'#' {
            let line = &bytes[at..];
            at += line
                .iter()
                .position(|&b| b == b'\r' || b == b'\n')
                .unwrap_or(line.len());
        } else if is_space(byte) {
            at += 1;
        } else {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_agree_with_the_standard_parser() {
        for value in (0..100_000_u64).chain([999_999, 1_000_000, 9_999_999]) {
            let text = format!("{value}\n       ");
            let end = value.to_string().len() + 1;
            assert_eq!(short_number(text.as_bytes(), 0), Some((value, end)));
        }
    }

    #[test]
    fn short_numbers_stop_at_every_byte_that_is_no_digit() {
        for byte in 0..=255_u8 {
            let mut text = *b"12?99999";
            text[2] = byte;
            let expected = is_space(byte).then_some((12, 3));
            let found = short_number(&text, 0);
            if byte.is_ascii_digit() {
                assert_eq!(found, None, "eight digits are left to the other reader");
            } else {
                assert_eq!(found, expected, "byte {byte:#x}");
            }
        }
    }
}
