//! Whatever the bytes, decoding neither panics nor allocates past its limits.
#![allow(
    unsafe_code,
    reason = "an allocator that measures must implement an unsafe trait"
)]
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use pgm_io::{Encoding, Graymap, Limits, Raster, decode, encode, images, is_image};
use proptest::collection::vec;
use proptest::prelude::*;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, noting the largest request of each thread.
struct Measuring;

fn note(size: usize) {
    // Fails only while the thread ends.
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Measuring {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(new_size);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Measuring = Measuring;

const LIMITS: Limits = Limits::new()
    .with_max_width(64)
    .with_max_height(64)
    .with_max_pixels(1024);

/// Decodes every way there is, and gives the largest single allocation that it took.
fn largest_allocation(bytes: &[u8], limits: &Limits) -> usize {
    LARGEST.set(0);
    let _ = is_image(bytes);
    if let Ok(image) = decode(bytes, limits) {
        assert!(image.samples().len() <= limits.max_pixels);
        assert!(image.width() <= limits.max_width && image.height() <= limits.max_height);
    }
    for image in images(bytes, limits) {
        drop(image);
    }
    if let Ok(raster) = Raster::decode(bytes, limits) {
        assert!(raster.width * raster.height <= limits.max_pixels);
    }
    LARGEST.get()
}

/// A header as a hostile writer would make it, with some bytes behind it.
fn almost_pgm() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0..70_u64, 250..260_u64, 65_530..65_540_u64, any::<u64>()];
    let gap = prop_oneof!["[ \t\r\n]{0,3}", "#[a-z]{0,4}[\r\n]{0,2}"];
    (
        "P[0-9fF]?",
        vec((gap, number), 0..5),
        "[ \r\n]{0,2}",
        vec(any::<u8>(), 0..300),
    )
        .prop_map(|(magic, tokens, end, rest)| {
            let mut bytes = magic.into_bytes();
            for (gap, number) in tokens {
                bytes.extend_from_slice(format!("{gap} {number}").as_bytes());
            }
            bytes.extend_from_slice(end.as_bytes());
            bytes.extend(rest);
            bytes
        })
}

/// A valid file with some bytes changed, left out, doubled or cut off.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let valid = (
        1..20_usize,
        1..20_usize,
        any::<bool>(),
        any::<bool>(),
        any::<u8>(),
    )
        .prop_map(|(width, height, wide, plain, fill)| {
            let samples = width * height;
            let image = if wide {
                Graymap::new(width, height, 60_000, vec![u16::from(fill) * 200; samples])
            } else {
                Graymap::new(width, height, 255, vec![fill; samples])
            };
            encode(
                &image.unwrap(),
                if plain {
                    Encoding::Plain
                } else {
                    Encoding::Raw
                },
            )
        });
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    (valid, vec(change, 1..8)).prop_map(|(mut bytes, changes)| {
        for (index, value, kind) in changes {
            // Most changes go where they do the most harm.
            let at = if value % 3 == 0 {
                index.index(bytes.len())
            } else {
                index.index(12)
            };
            let at = at.min(bytes.len() - 1);
            match kind {
                0 => bytes[at] = value,
                1 => bytes.insert(at, value),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_are_survived(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(largest_allocation(&bytes, &LIMITS) <= 2 * LIMITS.max_pixels);
    }

    #[test]
    fn hostile_headers_are_survived(bytes in almost_pgm()) {
        prop_assert!(largest_allocation(&bytes, &LIMITS) <= 2 * LIMITS.max_pixels);
        // Within generous limits, a claim still gets no more room than the file can fill.
        prop_assert!(largest_allocation(&bytes, &Limits::default()) <= 2 * bytes.len());
    }

    #[test]
    fn damaged_files_are_survived(bytes in mutated()) {
        prop_assert!(largest_allocation(&bytes, &LIMITS) <= 2 * LIMITS.max_pixels);
        prop_assert!(largest_allocation(&bytes, &Limits::default()) <= 2 * bytes.len());
    }
}
