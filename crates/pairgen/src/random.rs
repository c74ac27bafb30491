//! Random numbers as named streams, so that no draw depends on thread count or on the order of calls.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The last key word of [`stream`]: bumping it would change every stream at once.
const WHOLE: u64 = u64::from_le_bytes(*b"pairgen1");
/// The last key word of [`stream_at`]: keeps its step 0 apart from [`stream`].
const STEPPED: u64 = u64::from_le_bytes(*b"pairgen2");

/// The random stream for one `purpose` in one `epoch` of the run with this `seed`.
///
/// This and [`stream_at`] are the only sources of random numbers in the project: the same three
/// arguments give the same numbers on every machine, in every version, on any number of threads,
/// and different arguments give streams that have nothing to do with each other. `purpose` is a
/// short constant naming what the numbers decide (`"split"`, `"init"`, `"dropout"`); draws that
/// are not repeated per epoch pass epoch 0.
///
/// The 32-byte ChaCha8 key is four little-endian 64-bit words: `seed`, the 64-bit FNV-1a hash of
/// `purpose`, `epoch`, and the constant `"pairgen1"`. The nonce is zero.
///
/// ```
/// use pairgen::{rand::Rng, stream};
/// assert_eq!(stream(7, "init", 0).next_u64(), stream(7, "init", 0).next_u64());
/// assert_ne!(stream(7, "init", 0).next_u64(), stream(7, "dropout", 0).next_u64());
/// ```
#[must_use]
pub fn stream(seed: u64, purpose: &str, epoch: u64) -> ChaCha8Rng {
    keyed(seed, purpose, epoch, WHOLE)
}

/// The random stream for one `step` of one `epoch`: what makes step 700 drawable without steps 0 to 699.
///
/// As [`stream`], with the key's last word `"pairgen2"` and the ChaCha nonce set to `step`, so that
/// no step shares numbers with another step or with [`stream`].
#[must_use]
pub fn stream_at(seed: u64, purpose: &str, epoch: u64, step: u64) -> ChaCha8Rng {
    let mut rng = keyed(seed, purpose, epoch, STEPPED);
    rng.set_stream(step);
    rng
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

/// A uniform integer in `0..bound`, without bias; 0 where `bound` is 0.
///
/// Written here because `rand` reserves the right to change how many words its own range draws
/// consume, which would change every split and every figure. Method: D. Lemire, "Fast random
/// integer generation in an interval", ACM TOMACS 29 (2019).
#[inline]
pub fn below<R: Rng + ?Sized>(rng: &mut R, bound: u32) -> u32 {
    let mut product = u64::from(rng.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        let rejected = bound.wrapping_neg() % bound;
        while (product as u32) < rejected {
            product = u64::from(rng.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

/// Two different uniform integers in `0..bound`, in random order. `bound` must be at least 2.
#[inline]
pub(crate) fn two_below<R: Rng + ?Sized>(rng: &mut R, bound: u32) -> (u32, u32) {
    debug_assert!(
        bound >= 2,
        "two different numbers below {bound} do not exist"
    );
    let first = below(rng, bound);
    let second = below(rng, bound - 1);
    (first, second + u32::from(second >= first))
}

/// Shuffles `items` in place: every order equally likely (Fisher-Yates), stable across versions.
///
/// Slices longer than `u32::MAX` are shuffled only within their first `u32::MAX` items.
pub fn shuffle<T, R: Rng + ?Sized>(items: &mut [T], rng: &mut R) {
    let len = u32::try_from(items.len()).unwrap_or(u32::MAX);
    for last in (1..len).rev() {
        items.swap(last as usize, below(rng, last + 1) as usize);
    }
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
            let (a, b) = two_below(&mut rng, 4);
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
        let low = (0..30_000)
            .filter(|_| below(&mut rng, bound) < 1 << 30)
            .count();
        assert!(
            (9_600..10_400).contains(&low),
            "{low} of 30,000 in the lowest third"
        );
        assert_eq!(below(&mut rng, 1), 0);
        assert_eq!(below(&mut rng, 0), 0);
    }
}
