//! Everything that can go wrong with the bytes of one image, each with its place in them.

use std::fmt;

use crate::format::Content;
use crate::limits::Exceeded;

/// Why bytes are not a graymap. Offsets count from the first byte of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are something else.
    #[error("byte 0: expected a PGM (P2 or P5), found {found}; {}", found.advice())]
    NotPgm {
        /// What they are instead.
        found: Content,
    },
    /// The file ends inside the header.
    #[error(
        "byte {offset}: expected {expected} in the header, found the end of the file; \
         copy the file again"
    )]
    HeaderEnd {
        /// Length of the file.
        offset: usize,
        /// What should have come next.
        expected: Token,
    },
    /// Something in the header is not what the format puts there.
    #[error(
        "byte {offset}: expected {expected} in the header, found {}; {}",
        Byte(*found),
        expected.advice()
    )]
    Header {
        /// Place of the byte found.
        offset: usize,
        /// What should have been there.
        expected: Token,
        /// The byte found.
        found: u8,
    },
    /// A number in the header has more than 64 bits.
    #[error(
        "byte {offset}: expected a {number} of at most 64 bits, found more digits; \
         the header is damaged, copy the file again"
    )]
    HeaderOverflow {
        /// Place of the first digit.
        offset: usize,
        /// Which number.
        number: Token,
    },
    /// The width or the height is zero.
    #[error(
        "byte {offset}: expected a {side} of at least 1, found 0; \
         an image needs at least one pixel, write the file again"
    )]
    ZeroSize {
        /// Place of the number.
        offset: usize,
        /// Which side.
        side: Token,
    },
    /// The maxval is zero or over 65,535.
    #[error(
        "byte {offset}: expected a maxval from 1 to 65535, found {found}; \
         write the file again with the maxval of its samples"
    )]
    Maxval {
        /// Place of the number.
        offset: usize,
        /// The number found.
        found: u64,
    },
    /// The header claims more than the [`Limits`](crate::Limits) allow.
    #[error("byte {offset}: {exceeded}")]
    Limit {
        /// Place of the image's width in the header.
        offset: usize,
        /// What is too large.
        exceeded: Exceeded,
    },
    /// The file ends before the last sample.
    #[error(
        "byte {offset}: expected {expected} {unit} of samples, found {found} before the end of \
         the file; copy the file again, in binary mode"
    )]
    Truncated {
        /// Length of the file.
        offset: usize,
        /// What is counted: bytes for P5, numbers for P2.
        unit: Unit,
        /// How many the header asks for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A sample is over the header's maxval.
    #[error(
        "byte {offset}: expected samples up to the maxval {maxval}, found {found} as sample \
         {index}; write the file again with the maxval of its samples"
    )]
    Sample {
        /// Place of the sample.
        offset: usize,
        /// Its number, row by row from 0.
        index: usize,
        /// The header's maxval.
        maxval: u16,
        /// The sample found; the largest `u64` also stands for all above it.
        found: u64,
    },
    /// A P2 file holds something else than a number where a sample should be.
    #[error(
        "byte {offset}: expected a digit of sample {index}, found {}; \
         P2 samples are decimal numbers with white space between them",
        Byte(*found)
    )]
    SampleText {
        /// Place of the byte found.
        offset: usize,
        /// The sample's number, row by row from 0.
        index: usize,
        /// The byte found.
        found: u8,
    },
    /// A P5 file went through a text-mode conversion that turned line ends, and every pixel that
    /// looked like one, into CR LF.
    #[error(
        "byte {offset}: text-mode (CRLF) mangling: expected {expected} bytes of samples, found \
         {found}, and {collapsed} once every CR LF is one byte again; {}",
        mangling_advice(*expected, *found)
    )]
    TextMode {
        /// Place of the first CR LF.
        offset: usize,
        /// Bytes of samples that the header asks for.
        expected: usize,
        /// Bytes of samples found, counted after the header's last line end.
        found: usize,
        /// How many would be left with each CR LF turned back into LF. Where that equals
        /// `expected` the pixels can be repaired so, as far as none of them was a CR.
        collapsed: usize,
    },
    /// Bytes follow the image, and they are not another one.
    #[error(
        "byte {offset}: expected the end of the file or another such image, found {count} more bytes, \
         {} first; check width, height and maxval in the header, or cut the file off there",
        Byte(*found)
    )]
    TrailingBytes {
        /// Place of the first byte too many.
        offset: usize,
        /// How many follow.
        count: usize,
        /// The first of them.
        found: u8,
    },
}

