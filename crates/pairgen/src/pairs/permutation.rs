//! A random order of 0..n from which any place can be read, for drawing without repetition.

use crate::random::Stream;

/// Up to here an exact shuffle of all numbers is kept (4 MiB at most, and only while drawing).
const LARGEST_TABLE: u64 = 1 << 20;
const ROUNDS: usize = 6;

/// The first places of a random order of 0..n: `get(i)` differs for every i.
///
/// Small sets are shuffled (Fisher-Yates, every order equally likely). Large ones use a keyed
/// bijection: a Feistel network over the next power of two, walked until it lands below n (Black
/// and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). It needs no memory, and any
/// thread can compute any place.
pub(crate) enum Permutation {
    Table(Vec<u32>),
    Keyed(Feistel),
}

impl Permutation {
    /// An order of 0..`n` of which the first `used` places are wanted; `used <= n`.
    pub(crate) fn new(n: u64, used: u64, rng: &mut Stream) -> Self {
        if n > LARGEST_TABLE {
            return Self::Keyed(Feistel::new(n, rng));
        }
        let mut table: Vec<u32> = (0..n as u32).collect();
        for i in 0..used.min(n) as u32 {
            table.swap(i as usize, (i + rng.below(n as u32 - i)) as usize);
        }
        table.truncate(used as usize);
        Self::Table(table)
    }

    /// The number at place `i`, which must be below `used`.
    #[inline]
    pub(crate) fn get(&self, i: u64) -> u64 {
        match self {
            Self::Table(table) => u64::from(table[i as usize]),
            Self::Keyed(feistel) => feistel.get(i),
        }
    }
}

/// A bijection of 0..n chosen by its keys.
pub(crate) struct Feistel {
    n: u64,
    low_bits: u32,
    low_mask: u64,
    high_mask: u64,
    keys: [u64; ROUNDS],
}

impl Feistel {
    /// A bijection of 0..`n`; `n` must not be 0.
    pub(crate) fn new(n: u64, rng: &mut Stream) -> Self {
        let bits = u64::BITS - (n - 1).leading_zeros();
        let low_bits = bits.div_ceil(2);
        Self {
            n,
            low_bits,
            low_mask: (1 << low_bits) - 1,
            high_mask: (1 << (bits - low_bits)) - 1,
            keys: std::array::from_fn(|_| rng.next_u64()),
        }
    }

    #[inline]
    pub(crate) fn get(&self, mut i: u64) -> u64 {
        loop {
            let (mut high, mut low) = (i >> self.low_bits, i & self.low_mask);
            for keys in self.keys.chunks_exact(2) {
                high ^= mix(low ^ keys[0]) & self.high_mask;
                low ^= mix(high ^ keys[1]) & self.low_mask;
            }
            i = high << self.low_bits | low;
            if i < self.n {
                return i;
            }
        }
    }
}

/// The finaliser of MurmurHash3: every input bit reaches every output bit.
#[inline]
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    x = (x ^ x >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ x >> 33
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_visit_every_number_once(n in 2u64..3000, seed: u64) {
            let mut rng = stream(seed, "test", 0);
            for order in [Permutation::new(n, n, &mut rng), Permutation::Keyed(Feistel::new(n, &mut rng))] {
                let mut seen: Vec<u64> = (0..n).map(|i| order.get(i)).collect();
                seen.sort_unstable();
                prop_assert!(seen.into_iter().eq(0..n));
            }
        }
    }

    /// Of 64 numbers, 16 are drawn, over many keys: every number, and every neighbouring pair of
    /// numbers, must come up about equally often.
    #[test]
    fn the_keyed_order_draws_every_number_equally_often() {
        const N: u64 = 64;
        const TRIALS: u64 = 20_000;
        let mut drawn = [0f64; N as usize];
        let mut together = [0f64; N as usize];
        for trial in 0..TRIALS {
            let order = Feistel::new(N, &mut stream(trial, "test", 0));
            let mut member = [false; N as usize];
            (0..16).for_each(|i| member[order.get(i) as usize] = true);
            for i in 0..N as usize {
                drawn[i] += f64::from(u8::from(member[i]));
                together[i] += f64::from(u8::from(member[i] && member[(i + 1) % N as usize]));
            }
        }
        let chi_square = |counts: &[f64], p: f64| {
            let (mean, variance) = (TRIALS as f64 * p, TRIALS as f64 * p * (1.0 - p));
            counts
                .iter()
                .map(|c| (c - mean).powi(2) / variance)
                .sum::<f64>()
        };
        // About 63 and 64 expected, standard deviation 11.
        let single = chi_square(&drawn, 16.0 / 64.0);
        let pair = chi_square(&together, 16.0 / 64.0 * 15.0 / 63.0);
        assert!(single < 115.0, "chi-square of single numbers {single}");
        assert!(pair < 115.0, "chi-square of neighbours {pair}");
    }
}
