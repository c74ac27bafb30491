//! One image from memory, beside the PNM decoder of the `image` crate.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros make undocumented items; a benchmark that cannot run panics"
)]

use std::hint::black_box;
use std::io::Cursor;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use image::codecs::pnm::PnmDecoder;
use image::{DynamicImage, ImageDecoder};
use pgm_io::{Encoding, Graymap, Limits, decode, encode};

/// Columns and rows of an AT&T face.
const SIZE: (usize, usize) = (92, 112);

/// A picture with gradients and noise, so that P2 numbers have one, two and three digits.
fn picture(maxval: u16) -> Graymap {
    let (width, height) = SIZE;
    let mut state = 1_u32;
    let samples = (0..width * height).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let shade = (i % width + i / width) as u32 * u32::from(maxval) / (width + height) as u32;
        (shade / 2 + (state >> 16) * u32::from(maxval) / 131_072) as u16
    });
    if maxval <= 255 {
        Graymap::new(
            width,
            height,
            maxval,
            samples.map(|s| s as u8).collect::<Vec<_>>(),
        )
        .unwrap()
    } else {
        Graymap::new(width, height, maxval, samples.collect::<Vec<_>>()).unwrap()
    }
}

/// What the `image` crate makes of the same bytes, read to the end.
fn image_crate(bytes: &[u8]) -> Vec<u8> {
    let decoder = PnmDecoder::new(Cursor::new(bytes)).unwrap();
    let mut samples = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut samples).unwrap();
    samples
}

fn decoding(c: &mut Criterion) {
    let limits = Limits::default();
    let cases = [
        ("p5_8_bit", picture(255), Encoding::Raw),
        ("p5_maxval_200", picture(200), Encoding::Raw),
        ("p5_16_bit", picture(65_535), Encoding::Raw),
        ("p2_8_bit", picture(255), Encoding::Plain),
        ("p2_16_bit", picture(65_535), Encoding::Plain),
    ];
    for (name, image, encoding) in cases {
        let bytes = encode(&image, encoding);
        assert_eq!(decode(&bytes, &limits).unwrap(), image);
        if image.maxval() == 255 {
            assert_eq!(*image.to_u8(), image_crate(&bytes));
            let dynamic = image::load_from_memory(&bytes).unwrap();
            assert!(matches!(dynamic, DynamicImage::ImageLuma8(_)));
        }
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::from_parameter("pgm_io"), |b| {
            b.iter(|| decode(black_box(&bytes), &limits).unwrap());
        });
        group.bench_function(BenchmarkId::from_parameter("image_crate"), |b| {
            b.iter(|| image_crate(black_box(&bytes)));
        });
        group.finish();
    }
}

criterion_group!(benches, decoding);
criterion_main!(benches);
