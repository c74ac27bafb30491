//! Huffman codes: from bits to symbols, several at once where only their length matters.

use super::bits::Bits;

/// Bits that the table of single codes is indexed by. Longer codes are searched by their length.
const LOOKUP: u32 = 9;
/// Bits that the table of skipped coefficients is indexed by.
const SKIP: u32 = 12;

/// A table of Huffman codes (T.81, annex C).
#[derive(Debug, Clone)]
pub(super) struct Huffman {
    /// By the next bits: the code's length and its symbol, or 0 for a longer code.
    lookup: Box<[(u8, u8); 1 << LOOKUP]>,
    /// By length: the first code that is longer, as a number of 16 bits.
    ends: [u32; 17],
    /// By length: the place of its first symbol, less its first code.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Huffman {
    /// The table with `counts[i]` codes of `i + 1` bits, for the symbols in the order of their codes. `None` where there
    /// are more codes of a length than bits allow.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            lookup: Box::new([(0, 0); 1 << LOOKUP]),
            ends: [0; 17],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1..=16_u32).zip(counts) {
            table.offsets[length as usize] = place as i32 - code as i32;
            for &symbol in symbols.get(place..place + usize::from(count))? {
                if length <= LOOKUP {
                    let start = (code << (LOOKUP - length)) as usize;
                    let entries = table
                        .lookup
                        .get_mut(start..start + (1 << (LOOKUP - length)))?;
                    entries.fill((length as u8, symbol));
                }
                code += 1;
            }
            place += usize::from(count);
            if code > 1 << length {
                return None;
            }
            table.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    /// Takes the next code; it and the 16 bits after it can be taken without another refill. `None` for bits that are no
    /// code.
    #[inline]
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        bits.refill();
        let (length, symbol) = self.find((bits.peek() >> 48) as u32)?;
        bits.skip(length);
        Some(symbol)
    }

    /// The length and the symbol of the code at the top of 16 bits.
    #[inline]
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        match self.lookup[(bits >> (16 - LOOKUP)) as usize] {
            (0, _) => self.find_long(bits),
            (length, symbol) => Some((length.into(), symbol)),
        }
    }

    #[cold]
    fn find_long(&self, bits: u32) -> Option<(u32, u8)> {
        let length = (LOOKUP + 1..=16).find(|&length| bits < self.ends[length as usize])?;
        let code = (bits >> (16 - length)) as i32;
        let symbol = self
            .symbols
            .get((self.offsets[length as usize] + code) as usize)?;
        Some((length, *symbol))
    }
}

/// What a few bits say of coefficients whose values nobody needs.
#[derive(Debug, Clone, Copy, Default)]
struct Skipped {
    /// How many bits, 0 where they do not make one whole coefficient.
    bits: u8,
    /// How many coefficients they stand for, the zeros before each among them.
    coefficients: u8,
    /// Whether they end the block.
    end: bool,
}

/// Goes over the AC coefficients of a sequential scan, several in one step.
#[derive(Debug, Clone)]
pub(super) struct Skipper(Box<[Skipped; 1 << SKIP]>);

impl Skipper {
    pub(super) fn new(table: &Huffman) -> Self {
        let mut entries = Box::new([Skipped::default(); 1 << SKIP]);
        for (bits, entry) in (0_u32..).zip(entries.iter_mut()) {
            *entry = Skipped::of(table, bits);
        }
        Self(entries)
    }

    /// Goes over the coefficients of a block from the one of that number, 1 to 63, on. `None` for bits that are no code or
    /// say more than a block holds.
    #[inline]
    pub(super) fn rest(&self, table: &Huffman, bits: &mut Bits<'_>, mut k: u32) -> Option<()> {
        while k < 64 {
            bits.refill();
            let entry = self.0[(bits.peek() >> (64 - SKIP)) as usize];
            let next = k + u32::from(entry.coefficients);
            // The last coefficient of a block has no end behind it; what the entry takes for codes may be the next block.
            if entry.bits != 0 && next < 64 {
                bits.skip(entry.bits.into());
                if entry.end {
                    return Some(());
                }
                k = next;
                continue;
            }
            match Ac::of(table.symbol(bits)?) {
                Ac::End(_) => return Some(()),
                Ac::Zeros => k += 16,
                Ac::Value { zeros, size } => {
                    k += zeros + 1;
                    bits.skip(size);
                    if k > 64 {
                        return None;
                    }
                }
            }
        }
        Some(())
    }
}

impl Skipped {
    /// What `SKIP` bits say.
    fn of(table: &Huffman, bits: u32) -> Self {
        let mut skipped = Self::default();
        while let Some((length, symbol)) = {
            // Made up to 16 by zeros; a code that reaches into them is not taken.
            table.find((bits << (16 - SKIP) << skipped.bits) & 0xffff)
        } {
            let (size, coefficients) = match Ac::of(symbol) {
                Ac::End(_) => (0, 0),
                Ac::Zeros => (0, 16),
                Ac::Value { zeros, size } => (size, zeros + 1),
            };
            let end = u32::from(skipped.bits) + length + size;
            if end > SKIP || u32::from(skipped.coefficients) + coefficients > 63 {
                break;
            }
            skipped.bits = end as u8;
            skipped.coefficients += coefficients as u8;
            if coefficients == 0 {
                skipped.end = true;
                break;
            }
        }
        skipped
    }
}

/// What a symbol says of AC coefficients.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ac {
    /// The rest of the block is zero, and in a progressive scan that of `2^n - 1` blocks more, and of as many as the next
    /// n bits say.
    End(u32),
    /// 16 zeros.
    Zeros,
    /// That many zeros and a number of that many bits, 1 to 15.
    Value { zeros: u32, size: u32 },
}

impl Ac {
    #[inline]
    pub(super) fn of(symbol: u8) -> Self {
        match (u32::from(symbol >> 4), u32::from(symbol & 15)) {
            (15, 0) => Self::Zeros,
            (n, 0) => Self::End(n),
            (zeros, size) => Self::Value { zeros, size },
        }
    }
}
