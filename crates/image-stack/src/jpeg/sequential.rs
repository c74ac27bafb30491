//! Scans of whole blocks (T.81, annex F.2).

use super::bits::Bits;
use super::cells::Plane;
use super::frame::Frame;
use super::huffman::{Ac, Huffman, Skipper};
use super::scan::Units;
use super::segments::{Scan, Segments};

/// Reads blocks, and of each as many coefficients as its plane needs; the others are gone over.
pub(super) struct Sequential<'a> {
    frame: &'a Frame,
    parts: Vec<BlockReader<'a>>,
    skippers: [Option<Skipper>; 4],
    planes: Option<&'a mut [Plane]>,
    block: [i16; 64],
}

/// What reads the blocks of one component.
struct BlockReader<'a> {
    component: usize,
    dc: &'a Huffman,
    ac: &'a Huffman,
    /// Which skipper.
    skipper: usize,
    /// The DC coefficient of the block before.
    before: i16,
}

impl<'a> Sequential<'a> {
    /// `None` where a table is missing.
    pub(super) fn new(
        frame: &'a Frame,
        scan: &Scan,
        segments: &'a Segments<'_>,
        planes: Option<&'a mut [Plane]>,
    ) -> Option<Self> {
        let mut skippers = [const { None }; 4];
        let mut parts = Vec::with_capacity(scan.parts.len());
        for part in &scan.parts {
            let ac = segments.ac[part.ac].as_ref()?;
            skippers[part.ac].get_or_insert_with(|| Skipper::new(ac));
            parts.push(BlockReader {
                component: part.component,
                dc: segments.dc[part.dc].as_ref()?,
                ac,
                skipper: part.ac,
                before: 0,
            });
        }
        Some(Self {
            frame,
            parts,
            skippers,
            planes,
            block: [0; 64],
        })
    }
}

impl Units for Sequential<'_> {
    fn restart(&mut self) {
        for part in &mut self.parts {
            part.before = 0;
        }
    }

    fn read(&mut self, bits: &mut Bits<'_>, column: usize, row: usize) -> Option<()> {
        let alone = self.parts.len() == 1;
        for part in &mut self.parts {
            let component = &self.frame.components[part.component];
            let skipper = self.skippers[part.skipper].as_ref()?;
            let mut plane = self
                .planes
                .as_deref_mut()
                .map(|planes| &mut planes[part.component]);
            let (across, down) = if alone { (1, 1) } else { component.sampling };
            for row in row * down..(row + 1) * down {
                for column in column * across..(column + 1) * across {
                    // The last units reach over the image's border.
                    let inside = column < component.blocks.0 && row < component.blocks.1;
                    let plane = plane.as_deref_mut().filter(|_| inside);
                    let kept = plane.as_ref().map_or(1, |plane| plane.kept(column, row));
                    let block = &mut self.block[..kept];
                    part.read(bits, skipper, block)?;
                    if let Some(plane) = plane {
                        plane.write(column, row, block);
                    }
                }
            }
        }
        Some(())
    }
}

impl BlockReader<'_> {
    /// Reads the first coefficients of a block, in zigzag order, and goes over the others.
    #[inline]
    fn read(&mut self, bits: &mut Bits<'_>, skipper: &Skipper, block: &mut [i16]) -> Option<()> {
        let size = u32::from(self.dc.symbol(bits)?);
        if size > 11 {
            return None;
        }
        self.before = self.before.wrapping_add(bits.take_signed(size) as i16);
        block.fill(0);
        block[0] = self.before;
        let mut k = 1;
        while k < block.len() {
            match Ac::of(self.ac.symbol(bits)?) {
                Ac::End(_) => return Some(()),
                Ac::Zeros => k += 16,
                Ac::Value { zeros, size } => {
                    k += zeros as usize;
                    let value = bits.take_signed(size) as i16;
                    match block.get_mut(k) {
                        Some(coefficient) => *coefficient = value,
                        None if k > 63 => return None,
                        None => {}
                    }
                    k += 1;
                }
            }
        }
        skipper.rest(self.ac, bits, k as u32)
    }
}
