//! Random numbers as named streams, so that no draw depends on thread count or on the order of calls.

use std::fmt;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The last key word of [`stream`]: bumping it would change every stream at once.
const WHOLE: u64 = u64::from_le_bytes(*b"pairgen1");
/// The last key word of [`stream_at`]: keeps its step 0 apart from [`stream`].
const STEPPED: u64 = u64::from_le_bytes(*b"pairgen2");

/// Random numbers that follow from what was asked of [`stream`] or [`stream_at`], and from nothing else.
///
/// What each method draws, and how many words of the stream it takes, is fixed for good: splits,
/// pairs and trained weights follow from it. That is why these methods are written here rather than
/// taken from `rand`, whose ranges and shuffles may change between its versions.
///
/// A clone goes on with the same numbers as the original.
///
/// ```
/// let mut dice = pairgen::stream(42, "dice", 0);
/// let throw = 1 + dice.below(6);
/// assert!((1..=6).contains(&throw));
///
/// let mut order = ["a", "b", "c", "d"];
/// dice.shuffle(&mut order);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The next 32 random bits.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// The next 64 random bits: two words of the stream, the first in the lower half.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Fills `bytes` with random bytes, words of the stream in little-endian order. What is left of
    /// the last word is thrown away.
    #[inline]
    pub fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A uniform number in 0..1, 1 excluded: the upper 53 bits of [`next_u64`](Self::next_u64).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (0.5f64).powi(53)
    }

    /// A uniform integer in `0..bound`, without bias; 0 where `bound` is 0.
    ///
    /// Method: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let rejected = bound.wrapping_neg() % bound;
            while (product as u32) < rejected {
                product = u64::from(self.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// Two different uniform integers in `0..bound`, in random order. `bound` must be at least 2.
    #[inline]
    pub(crate) fn two_below(&mut self, bound: u32) -> (u32, u32) {
        debug_assert!(
            bound >= 2,
            "two different numbers below {bound} do not exist"
        );
        let first = self.below(bound);
        let second = self.below(bound - 1);
        (first, second + u32::from(second >= first))
    }

    /// Shuffles `items` in place (Fisher-Yates): every order is equally likely.
    ///
    /// Slices longer than `u32::MAX` are shuffled only within their first `u32::MAX` items.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let len = u32::try_from(items.len()).unwrap_or(u32::MAX);
        for last in (1..len).rev() {
            items.swap(last as usize, self.below(last + 1) as usize);
        }
    }
}

impl fmt::Debug for Stream {
    /// Without its key and its place, which would fill a page.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// The random stream for one `purpose` in one `epoch` of the run with this `seed`.
///
/// The same three arguments give the same numbers on every machine, in every version and on any
/// number of threads; different arguments give streams that have nothing to do with each other. `purpose` is a
/// short constant naming what the numbers decide (`"split"`, `"init"`, `"dropout"`); draws that
/// are not repeated per epoch pass epoch 0.
///
/// The 32-byte ChaCha8 key is four little-endian 64-bit words: `seed`, the 64-bit FNV-1a hash of
/// `purpose`, `epoch`, and the constant `"pairgen1"`. The nonce is zero.
///
/// ```
/// use pairgen::stream;
/// assert_eq!(stream(7, "init", 0).next_u64(), stream(7, "init", 0).next_u64());
/// assert_ne!(stream(7, "init", 0).next_u64(), stream(7, "dropout", 0).next_u64());
/// ```
#[must_use]
pub fn stream(seed: u64, purpose: &str, epoch: u64) -> Stream {
    Stream(keyed(seed, purpose, epoch, WHOLE))
}

/// The random stream for one `step` of one `epoch`: what makes step 700 drawable without steps 0 to 699.
///
/// As [`stream`], with the key's last word `"pairgen2"` and the ChaCha nonce set to `step`, so that
/// no step shares numbers with another step or with [`stream`].
#[must_use]
pub fn stream_at(seed: u64, purpose: &str, epoch: u64, step: u64) -> Stream {
    let mut rng = keyed(seed, purpose, epoch, STEPPED);
    rng.set_stream(step);
    Stream(rng)
}

fn keyed(seed: u64, purpose: &str, epoch: u64, variant: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    let words = [seed, fnv1a(purpose.as_bytes()), epoch, variant];
    for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// 64-bit FNV-1a (Fowler, Noll, Vo; RFC 9923): short, fixed for good, and good enough to tell names apart.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_matches_the_published_vectors() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn two_below_never_repeats_and_reaches_every_ordered_pair() {
        let mut rng = stream(1, "test", 0);
        let mut seen = [[0u32; 4]; 4];
        for _ in 0..12_000 {
            let (a, b) = rng.two_below(4);
            seen[a as usize][b as usize] += 1;
        }
        for (a, row) in seen.iter().enumerate() {
            for (b, &count) in row.iter().enumerate() {
                // 1,000 expected, standard deviation 30.
                assert_eq!(a == b, count == 0, "({a}, {b}) drawn {count} times");
                assert!(
                    a == b || (850..1150).contains(&count),
                    "({a}, {b}) drawn {count} times"
                );
            }
        }
    }

    #[test]
    fn below_is_uniform_where_the_plain_product_would_not_be() {
        let bound = 3 << 30;
        let mut rng = stream(2, "test", 0);
        let low = (0..30_000).filter(|_| rng.below(bound) < 1 << 30).count();
        assert!(
            (9_600..10_400).contains(&low),
            "{low} of 30,000 in the lowest third"
        );
        assert_eq!(rng.below(1), 0);
        assert_eq!(rng.below(0), 0);
    }
}
