//! The segments of a file, up to the end of its first image.

use super::fault::{Fault, Inside};
use super::frame::{Frame, LATE_HEIGHT, unsupported};
use super::huffman::Huffman;
use super::typical;

/// How many scans an image may have. Encoders write about ten; each costs the time of a look at every block.
const MAX_SCANS: usize = 100;

/// What the segments say that were read so far.
#[derive(Debug)]
pub(crate) struct Segments<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the next segment begins.
    at: usize,
    frame: Option<Frame>,
    scans: usize,
    pub(super) quantization: [Option<[u16; 64]>; 4],
    pub(super) dc: [Option<Huffman>; 4],
    pub(super) ac: [Option<Huffman>; 4],
    /// Units between restart markers, 0 for none.
    pub(super) restart_interval: usize,
    /// The colour transform that an Adobe segment names.
    pub(super) adobe: Option<u8>,
    /// The TIFF block with the metadata of a camera.
    pub(super) exif: Option<&'a [u8]>,
    /// The start of the colour profile, which holds its description.
    pub(super) profile: Option<&'a [u8]>,
}

/// What the header of a scan (T.81, B.2.3) says.
#[derive(Debug, Clone)]
pub(super) struct Scan {
    /// Where its bits begin.
    pub(super) at: usize,
    pub(super) parts: Vec<Part>,
    /// The first and the last coefficient, 0 to 63.
    pub(super) band: (usize, usize),
    /// The bit that was known before, one above the lowest known afterwards; 0 where none was.
    pub(super) high: u32,
    /// The lowest bit that is known afterwards.
    pub(super) low: u32,
}

/// One component of a scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Its number in the frame.
    pub(super) component: usize,
    /// Which Huffman tables, 0 to 3.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

impl<'a> Segments<'a> {
    /// Reads up to the first scan; gives what the file's header says, and that scan.
    pub(super) fn start(bytes: &'a [u8]) -> Result<(Self, Frame, Scan), Fault> {
        let mut segments = Self {
            bytes,
            at: 2,
            frame: None,
            scans: 0,
            quantization: [const { None }; 4],
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            restart_interval: 0,
            adobe: None,
            exif: None,
            profile: None,
        };
        let scan = segments.next_scan()?;
        match (segments.frame.clone(), scan) {
            (Some(frame), Some(scan)) => Ok((segments, frame, scan)),
            _ => Err(Fault::unexpected(
                segments.at,
                "a scan before the end of the image",
                "none",
            )),
        }
    }

    /// Where the next segment begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes to where the segment after a scan begins.
    pub(super) fn go_on(&mut self, at: usize) {
        self.at = at;
    }

    /// Reads up to the next scan; `None` at the end of the image. What lies behind that is not looked at: there may be
    /// other images, as of phones that keep a gain map, and data of the maker.
    pub(super) fn next_scan(&mut self) -> Result<Option<Scan>, Fault> {
        loop {
            let (at, marker) = self.marker()?;
            match marker {
                0xd9 => return Ok(None),
                // Markers alone: restarts, and what comes before the end of an image without a meaning there.
                0x01 | 0xd0..=0xd7 => continue,
                0xd8 => return Err(Fault::unexpected(at, "a segment", "another image")),
                _ => {}
            }
            let payload = self.payload(marker)?;
            match marker {
                0xda => return self.scan(payload, at).map(Some),
                0xc4 => self.huffman_tables(payload, at)?,
                0xdb => self.quantization_tables(payload, at)?,
                0xdc => return Err(unsupported(LATE_HEIGHT)),
                0xdd => self.restart_interval = restart_interval(payload, at)?,
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xf7 => {
                    if self.frame.is_some() {
                        return Err(Fault::unexpected(at, "one frame", "a second one"));
                    }
                    self.frame = Some(Frame::parse(marker, payload, at)?);
                }
                0xe0 if payload.starts_with(b"AVI1\0") => self.use_typical_tables(),
                0xe1 => self.exif = self.exif.or(payload.strip_prefix(b"Exif\0\0")),
                // Behind the name stand the number of the part, from 1, and how many there are.
                0xe2 => {
                    let part = payload.strip_prefix(b"ICC_PROFILE\0\x01");
                    self.profile = self.profile.or(part);
                }
                0xee if payload.starts_with(b"Adobe") => self.adobe = payload.get(11).copied(),
                _ => {}
            }
        }
    }

