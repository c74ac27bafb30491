//! What a network sees, against NumPy and SciPy:
//!
//! ```python
//! import numpy as np
//! from scipy.ndimage import gaussian_filter
//! y, x = np.mgrid[:6, :5]
//! b = ((y * 37 + x * x * 11) % 90 + 60).astype(np.uint8); p = b / 255.
//! def show(a): print([a[0, 0], a[0, 4], a[2, 3], a[5, 1], a[5, 4]])
//! show((p - p.mean()) / p.std())
//! g = lambda a: gaussian_filter(a, 1.5, mode='nearest', truncate=5 / 1.5)
//! d = p - g(p); show(d / (np.sqrt(g(d * d)) + .04))
//! dark = np.array([[(b <= v).sum() for v in r] for r in b]); m = (b <= b.min()).sum()
//! show((dark - m) / (b.size - m))
//! ```

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ndarray::Array3;
use siamese_model::{DataSpec, Device, Encoder, EncoderSpec, ImageStack, NormaliseSpec, Tensor};

fn seen(normalise: Option<NormaliseSpec>, image: impl Fn(usize, usize) -> u8) -> Tensor {
    let spec: EncoderSpec = toml::from_str("input = [1, 6, 5]\nlayers = ['flatten']").unwrap();
    let data = DataSpec {
        normalise,
        ..DataSpec::default()
    };
    let encoder = Encoder::new(&spec, &data, 0, Device::Cpu).unwrap();
    // Two images, so that neither can lean on the other.
    let images = Array3::from_shape_fn((2, 6, 5), |(i, y, x)| {
        if i == 0 {
            image(y, x)
        } else {
            255 - image(y, x) / 2
        }
    });
    let stack = ImageStack::new(images.view(), Device::Cpu).unwrap();
    encoder.see(&stack.bytes(&[0, 1]).unwrap()).unwrap()
}

fn pattern(y: usize, x: usize) -> u8 {
    ((y * 37 + x * x * 11) % 90 + 60) as u8
}

#[track_caller]
fn check(normalise: NormaliseSpec, expected: [f64; 5]) {
    let seen = seen(Some(normalise), pattern);
    for ((y, x), expected) in [(0, 0), (0, 4), (2, 3), (5, 1), (5, 4)]
        .into_iter()
        .zip(expected)
    {
        let found = seen.double_value(&[0, 0, y, x]);
        assert!((found - expected).abs() < 2e-5, "{found} for {expected}");
    }
}

#[test]
fn every_normalisation_gives_numpys_numbers() {
    check(
        NormaliseSpec::Standardise { floor: 0.01 },
        [-1.532089, 1.642842, 1.532089, -0.941404, -1.495171],
    );
    check(
        NormaliseSpec::LocalContrast {
            sigma: 1.5,
            floor: 0.04,
        },
        [-0.740391, 0.784749, 1.008088, -0.421548, -0.694589],
    );
    check(
        NormaliseSpec::Equalise {},
        [0.0, 1.0, 0.931034, 0.241379, 0.034483],
    );
}

#[test]
fn light_and_contrast_are_taken_out() {
    for normalise in [
        NormaliseSpec::Standardise { floor: 0.01 },
        NormaliseSpec::Equalise {},
    ] {
        let plain = seen(Some(normalise), pattern);
        let dim = seen(Some(normalise), |y, x| {
            (pattern(y, x) - 60) / 2 * 2 / 2 + 10
        });
        let even = seen(Some(normalise), |y, x| (pattern(y, x) - 60) / 2 * 2 + 60);
        let difference = (dim.get(0) - even.get(0)).abs().max().double_value(&[]);
        assert!(difference < 1e-4, "{normalise:?}: {difference}");
        assert!(plain.isfinite().all().int64_value(&[]) == 1);
    }
}

#[test]
fn an_even_image_is_finite_whatever_is_done_to_it() {
    for normalise in [
        NormaliseSpec::Standardise { floor: 0.01 },
        NormaliseSpec::LocalContrast {
            sigma: 4.0,
            floor: 0.04,
        },
        NormaliseSpec::Equalise {},
    ] {
        let seen = seen(Some(normalise), |_, _| 77);
        assert!(seen.isfinite().all().int64_value(&[]) == 1, "{normalise:?}");
        assert!(seen.abs().max().double_value(&[]) < 1e-3, "{normalise:?}");
    }
}
