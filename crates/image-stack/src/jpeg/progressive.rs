//! Scans of some coefficients, or some bits of them, of all blocks (T.81, annex G).

use super::bits::Bits;
use super::cells::Plane;
use super::frame::{Component, Frame};
use super::huffman::{Ac, Huffman};
use super::scan::Units;
use super::segments::{Scan, Segments};

/// What is known of the blocks of a component.
pub(super) struct Coefficients {
    /// Columns and rows of blocks.
    blocks: (usize, usize),
    /// How many coefficients of each block are kept, the first ones in zigzag order.
    kept: usize,
    values: Vec<i16>,
    /// Which of all 64 coefficients are not zero, a bit each: what a scan says of a coefficient depends on it.
    nonzero: Vec<u64>,
}

/// One block of them.
struct Block<'a> {
    values: &'a mut [i16],
    nonzero: &'a mut u64,
}

impl Coefficients {
    pub(super) fn new(component: &Component, kept: usize) -> Self {
        let count = component.blocks.0 * component.blocks.1;
        Self {
            blocks: component.blocks,
            kept,
            values: vec![0; count * kept],
            nonzero: vec![0; count],
        }
    }

    /// The block of that place; `None` beyond the border, over which the last units reach.
    fn block(&mut self, column: usize, row: usize) -> Option<Block<'_>> {
        if column >= self.blocks.0 || row >= self.blocks.1 {
            return None;
        }
        let number = row * self.blocks.0 + column;
        Some(Block {
            values: &mut self.values[number * self.kept..][..self.kept],
            nonzero: &mut self.nonzero[number],
        })
    }

    /// Fills a plane, after the last scan.
    pub(super) fn write(&self, plane: &mut Plane) {
        let places = (0..self.blocks.1).flat_map(|row| (0..self.blocks.0).map(move |x| (x, row)));
        for ((column, row), block) in places.zip(self.values.chunks_exact(self.kept)) {
            plane.write(column, row, &block[..plane.kept(column, row)]);
        }
    }
}

impl Block<'_> {
    fn set(&mut self, k: usize, value: i16) {
        *self.nonzero |= 1 << k;
        if let Some(kept) = self.values.get_mut(k) {
            *kept = value;
        }
    }

    /// Reads one more bit of each coefficient in `range` that is not zero.
    fn refine(&mut self, bits: &mut Bits<'_>, range: std::ops::Range<usize>, low: u32) {
        let mut left = *self.nonzero & mask(range);
        while left != 0 {
            bits.refill();
            let k = left.trailing_zeros() as usize;
            left &= left - 1;
            if bits.take(1) == 1
                && let Some(value) = self.values.get_mut(k)
            {
                *value = value.wrapping_add(value.signum().wrapping_shl(low));
            }
        }
    }

    /// The place of the zero coefficient after `zeros` others, from `k` up to `last`, or the one behind `last`.
    fn after_zeros(&self, zeros: u32, k: usize, last: usize) -> usize {
        let mut left = !*self.nonzero & mask(k..last + 1);
        for _ in 0..zeros {
            left &= left.wrapping_sub(1);
        }
        (left.trailing_zeros() as usize).min(last + 1)
    }
}

/// The bits of a range of numbers below 65.
fn mask(range: std::ops::Range<usize>) -> u64 {
    let below = |end: usize| if end >= 64 { u64::MAX } else { (1 << end) - 1 };
    below(range.end) & !below(range.start)
}

/// Reads one scan.
pub(super) struct Pass<'a> {
    frame: &'a Frame,
    scan: &'a Scan,
    coefficients: &'a mut [Coefficients],
    /// The table of each part; none in a scan of single bits of DC coefficients.
    tables: Vec<Option<&'a Huffman>>,
    /// The DC coefficient of the block before, of each part.
    before: [i16; 4],
    /// How many more blocks end before their first coefficient of this scan.
    ended: u32,
}