    /// Where the next marker begins, and which it is. Bytes before it are left out, as other decoders do.
    fn marker(&mut self) -> Result<(usize, u8), Fault> {
        while let Some(&[first, second]) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            if first == 0xff && !matches!(second, 0 | 0xff) {
                self.at += 2;
                return Ok((self.at - 2, second));
            }
            self.at += 1;
        }
        Err(self.cut(Inside::Between))
    }

    /// What follows a marker, which says its own length.
    fn payload(&mut self, marker: u8) -> Result<&'a [u8], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some((&length, rest)) = rest.split_first_chunk() else {
            return Err(self.cut(Inside::Segment(marker)));
        };
        let length = usize::from(u16::from_be_bytes(length));
        let Some(payload) = length.checked_sub(2) else {
            return Err(Fault::unexpected(
                self.at,
                "a length of at least 2",
                length.to_string(),
            ));
        };
        let Some(payload) = rest.get(..payload) else {
            return Err(self.cut(Inside::Segment(marker)));
        };
        self.at += length;
        Ok(payload)
    }

    fn cut(&self, inside: Inside) -> Fault {
        Fault::Cut {
            at: self.bytes.len(),
            inside,
        }
    }

    fn huffman_tables(&mut self, mut rest: &[u8], at: usize) -> Result<(), Fault> {
        while let Some((&[class_and_number], after)) = rest.split_first_chunk() {
            let table = after.split_first_chunk::<16>().and_then(|(counts, after)| {
                let symbols = counts.iter().map(|&count| usize::from(count)).sum();
                let (symbols, after) = after.split_at_checked(symbols)?;
                Some((Huffman::new(counts, symbols)?, after))
            });
            let Some((table, after)) = table else {
                return Err(Fault::unexpected(
                    at,
                    "a whole table of Huffman codes",
                    "none",
                ));
            };
            let number = usize::from(class_and_number & 15);
            let tables = match class_and_number >> 4 {
                0 => self.dc.get_mut(number),
                1 => self.ac.get_mut(number),
                _ => None,
            };
            *tables.ok_or_else(|| table_number(at, class_and_number))? = Some(table);
            rest = after;
        }
        Ok(())
    }

    /// Fills what was not defined so far.
    fn use_typical_tables(&mut self) {
        let [dc, ac] = typical::tables();
        for (slots, tables) in [(&mut self.dc, dc), (&mut self.ac, ac)] {
            for (slot, table) in slots.iter_mut().zip(tables) {
                *slot = slot.take().or(table);
            }
        }
    }

    fn quantization_tables(&mut self, mut rest: &[u8], at: usize) -> Result<(), Fault> {
        while let Some((&[precision_and_number], after)) = rest.split_first_chunk() {
            let number = usize::from(precision_and_number & 15);
            let slot = self.quantization.get_mut(number);
            let slot = slot.ok_or_else(|| table_number(at, precision_and_number))?;
            let parsed = match precision_and_number >> 4 {
                0 => after
                    .split_first_chunk::<64>()
                    .map(|(table, after)| (table.map(u16::from), after)),
                1 => after.split_first_chunk::<128>().map(|(table, after)| {
                    let mut steps = [0; 64];
                    for (step, &bytes) in steps.iter_mut().zip(table.as_chunks().0) {
                        *step = u16::from_be_bytes(bytes);
                    }
                    (steps, after)
                }),
                _ => return Err(table_number(at, precision_and_number)),
            };
            let Some((table, after)) = parsed else {
                return Err(Fault::unexpected(at, "64 steps of quantization", "fewer"));
            };
            *slot = Some(table);
            rest = after;
        }
        Ok(())
    }

    fn scan(&mut self, payload: &[u8], at: usize) -> Result<Scan, Fault> {
        let Some(frame) = &self.frame else {
            return Err(Fault::unexpected(
                at,
                "a frame before the first scan",
                "none",
            ));
        };
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Fault::unexpected(at, "at most 100 scans", "more"));
        }
        let scan = Scan::parse(frame, payload, self.at);
        let scan = scan.ok_or_else(|| {
            Fault::unexpected(
                at,
                "a scan of the frame's components and their coefficients",
                "something else",
            )
        })?;
        Ok(scan)
    }
}

impl Scan {
    fn parse(frame: &Frame, payload: &[u8], at: usize) -> Option<Self> {
        let (&[count], rest) = payload.split_first_chunk()?;
        let (parts, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest else {
            return None;
        };
        let part = |&[id, tables]: &[u8; 2]| {
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            let component = frame.components.iter().position(|c| c.id == id)?;
            (dc < 4 && ac < 4).then_some(Part { component, dc, ac })
        };
        let parts: Vec<_> = parts
            .as_chunks()
            .0
            .iter()
            .map(part)
            .collect::<Option<_>>()?;
        let twice = (1..parts.len()).any(|i| {
            let (before, after) = parts.split_at(i);
            before
                .iter()
                .any(|part| part.component == after[0].component)
        });
        let scan = Self {
            at,
            parts,
            band: (first.into(), last.into()),
            high: u32::from(bits >> 4),
            low: u32::from(bits & 15),
        };
        let whole = if frame.progressive {
            let refined = scan.high == 0 || scan.high == scan.low + 1;
            let band = match scan.band {
                (0, last) => last == 0,
                (first, last) => first <= last && last < 64 && count == 1,
            };
            refined && band && scan.low <= 13
        } else {
            true
        };
        (whole && !twice && count > 0).then_some(scan)
    }
}

fn restart_interval(payload: &[u8], at: usize) -> Result<usize, Fault> {
    match payload {
        &[high, low] => Ok(u16::from_be_bytes([high, low]).into()),
        _ => Err(Fault::unexpected(
            at,
            "a restart interval of two bytes",
            format!("{} bytes", payload.len()),
        )),
    }
}

fn table_number(at: usize, found: u8) -> Fault {
    Fault::unexpected(
        at,
        "a table of number 0 to 3 and a class of 0 or 1",
        format!("0x{found:02x}"),
    )
}
