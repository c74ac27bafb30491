//! The bits of a scan, without the bytes that keep them apart from markers.

use super::fault::{Fault, Inside};

/// Reads a scan bit by bit, the most significant first. Before a marker, and at the end of the file, it stands still and
/// gives zeros, which it counts.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to be taken.
    at: usize,
    /// Bits that were taken, the next one at the top. What lies under the lowest of `count` is not defined.
    window: u64,
    count: u32,
    /// How many of all bits taken were made up.
    made_up: u64,
}

impl<'a> Bits<'a> {
    /// The bits of the scan that begins at `at`.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            window: 0,
            count: 0,
            made_up: 0,
        }
    }

    /// The next byte of the file that was not taken yet.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Makes sure that 32 bits can be taken.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        let next = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        match next.map(|&next| u64::from_be_bytes(next)) {
            Some(word) if !has_ff(word) => {
                self.window |= word >> self.count;
                self.at += ((63 - self.count) >> 3) as usize;
                self.count |= 56;
            }
            _ => self.refill_bytewise(),
        }
    }

    /// [`Self::refill`] near the byte 0xff: before a zero it is data, before another it is a filler, and otherwise the
    /// beginning of a marker.
    #[cold]
    fn refill_bytewise(&mut self) {
        // Bits of the next byte may lie there already.
        self.window &= !(u64::MAX.checked_shr(self.count).unwrap_or(0));
        while self.count <= 56 {
            let byte = match self.bytes.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([0xff, 0xff, ..]) => {
                    self.at += 1;
                    continue;
                }
                Some([0xff, ..] | []) | None => {
                    self.made_up += 8;
                    0
                }
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next bits, at the top; 32 of them after [`Self::refill`].
    #[inline]
    pub(super) fn peek(&self) -> u64 {
        self.window
    }

    /// Goes over bits that were looked at, at most as many as there are.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) {
        self.window <<= count;
        self.count -= count;
    }

    /// The next bits as a number. `count` is at most 16.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        // In two steps, since a shift by 64 is not allowed.
        let value = (self.window >> 1 >> (63 - count)) as u32;
        self.skip(count);
        value
    }

    /// The next bits as JPEG writes a signed number of that many bits (T.81, table F.1): without a leading one it is
    /// negative. `count` is at most 16.
    #[inline]
    pub(super) fn take_signed(&mut self, count: u32) -> i32 {
        let value = self.take(count) as i32;
        let negative = i32::from(value < (1 << count) >> 1);
        value - negative * ((1 << count) - 1)
    }

    /// Whether more bits were used than there are.
    #[inline]
    pub(super) fn is_short(&self) -> bool {
        self.made_up > u64::from(self.count)
    }

    /// Goes on behind the restart marker of that number, 0 to 7.
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Fault> {
        let at = self.marker()?;
        let found = self.bytes[at + 1];
        if found != 0xd0 + number {
            return Err(Fault::unexpected(
                at,
                "the next restart marker",
                format!("marker 0xff{found:02x}"),
            ));
        }
        *self = Self::new(self.bytes, at + 2);
        Ok(())
    }

    /// Where the next marker begins, which follows the scan or a part of it. Bytes before it that no block needed are
    /// left out, as some cameras write them.
    pub(super) fn marker(&self) -> Result<usize, Fault> {
        let mut at = self.at;
        loop {
            match self.bytes.get(at..) {
                Some([0xff, 0, ..]) => at += 2,
                Some([0xff, 0xff, ..]) => at += 1,
                Some([0xff, _, ..]) => return Ok(at),
                Some([_, _, ..]) => at += 1,
                _ => {
                    return Err(Fault::Cut {
                        at: self.bytes.len(),
                        inside: Inside::Scan,
                    });
                }
            }
        }
    }
}

/// Whether one of the eight bytes is 0xff.
fn has_ff(word: u64) -> bool {
    const ONES: u64 = u64::from_be_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;
    // A byte of zero, alone, borrows from its top bit.
    let inverse = !word;
    inverse.wrapping_sub(ONES) & !inverse & TOPS != 0
}
