//! What can be wrong with the bytes of a JPEG file.

use std::fmt;

/// What is wrong with the bytes of a JPEG file, and where. Places are counted in bytes from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The file ends before its image does.
    #[error(
        "expected an end-of-image marker after the last scan, found the end of the file at byte {at}, {inside}; the \
         file has been cut"
    )]
    Cut { at: usize, inside: Inside },
    /// A scan has fewer codes than the image has blocks.
    #[error(
        "expected {expected} units of pixels in the scan that begins at byte {scan}, found {found}; a part of the file \
         is missing or damaged"
    )]
    Short {
        scan: usize,
        expected: usize,
        found: usize,
    },
    /// Something else than the format allows.
    #[error("expected {expected} at byte {at}, found {found}")]
    Unexpected {
        at: usize,
        expected: &'static str,
        found: String,
    },
    /// A variant of the format that is not read.
    #[error("expected baseline or progressive JPEG of 8 bits with Huffman codes, found {found}")]
    Unsupported { found: String },
}

impl Fault {
    pub(super) fn unexpected(at: usize, expected: &'static str, found: impl Into<String>) -> Self {
        Self::Unexpected {
            at,
            expected,
            found: found.into(),
        }
    }
}

/// The part of a file in which it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// A segment of this marker.
    Segment(u8),
    /// The codes of a scan.
    Scan,
    /// Between segments.
    Between,
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(0xe1) => f.write_str("inside the EXIF or XMP block"),
            Self::Segment(0xe0..=0xef) => f.write_str("inside metadata"),
            Self::Segment(0xc4 | 0xdb) => f.write_str("inside a table"),
            Self::Segment(_) => f.write_str("inside a header"),
            Self::Scan => f.write_str("inside the pixels"),
            Self::Between => f.write_str("between two segments"),
        }
    }
}
