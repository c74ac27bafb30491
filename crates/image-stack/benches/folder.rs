//! A folder of 400 files, as many as the AT&T faces, to one array.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "criterion's macros make undocumented items; a benchmark that cannot run panics"
)]

use std::fs;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image_stack::{Reading, Resize, decode_stack};
use pgm_io::{Encoding, Graymap, encode};
use tempfile::TempDir;

const FILES: usize = 400;
const SIZE: (usize, usize) = (92, 112);

fn folder(encoding: Encoding) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let (width, height) = SIZE;
    let paths = (0..FILES)
        .map(|file| {
            let samples: Vec<u8> = (0..width * height)
                .map(|i| ((i * 31 + file * 17) % 256) as u8)
                .collect();
            let image = Graymap::new(width, height, 255, samples).unwrap();
            let path = folder.path().join(format!("{file}.pgm"));
            fs::write(&path, encode(&image, encoding)).unwrap();
            path
        })
        .collect();
    (folder, paths)
}

fn stacking(c: &mut Criterion) {
    let reading = Reading::default();
    let mut group = c.benchmark_group("folder_of_400");
    group.throughput(Throughput::Elements(FILES as u64));
    let area = Resize::Area {
        height: 56,
        width: 46,
    };
    for (name, encoding, resize) in [
        ("p5", Encoding::Raw, Resize::None),
        ("p5_stride_2", Encoding::Raw, Resize::Stride(2)),
        ("p5_area_56x46", Encoding::Raw, area),
        ("p2", Encoding::Plain, Resize::None),
    ] {
        let (_folder, paths) = folder(encoding);
        group.bench_function(name, |b| {
            b.iter(|| decode_stack(&paths, resize, &reading).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, stacking);
criterion_main!(benches);
