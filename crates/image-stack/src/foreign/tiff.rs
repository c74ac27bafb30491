//! TIFF 6.0 and BigTIFF: directories of entries, which say where the strips or tiles of pixels lie.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::header::{Header, Source};
use crate::alpha::Colours;
use crate::orientation::Orientation;

const NEW_SUBFILE_TYPE: u64 = 254;
const WIDTH: u64 = 256;
const HEIGHT: u64 = 257;
const ORIENTATION: u64 = 274;
const EXTRA_SAMPLES: u64 = 338;
/// Where strips and tiles lie, each with the entry that tells how long they are.
const PIECES: [(u64, u64); 2] = [(273, 279), (324, 325)];
/// The kind of the last extra sample that means colours times opacity.
const ASSOCIATED: u64 = 1;
/// Directories that are looked at: more are not counted.
const MOST_DIRECTORIES: usize = 1 << 12;

/// Checks that all strips or tiles of the first image are there, and the directories of all others.
pub(super) fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let file = TiffFile::open(bytes)?;
    let first = file.directory(file.first)?;
    let side = |tag: u64, expected: &'static str| match file.values(&first, tag)?.first() {
        Some(side) => Ok(side),
        None => Err(Fault::unexpected(first.at as usize, expected, "none")),
    };
    let (width, height) = (
        side(WIDTH, "an entry of the width")?,
        side(HEIGHT, "an entry of the height")?,
    );
    let orientation = match file.values(&first, ORIENTATION)?.first() {
        None => Some(Orientation::default()),
        Some(number) => u32::try_from(number).ok().and_then(Orientation::from_exif),
    };
    let colours = match file.values(&first, EXTRA_SAMPLES)?.last() {
        Some(ASSOCIATED) => Colours::Multiplied,
        _ => Colours::Straight,
    };
    file.expect_pieces(&first)?;
    Ok(Header {
        orientation,
        colours,
        more_images: file.images_after(first.next)?,
        ..Header::of_size(width, height)
    })
}

/// Whole numbers of some bytes each.
struct Values<'a> {
    source: Source<'a>,
    size: usize,
}

impl<'a> Values<'a> {
    fn iter(&self) -> impl DoubleEndedIterator<Item = u64> + 'a {
        let source = self.source;
        let values = source.bytes.chunks_exact(self.size);
        values.map(move |bytes| Source { bytes, ..source }.whole())
    }

    fn first(&self) -> Option<u64> {
        self.iter().next()
    }

    fn last(&self) -> Option<u64> {
        self.iter().next_back()
    }
}

struct TiffFile<'a> {
    source: Source<'a>,
    /// Offsets have 64 bits.
    big: bool,
    /// Place of the first directory.
    first: u64,
}

/// A directory: where it lies, how many entries it has, and where the next one lies, 0 for none.
struct Directory {
    at: u64,
    entries: u64,
    next: u64,
}

impl<'a> TiffFile<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        let source = Source {
            bytes,
            little_endian: bytes.first() == Some(&b'I'),
        };
        let big = source.number::<2>("the header", 2)? == 43;
        let first = match big {
            true => source.number::<8>("the header", 8)?,
            false => source.number::<4>("the header", 4)?,
        };
        Ok(Self { source, big, first })
    }

    /// An offset, or a number of values.
    fn word(&self, part: &str, at: u64) -> Result<u64, Fault> {
        match self.big {
            true => self.source.number::<8>(part, at),
            false => self.source.number::<4>(part, at),
        }
    }

    /// Bytes of a word, and of the entries of a directory.
    fn lengths(&self) -> (u64, u64) {
        if self.big { (8, 20) } else { (4, 12) }
    }

    fn directory(&self, at: u64) -> Result<Directory, Fault> {
        let part = "a directory";
        let (count_length, entries) = match self.big {
            true => (8, self.source.number::<8>(part, at)?),
            false => (2, self.source.number::<2>(part, at)?),
        };
        let (word, entry) = self.lengths();
        let start = at.saturating_add(count_length);
        let length = entries.saturating_mul(entry);
        self.source.part(part, start, length.saturating_add(word))?;
        Ok(Directory {
            at: start,
            entries,
            next: self.word(part, start + length)?,
        })
    }

    /// The whole numbers of an entry; none where there is no such entry.
    fn values(&self, directory: &Directory, tag: u64) -> Result<Values<'a>, Fault> {
        let part = "an entry of a directory";
        let (word, entry) = self.lengths();
        for at in (0..directory.entries).map(|i| directory.at + i * entry) {
            if self.source.number::<2>(part, at)? != tag {
                continue;
            }
            let size = match self.source.number::<2>(part, at + 2)? {
                3 => 2,
                4 | 13 => 4,
                16 | 18 => 8,
                _ => break,
            };
            let count = self.word(part, at + 4)?;
            let length = count.saturating_mul(size as u64);
            let inside = at + 4 + word;
            let place = if length <= word {
                inside
            } else {
                self.word(part, inside)?
            };
            let values = self.source.part("the values of an entry", place, length)?;
            let source = Source {
                bytes: values,
                ..self.source
            };
            return Ok(Values { source, size });
        }
        Ok(Values {
            source: Source {
                bytes: &[],
                ..self.source
            },
            size: 1,
        })
    }

    /// Every strip or tile of an image lies inside the file.
    fn expect_pieces(&self, directory: &Directory) -> Result<(), Fault> {
        for (offsets, lengths) in PIECES {
            let offsets = self.values(directory, offsets)?;
            for (at, length) in offsets.iter().zip(self.values(directory, lengths)?.iter()) {
                self.source.part("the pixels", at, length)?;
            }
        }
        Ok(())
    }

    /// How many images there are from the directory at `next` on. Smaller versions of an image are no more images.
    fn images_after(&self, mut next: u64) -> Result<usize, Fault> {
        let (mut images, mut seen) = (0, BTreeSet::new());
        while next != 0 && seen.len() < MOST_DIRECTORIES && seen.insert(next) {
            let directory = self.directory(next)?;
            let kind = self.values(&directory, NEW_SUBFILE_TYPE)?;
            images += usize::from(kind.first().is_none_or(|kind| kind & 1 == 0));
            next = directory.next;
        }
        Ok(images)
    }
}
