//! One fold of a protocol on a set like the AT&T faces: 350 training images, 50 judged ones.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench is a program, and a panic is how it fails"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array3;
use recognition_baselines::{Baselines, Method};

fn images() -> Array3<u8> {
    Array3::from_shape_fn((400, 112, 92), |(image, y, x)| {
        let person = image / 10;
        let noise = (image * 7919 + y * 131 + x * 17).wrapping_mul(2_654_435_761) >> 8 & 63;
        ((y * (person + 1) + x * 7) / 3 % 160 + noise) as u8
    })
}

fn one_fold(criterion: &mut Criterion) {
    let images = images();
    let subjects: Vec<u32> = (0..400).map(|image| image / 10).collect();
    let training: Vec<usize> = (0..350).collect();
    let judged: Vec<usize> = (350..400).collect();
    let pairs: Vec<[usize; 2]> = (350..400)
        .flat_map(|i| (350..i).map(move |j| [i, j]))
        .collect();

    let mut group = criterion.benchmark_group("400 images of 112x92");
    group.sample_size(10);
    group.bench_function("count local binary patterns", |bencher| {
        bencher.iter(|| Baselines::new(images.view(), &subjects).unwrap());
    });
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    group.bench_function("learn from 350, every method", |bencher| {
        bencher.iter(|| {
            let mut fold = baselines.fold(&training, &judged).unwrap();
            for method in Method::ALL {
                black_box(fold.templates(method).unwrap());
            }
        });
    });
    let mut fold = baselines.fold(&training, &judged).unwrap();
    for method in Method::ALL {
        let templates = fold.templates(method).unwrap();
        group.bench_function(format!("compare 1225 pairs, {method}"), |bencher| {
            bencher.iter(|| templates.distances(black_box(&pairs)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, one_fold);
criterion_main!(benches);
