//! Pictures that the tests look for, and what may happen to them.

use image_stack::{Channels, Reading, Resize, read};
use near_duplicates::{Fingerprint, Picture};
use pgm_io::{Encoding, Graymap, encode};

/// A grey image.
pub(crate) struct Photo {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Photo {
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(Picture::grey(self.width, self.height, &self.pixels[..]).unwrap())
    }

    /// As a file.
    pub(crate) fn encoded(&self, encoding: Encoding) -> Vec<u8> {
        let image = Graymap::new(self.width, self.height, 255, self.pixels.clone());
        encode(&image.unwrap(), encoding)
    }
}

/// Numbers in 0..1 that depend on the seed alone.
pub(crate) fn uniform(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    }
}

pub(crate) fn image(width: usize, height: usize, pixel: impl FnMut(usize) -> f64) -> Photo {
    let pixels = (0..width * height)
        .map(pixel)
        .map(|value| value.round().clamp(0.0, 255.0) as u8);
    Photo {
        width,
        height,
        pixels: pixels.collect(),
    }
}

/// Soft spots of all sizes on a grey ground, 92 x 112, as different for each seed as photos are.
pub(crate) fn photo(seed: u32) -> Photo {
    let mut next = uniform(seed);
    let spots: Vec<[f64; 4]> = (0..40)
        .map(|_| {
            let radius = 3.0 + 20.0 * next() * next();
            [
                92.0 * next(),
                112.0 * next(),
                radius,
                160.0 * (next() - 0.5),
            ]
        })
        .collect();
    image(92, 112, |place| {
        let (x, y) = ((place % 92) as f64, (place / 92) as f64);
        let spot = |[cx, cy, radius, height]: &[f64; 4]| {
            height * (-((x - cx).powi(2) + (y - cy).powi(2)) / radius.powi(2)).exp()
        };
        120.0 + spots.iter().map(spot).sum::<f64>()
    })
}

/// Without `[top, bottom, left, right]` rows and columns.
pub(crate) fn trimmed(of: &Photo, [top, bottom, left, right]: [usize; 4]) -> Photo {
    let (width, height) = (of.width - left - right, of.height - top - bottom);
    image(width, height, |place| {
        of.pixels[(top + place / width) * of.width + left + place % width].into()
    })
}

pub(crate) fn mapped(of: &Photo, map: impl Fn(f64) -> f64) -> Photo {
    image(of.width, of.height, |place| map(of.pixels[place].into()))
}

/// Each pixel up to `most` brighter or darker.
pub(crate) fn noisy(of: &Photo, most: f64) -> Photo {
    let mut next = uniform(99);
    image(of.width, of.height, |place| {
        f64::from(of.pixels[place]) + most * (2.0 * next() - 1.0)
    })
}

pub(crate) fn resized(of: &Photo, width: usize, height: usize) -> Photo {
    let bytes = of.encoded(Encoding::Raw);
    let image = read(&bytes, &Reading::default()).unwrap();
    let planes = image.planes(Channels::Grey, Resize::Area { height, width });
    Photo {
        width,
        height,
        pixels: planes.unwrap().into_raw_vec_and_offset().0,
    }
}
