//! Something like faces, drawn from ellipses.

use image::{GrayImage, ImageFormat, Luma};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub(crate) const WIDTH: u32 = 46;
pub(crate) const HEIGHT: u32 = 56;

/// A face of this person as a PNG file, a little different each time.
pub(crate) fn face(person: u64, random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut own = ChaCha8Rng::seed_from_u64(person);
    let mut trait_of = |low: f64, high: f64| low + (high - low) * own.random::<f64>();
    let skin = trait_of(120.0, 210.0);
    let hair = trait_of(20.0, 90.0);
    let wide = trait_of(13.0, 17.0);
    let high = trait_of(18.0, 23.0);
    let eyes = trait_of(4.5, 7.5);
    let fringe = trait_of(9.0, 15.0);
    let mouth = trait_of(3.0, 6.5);
    let mut jitter = |most: f64| most * (2.0 * random.random::<f64>() - 1.0);
    let (middle_x, middle_y, light, turn) = (
        23.0 + jitter(2.0),
        30.0 + jitter(2.0),
        jitter(0.8),
        jitter(3.0),
    );
    let inside = |x: f64, y: f64, rx: f64, ry: f64| (x / rx).powi(2) + (y / ry).powi(2) < 1.0;
    let picture = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (x, y) = (f64::from(x) - middle_x, f64::from(y) - middle_y);
        let mut grey = 60.0 + 0.8 * (y + 30.0);
        if inside(x, y - 32.0, 24.0, 14.0) {
            grey = 45.0;
        }
        if inside(x, y + 2.0, wide + 2.5, high + 3.0) {
            grey = hair;
        }
        if inside(x, y, wide, high) && y > -fringe {
            grey = skin + light * 3.0 * x;
        }
        for side in [-1.0, 1.0] {
            if inside(x - turn - side * eyes, y + 4.0, 2.6, 1.6) {
                grey = 30.0;
            }
        }
        if inside(x - turn, y - 2.0, 1.5, 4.0) {
            grey -= 30.0;
        }
        if inside(x - turn, y - 10.0, mouth, 1.4) {
            grey = 70.0;
        }
        Luma([grey.clamp(0.0, 255.0) as u8])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .unwrap_or_else(|e| panic!("memory takes any picture: {e}"));
    png.into_inner()
}
