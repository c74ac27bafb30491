//! What a file says of its image before any of its pixels are decoded.

use super::fault::Fault;
use crate::alpha::Colours;
use crate::orientation::Orientation;

/// What a file says of its image. That the file has all the bytes that it speaks of has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Columns, as the file claims.
    pub(super) width: u64,
    /// Rows, as the file claims.
    pub(super) height: u64,
    /// `None` where it is noted in a way that cannot be read.
    pub(super) orientation: Option<Orientation>,
    /// Images beside the first.
    pub(super) more_images: usize,
    /// What stands before a pixel's opacity, if it has one.
    pub(super) colours: Colours,
}

impl Header {
    /// Of one upright image.
    pub(super) fn of_size(width: u64, height: u64) -> Self {
        Self {
            width,
            height,
            orientation: Some(Orientation::default()),
            more_images: 0,
            colours: Colours::Straight,
        }
    }
}

/// The bytes of a file, with numbers in one order of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) little_endian: bool,
}

impl<'a> Source<'a> {
    pub(super) fn little_endian(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            little_endian: true,
        }
    }

    pub(super) fn big_endian(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            little_endian: false,
        }
    }

    /// `length` bytes from `at` on, which are the file's `part`.
    pub(super) fn part(&self, part: &str, at: u64, length: u64) -> Result<&'a [u8], Fault> {
        let end = at.saturating_add(length);
        let range = usize::try_from(at).ok().zip(usize::try_from(end).ok());
        range
            .and_then(|(start, end)| self.bytes.get(start..end))
            .ok_or_else(|| Fault::Cut {
                part: part.to_owned(),
                end,
                length: self.bytes.len(),
            })
    }

    /// The unsigned number of `N` bytes, at most 8, that is the file's `part`.
    pub(super) fn number<const N: usize>(&self, part: &str, at: u64) -> Result<u64, Fault> {
        let bytes = self.part(part, at, N as u64)?;
        Ok(Self { bytes, ..*self }.whole())
    }

    /// All bytes, at most 8, as one unsigned number.
    pub(super) fn whole(&self) -> u64 {
        let bytes = self.bytes.iter().copied();
        let join = |number: u64, byte: u8| number << 8 | u64::from(byte);
        match self.little_endian {
            true => bytes.rev().fold(0, join),
            false => bytes.fold(0, join),
        }
    }
}
