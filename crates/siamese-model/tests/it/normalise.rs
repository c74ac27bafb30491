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
//!
//! In colour:
//!
//! ```python
//! c, y, x = np.mgrid[:3, :6, :5]
//! b = ((y * 37 + x * x * 11 + c * (13 * x + 29)) % (90 + 40 * c) + 60 - 20 * c).astype(np.uint8); p = b / 255.
//! def show(a): print([a[0, 0, 0], a[0, 2, 3], a[1, 0, 4], a[1, 5, 1], a[2, 5, 4]])
//! show((p - p.mean()) / p.std())
//! d = p - np.array([g(a) for a in p]); show(d / (np.sqrt(g((d * d).mean(0))) + .04))
//! dark = (b.ravel() <= b[..., None]).sum(-1); m = (b <= b.min()).sum(); show((dark - m) / (b.size - m))
//! ```

use ndarray::{Array3, Array4};
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
    let stack = ImageStack::new(images.view()).unwrap();
    encoder
        .see(&siamese_model::image_tensor(&stack, &[0, 1], Device::Cpu).unwrap())
        .unwrap()
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
fn every_normalisation_of_colours_gives_numpys_numbers() {
    let spec: EncoderSpec = toml::from_str("input = [3, 6, 5]\nlayers = ['flatten']").unwrap();
    let images = Array4::from_shape_fn((2, 3, 6, 5), |(i, c, y, x)| {
        let value = (y * 37 + x * x * 11 + c * (13 * x + 29)) % (90 + 40 * c) + 60 - 20 * c;
        if i == 0 { value as u8 } else { 7 }
    });
    let stack = ImageStack::of_planes(images.view()).unwrap();
    let local = NormaliseSpec::LocalContrast {
        sigma: 1.5,
        floor: 0.04,
    };
    for (normalise, expected) in [
        (
            NormaliseSpec::Standardise { floor: 0.01 },
            [-1.205245, 0.930741, 1.548375, 1.059415, -1.900084],
        ),
        (local, [-0.618574, 0.733325, 0.846401, 0.851462, -1.200336]),
        (
            NormaliseSpec::Equalise {},
            [0.11236, 0.797753, 0.94382, 0.842697, 0.011236],
        ),
    ] {
        let data = DataSpec {
            normalise: Some(normalise),
            ..DataSpec::default()
        };
        let encoder = Encoder::new(&spec, &data, 0, Device::Cpu).unwrap();
        let seen = encoder
            .see(&siamese_model::image_tensor(&stack, &[0, 1], Device::Cpu).unwrap())
            .unwrap();
        let places = [[0, 0, 0], [0, 2, 3], [1, 0, 4], [1, 5, 1], [2, 5, 4]];
        for ([c, y, x], expected) in places.into_iter().zip(expected) {
            let found = seen.double_value(&[0, c, y, x]);
            assert!(
                (found - expected).abs() < 2e-5,
                "{normalise:?}: {found} for {expected}"
            );
        }
    }
}

#[test]
fn three_equal_channels_are_normalised_as_one() {
    let grey = Array4::from_shape_fn((1, 1, 6, 5), |(.., y, x)| pattern(y, x));
    let colour = grey.broadcast((1, 3, 6, 5)).unwrap();
    for normalise in [
        NormaliseSpec::Standardise { floor: 0.01 },
        NormaliseSpec::LocalContrast {
            sigma: 1.5,
            floor: 0.04,
        },
        NormaliseSpec::Equalise {},
    ] {
        let one = seen(Some(normalise), pattern);
        let text = "input = [3, 6, 5]\nlayers = ['flatten']";
        let data = DataSpec {
            normalise: Some(normalise),
            ..DataSpec::default()
        };
        let encoder = Encoder::new(&toml::from_str(text).unwrap(), &data, 0, Device::Cpu).unwrap();
        let stack = ImageStack::of_planes(colour).unwrap();
        let three = encoder
            .see(&siamese_model::image_tensor(&stack, &[0], Device::Cpu).unwrap())
            .unwrap();
        let difference = (three - one.narrow(0, 0, 1)).abs().max().double_value(&[]);
        assert!(difference < 1e-5, "{normalise:?}: {difference}");
    }
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