impl DecodeError {
    /// Where in the file the trouble is, in bytes from its start.
    #[must_use]
    pub fn offset(&self) -> usize {
        match *self {
            Self::NotPgm { .. } => 0,
            Self::HeaderEnd { offset, .. }
            | Self::Header { offset, .. }
            | Self::HeaderOverflow { offset, .. }
            | Self::ZeroSize { offset, .. }
            | Self::Maxval { offset, .. }
            | Self::Limit { offset, .. }
            | Self::Truncated { offset, .. }
            | Self::Sample { offset, .. }
            | Self::SampleText { offset, .. }
            | Self::TextMode { offset, .. }
            | Self::TrailingBytes { offset, .. } => offset,
        }
    }
}

/// The end of [`DecodeError::TextMode`]'s sentence.
fn mangling_advice(expected: usize, found: usize) -> &'static str {
    if expected == found {
        "the samples are whole: end the header's lines in LF alone"
    } else {
        "fetch the original in binary mode (git: `*.pgm binary` in .gitattributes; FTP: `binary`)"
    }
}

/// A part of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token {
    /// White space after the magic P2 or P5.
    MagicEnd,
    /// The width in pixels.
    Width,
    /// The height in pixels.
    Height,
    /// The value of white.
    Maxval,
    /// The single white-space byte between the maxval and the samples.
    Delimiter,
}

impl Token {
    fn advice(self) -> &'static str {
        match self {
            Self::Delimiter => {
                "the samples start right behind it, even if a comment stands before it"
            }
            _ => "a header is `P5 WIDTH HEIGHT MAXVAL` in decimal digits",
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MagicEnd => "white space after the magic",
            Self::Width => "width",
            Self::Height => "height",
            Self::Maxval => "maxval",
            Self::Delimiter => "one white-space byte after the maxval",
        })
    }
}

/// What [`DecodeError::Truncated`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes, in P5.
    Bytes,
    /// Decimal numbers, in P2.
    Numbers,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Numbers => "numbers",
        })
    }
}

/// A byte as a message shows it.
struct Byte(u8);

impl fmt::Display for Byte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\n' => f.write_str("LF (0x0a)"),
            b'\r' => f.write_str("CR (0x0d)"),
            byte if byte.is_ascii_graphic() || byte == b' ' => {
                write!(f, "'{}' (0x{byte:02x})", char::from(byte))
            }
            byte => write!(f, "0x{byte:02x}"),
        }
    }
}

/// Why a [`Graymap`](crate::Graymap) cannot be made of some samples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraymapError {
    /// The samples do not fill the image, or it has none.
    #[error("expected width * height samples, at least one, for {width}x{height}; found {found}")]
    Size {
        /// The width given.
        width: usize,
        /// The height given.
        height: usize,
        /// How many samples were given.
        found: usize,
    },
    /// The maxval does not belong to the samples' type.
    #[error(
        "expected a maxval from {} for {bits}-bit samples, found {maxval}",
        if *bits == 8 { "1 to 255" } else { "256 to 65535" }
    )]
    Maxval {
        /// The maxval given.
        maxval: u16,
        /// Bits of the samples given: 8 or 16.
        bits: u8,
    },
    /// A sample is over the maxval.
    #[error("expected samples up to the maxval {maxval}, found {found} as sample {index}")]
    Sample {
        /// The sample's number, row by row from 0.
        index: usize,
        /// The maxval given.
        maxval: u16,
        /// The sample.
        found: u16,
    },
}
