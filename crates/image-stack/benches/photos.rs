//! Photos of 12 megapixels to 112 x 112, decoded in full and at a part of their size.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros make undocumented items; a benchmark that cannot run panics"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, Rgb};
use image_stack::{Channels, Decoding, Reading, Resize, read_planes};

const SIZE: (u32, u32) = (4000, 3000);

/// Soft light, hard edges and some grain, as JPEG.
fn photo() -> Vec<u8> {
    let mut grain = 1_u32;
    let picture = ImageBuffer::from_fn(SIZE.0, SIZE.1, |x, y| {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let edge = if (x / 250 + y / 400) % 3 == 0 { 70 } else { 0 };
        let light = [x / 20, y / 20, (x + y) / 40];
        Rgb(light.map(|light| (light + edge + (grain >> 29)) as u8))
    });
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

fn photos(c: &mut Criterion) {
    let photo = photo();
    let mut group = c.benchmark_group("photo_of_12_megapixels");
    group.throughput(Throughput::Bytes(photo.len() as u64));
    group.sample_size(20);
    let (height, width) = (112, 112);
    for (name, decoding) in [("exact", Decoding::Exact), ("fast", Decoding::Fast)] {
        let reading = Reading::default().with_decoding(decoding);
        group.bench_function(name, |b| {
            let size = Resize::Area { height, width };
            b.iter(|| read_planes(&photo, Channels::Grey, size, &reading).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, photos);
criterion_main!(benches);
