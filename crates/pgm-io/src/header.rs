//! The header of a PGM or PPM image: four tokens with white space and comments between them.

use crate::channels::Channels;
use crate::error::{DecodeError, Token};
use crate::format::{Content, is_space};
use crate::limits::Limits;

/// How the samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// P2 (in colour P3): decimal numbers in text.
    Plain,
    /// P5 (in colour P6): one byte a sample up to a maxval of 255, two above (most significant byte first).
    Raw,
}

/// A header within its limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) encoding: Encoding,
    pub(crate) channels: Channels,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) maxval: u16,
    /// Place of the first byte of the samples.
    pub(crate) data: usize,
    /// Place of the first CR when every line of the header, the last one included, ends in CR LF
    /// (the LF is then the byte at `data`): the mark of a file mangled in text mode.
    pub(crate) crlf: Option<usize>,
}

impl Header {
    /// Reads the header that starts at `start` of `bytes`.
    pub(crate) fn parse(bytes: &[u8], start: usize, limits: &Limits) -> Result<Self, DecodeError> {
        let (encoding, channels) = match bytes.get(start..start + 2) {
            Some(b"P2") => (Encoding::Plain, Channels::Grey),
            Some(b"P3") => (Encoding::Plain, Channels::Rgb),
            Some(b"P5") => (Encoding::Raw, Channels::Grey),
            Some(b"P6") => (Encoding::Raw, Channels::Rgb),
            _ => {
                return Err(DecodeError::NotPgm {
                    found: Content::of(&bytes[start..]),
                });
            }
        };
        let mut cursor = Cursor {
            bytes,
            at: start + 2,
        };
        match cursor.peek() {
            Some(byte) if is_space(byte) || byte == b'#' => {}
            found => return Err(cursor.unexpected(found, Token::MagicEnd)),
        }

        let (width_at, width) = cursor.number(Token::Width)?;
        let (height_at, height) = cursor.number(Token::Height)?;
        for (offset, value, side) in [
            (width_at, width, Token::Width),
            (height_at, height, Token::Height),
        ] {
            if value == 0 {
                return Err(DecodeError::ZeroSize { offset, side });
            }
        }
        let (width, height) =
            limits
                .check(width, height)
                .map_err(|exceeded| DecodeError::Limit {
                    offset: width_at,
                    exceeded,
                })?;

        let (offset, maxval) = cursor.number(Token::Maxval)?;
        let maxval = match u16::try_from(maxval) {
            Ok(maxval) if maxval > 0 => maxval,
            _ => {
                return Err(DecodeError::Maxval {
                    offset,
                    found: maxval,
                });
            }
        };
        match cursor.peek() {
            Some(byte) if is_space(byte) => cursor.at += 1,
            Some(b'#') => cursor.skip_comment(Token::Delimiter)?,
            // Text: the samples' own reader says what is missing.
            None if encoding == Encoding::Plain => {}
            found => return Err(cursor.unexpected(found, Token::Delimiter)),
        }
        let data = cursor.at;
        Ok(Self {
            encoding,
            channels,
            width,
            height,
            maxval,
            data,
            crlf: crlf_header(bytes, start, data),
        })
    }

    /// Samples in the image; the limits keep the number of pixels within `usize`.
    pub(crate) fn samples(&self) -> usize {
        (self.width * self.height).saturating_mul(self.channels.count())
    }
}

/// Place of the first CR of the header `start..data` when its lines, at least two, all end in
/// CR LF and the byte before `data` is such a CR.
fn crlf_header(bytes: &[u8], start: usize, data: usize) -> Option<usize> {
    if bytes.get(data - 1..=data) != Some(b"\r\n") {
        return None;
    }
    let lines = &bytes[start..=data];
    let first = lines.iter().position(|&b| b == b'\r')? + start;
    let mut previous = 0;
    let all_paired = lines.iter().all(|&byte| {
        let bare = byte == b'\n' && previous != b'\r';
        previous = byte;
        !bare
    });
    (all_paired && first < data - 1).then_some(first)
}

/// A place in the header.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Moves behind a comment: from `#` through the next CR or LF, which belongs to it. Behind it `expected` comes.
    ///
    /// A comment counts as its line end, as in libnetpbm (`pm_getc`): it ends a number, and behind the maxval its line end
    /// is the one white-space byte before the samples.
    fn skip_comment(&mut self, expected: Token) -> Result<(), DecodeError> {
        let rest = &self.bytes[self.at..];
        match rest.iter().position(|&b| b == b'\r' || b == b'\n') {
            Some(end) => {
                self.at += end + 1;
                Ok(())
            }
            None => {
                self.at = self.bytes.len();
                Err(self.unexpected(None, expected))
            }
        }
    }

    /// Reads a number, with its place, behind any white space and comments.
    fn number(&mut self, token: Token) -> Result<(usize, u64), DecodeError> {
        loop {
            match self.peek() {
                Some(byte) if is_space(byte) => self.at += 1,
                Some(b'#') => self.skip_comment(token)?,
                Some(byte) if byte.is_ascii_digit() => break,
                found => return Err(self.unexpected(found, token)),
            }
        }
        let offset = self.at;
        let mut value = 0_u64;
        loop {
            match self.peek() {
                Some(byte) if byte.is_ascii_digit() => {
                    value = value
                        .checked_mul(10)
                        .and_then(|tens| tens.checked_add(u64::from(byte - b'0')))
                        .ok_or(DecodeError::HeaderOverflow {
                            offset,
                            number: token,
                        })?;
                    self.at += 1;
                }
                _ => return Ok((offset, value)),
            }
        }
    }

    fn unexpected(&self, found: Option<u8>, expected: Token) -> DecodeError {
        let offset = self.at;
        match found {
            Some(found) => DecodeError::Header {
                offset,
                expected,
                found,
            },
            None => DecodeError::HeaderEnd { offset, expected },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Header, DecodeError> {
        Header::parse(text.as_bytes(), 0, &Limits::default())
    }

    #[test]
    fn only_a_header_that_ends_every_line_in_crlf_is_marked() {
        assert_eq!(parse("P5\r\n3 2\r\n255\r\n").unwrap().crlf, Some(2));
        assert_eq!(parse("P5\n3 2\r\n255\r\n").unwrap().crlf, None);
        assert_eq!(parse("P5\r\n3 2\r\n255\n").unwrap().crlf, None);
        // The CR may be the delimiter and the LF a pixel: no other line speaks for mangling.
        assert_eq!(parse("P5 3 2 255\r\n").unwrap().crlf, None);
    }

    #[test]
    fn the_samples_start_one_byte_behind_the_maxval() {
        assert_eq!(parse("P5 3 2 255\n\n\n").unwrap().data, 11);
        assert_eq!(parse("P5 3 2 255#c\n\n").unwrap().data, 13);
        assert_eq!(parse("P5 3 2 255 #c\n\n").unwrap().data, 11);
    }
}
