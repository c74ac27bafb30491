//! The random streams, pinned: every split, draw and figure of the project follows from them.

use std::collections::HashSet;

use pairgen::{Stream, stream, stream_at};

fn words(mut rng: Stream) -> [u32; 4] {
    std::array::from_fn(|_| rng.next_u32())
}

/// The words come from an implementation of ChaCha (D. J. Bernstein's version: 64-bit counter, 64-bit nonce)
/// with 8 rounds in Python, on the key `struct.pack("<QQQ", seed, fnv1a(purpose), epoch) + b"pairgen1"`
/// (`b"pairgen2"` and nonce `step` for the last two).
#[test]
fn streams_match_an_independent_chacha8() {
    assert_eq!(
        words(stream(0, "", 0)),
        [0x2945_ce2d, 0x129d_e4d5, 0x1adf_011e, 0x8321_2c73]
    );
    assert_eq!(
        words(stream(42, "init", 0)),
        [0xd604_12ef, 0x0202_185e, 0x50e9_4a41, 0xa163_ef97]
    );
    assert_eq!(
        words(stream(u64::MAX, "dropout", 12)),
        [0xeac9_0715, 0x278e_4cfe, 0x28d7_d878, 0x6960_5004]
    );
    assert_eq!(
        words(stream_at(42, "dropout", 3, 0)),
        [0xf6b4_ddc4, 0x8bca_7931, 0x2063_26db, 0x1980_e89a]
    );
    assert_eq!(
        words(stream_at(42, "dropout", 3, 700)),
        [0x7c5d_d159, 0x4e5a_5396, 0x443f_34a8, 0x94fe_7942]
    );
}

#[test]
fn every_argument_makes_another_stream() {
    let mut seen = HashSet::new();
    for seed in 0..4 {
        for purpose in ["a", "b", "ab", ""] {
            for epoch in 0..4 {
                assert!(seen.insert(words(stream(seed, purpose, epoch))));
                for step in 0..4 {
                    assert!(seen.insert(words(stream_at(seed, purpose, epoch, step))));
                }
            }
        }
    }
}

/// The same first words as above, `0xd60412ef, 0x0202185e, 0x50e94a41`, in each method's form.
#[test]
fn every_method_reads_the_stream_in_order() {
    let start = || stream(42, "init", 0);
    let mut rng = start();
    assert_eq!(rng.next_u64(), 0x0202_185e_d604_12ef);
    assert_eq!(rng.next_u32(), 0x50e9_4a41);

    // An upper half of 0x0202185e and 21 bits of the lower half, over 2^53.
    let expected = (0x0202_185e_d604_12ef_u64 >> 11) as f64 / (1_u64 << 53) as f64;
    assert_eq!(start().unit(), expected);

    let mut bytes = [0; 6];
    let mut rng = start();
    rng.fill_bytes(&mut bytes);
    assert_eq!(bytes, [0xef, 0x12, 0x04, 0xd6, 0x5e, 0x18]);
    assert_eq!(rng.next_u32(), 0x50e9_4a41, "a word begun is a word used");

    // The upper 32 bits of the product of a word and the bound.
    let mut rng = start();
    assert_eq!(rng.below(10), 8);
    assert_eq!(rng.below(1000), 7);

    let (mut rng, mut copy) = (start(), start());
    assert_eq!(rng.next_u32(), copy.next_u32());
    copy = rng.clone();
    assert_eq!(rng, copy);
    assert_eq!(rng.next_u32(), copy.next_u32());
}

#[test]
fn shuffles_are_pinned_and_keep_every_item() {
    let mut items: Vec<u8> = (0..10).collect();
    stream(42, "test", 0).shuffle(&mut items);
    assert_eq!(items, GOLDEN_SHUFFLE);
    items.sort_unstable();
    assert!(items.into_iter().eq(0..10));
}

const GOLDEN_SHUFFLE: [u8; 10] = [3, 4, 8, 7, 1, 2, 9, 6, 0, 5];

/// All 24 orders of four items come up equally often.
#[test]
fn shuffles_are_uniform() {
    let mut rng = stream(7, "test", 0);
    let mut counts = std::collections::HashMap::new();
    for _ in 0..24_000 {
        let mut items = [0, 1, 2, 3];
        rng.shuffle(&mut items);
        *counts.entry(items).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 24);
    let chi_square: f64 = counts
        .values()
        .map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0)
        .sum();
    // 23 degrees of freedom: above 60 once in 30,000 seeds.
    assert!(chi_square < 60.0, "chi-square {chi_square}");
}