impl<'a> Pass<'a> {
    /// `None` where a table is missing.
    pub(super) fn new(
        frame: &'a Frame,
        scan: &'a Scan,
        segments: &'a Segments<'_>,
        coefficients: &'a mut [Coefficients],
    ) -> Option<Self> {
        let mut tables = Vec::with_capacity(scan.parts.len());
        for part in &scan.parts {
            tables.push(match (scan.band.0, scan.high) {
                (0, 0) => Some(segments.dc[part.dc].as_ref()?),
                (0, _) => None,
                _ => Some(segments.ac[part.ac].as_ref()?),
            });
        }
        Some(Self {
            frame,
            scan,
            coefficients,
            tables,
            before: [0; 4],
            ended: 0,
        })
    }
}

impl Units for Pass<'_> {
    fn restart(&mut self) {
        self.before = [0; 4];
        self.ended = 0;
    }

    fn read(&mut self, bits: &mut Bits<'_>, column: usize, row: usize) -> Option<()> {
        if self.scan.band.0 > 0 {
            let table = self.tables[0]?;
            let block = self.coefficients[self.scan.parts[0].component].block(column, row)?;
            return if self.scan.high == 0 {
                first_ac(self.scan, bits, table, block, &mut self.ended)
            } else {
                refine_ac(self.scan, bits, table, block, &mut self.ended)
            };
        }
        let alone = self.scan.parts.len() == 1;
        for (i, part) in self.scan.parts.iter().enumerate() {
            let sampling = self.frame.components[part.component].sampling;
            let (across, down) = if alone { (1, 1) } else { sampling };
            for row in row * down..(row + 1) * down {
                for column in column * across..(column + 1) * across {
                    let block = self.coefficients[part.component].block(column, row);
                    match self.tables[i] {
                        Some(table) => {
                            let value = first_dc(bits, table, &mut self.before[i])?;
                            if let Some(mut block) = block {
                                block.set(0, value.wrapping_shl(self.scan.low));
                            }
                        }
                        None => {
                            bits.refill();
                            let bit = (bits.take(1) as i16).wrapping_shl(self.scan.low);
                            if let Some(block) = block {
                                block.values[0] |= bit;
                            }
                        }
                    }
                }
            }
        }
        Some(())
    }
}

fn first_dc(bits: &mut Bits<'_>, table: &Huffman, before: &mut i16) -> Option<i16> {
    let size = u32::from(table.symbol(bits)?);
    if size > 11 {
        return None;
    }
    *before = before.wrapping_add(bits.take_signed(size) as i16);
    Some(*before)
}

/// The first bits of AC coefficients (G.1.2.2).
fn first_ac(
    scan: &Scan,
    bits: &mut Bits<'_>,
    table: &Huffman,
    mut block: Block<'_>,
    ended: &mut u32,
) -> Option<()> {
    if *ended > 0 {
        *ended -= 1;
        return Some(());
    }
    let (mut k, last) = scan.band;
    while k <= last {
        match Ac::of(table.symbol(bits)?) {
            Ac::End(n) => {
                *ended = (1 << n) - 1 + bits.take(n);
                break;
            }
            Ac::Zeros => k += 16,
            Ac::Value { zeros, size } => {
                k += zeros as usize;
                if k > last {
                    return None;
                }
                let value = bits.take_signed(size) as i16;
                block.set(k, value.wrapping_shl(scan.low));
                k += 1;
            }
        }
    }
    Some(())
}

/// One more bit of AC coefficients (G.1.2.3).
fn refine_ac(
    scan: &Scan,
    bits: &mut Bits<'_>,
    table: &Huffman,
    mut block: Block<'_>,
    ended: &mut u32,
) -> Option<()> {
    let (mut k, last) = scan.band;
    while *ended == 0 && k <= last {
        let (zeros, value) = match Ac::of(table.symbol(bits)?) {
            Ac::End(n) => {
                *ended = (1 << n) + bits.take(n);
                break;
            }
            Ac::Zeros => (15, None),
            Ac::Value { zeros, size: 1 } => {
                let sign = if bits.take(1) == 1 { 1_i16 } else { -1 };
                (zeros, Some(sign.wrapping_shl(scan.low)))
            }
            Ac::Value { .. } => return None,
        };
        let place = block.after_zeros(zeros, k, last);
        block.refine(bits, k..place, scan.low);
        if let Some(value) = value {
            if place > last {
                return None;
            }
            block.set(place, value);
        }
        k = place + 1;
    }
    if *ended > 0 {
        block.refine(bits, k..last + 1, scan.low);
        *ended -= 1;
    }
    Some(())
}
