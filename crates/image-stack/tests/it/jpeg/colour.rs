//! What the components of a file mean.

use image::{ImageBuffer, Rgb, RgbImage};

use super::{CMYK, FILES, colours, decoded, places};

/// The inks of `cmyk.jpg` in pixel (x, y), 255 for all of an ink.
fn inks(x: u32, y: u32) -> [f64; 4] {
    let (x, y) = (f64::from(x), f64::from(y));
    [
        4.0 * x + 40.0,
        8.0 * y,
        255.0 - 3.0 * (x + y),
        50.0 + 3.0 * x + y,
    ]
}

fn picture(colour: impl Fn(u32, u32) -> [f64; 3]) -> RgbImage {
    ImageBuffer::from_fn(37, 29, |x, y| {
        Rgb(colour(x, y).map(|value| value.round() as u8))
    })
}

/// The file's pixels are those, up to what JPEG loses.
fn comes_close(file: &[u8], expected: &RgbImage) {
    let found = colours(&decoded(file).unwrap());
    for (channel, found) in found.chunks_exact(37 * 29).enumerate() {
        for (found, expected) in found.iter().zip(expected.pixels()) {
            let difference = found.abs_diff(expected.0[channel]);
            assert!(difference <= 9, "channel {channel}: {found}, {expected:?}");
        }
    }
}

#[test]
fn inks_of_adobe_are_the_other_way_round() {
    // Light that the ink leaves of what black leaves.
    let expected = picture(|x, y| {
        let [c, m, y, k] = inks(x, y);
        [c, m, y].map(|ink| (255.0 - ink) * (255.0 - k) / 255.0)
    });
    comes_close(CMYK, &expected);
}

#[test]
fn inks_without_an_adobe_segment_are_as_they_say() {
    // The stored values are the complements, which are the inks now.
    let expected = picture(|x, y| {
        let [c, m, y, k] = inks(x, y);
        [c, m, y].map(|ink| ink * k / 255.0)
    });
    let place = places(CMYK, 0xee)[0];
    let length = usize::from(u16::from_be_bytes([CMYK[place + 2], CMYK[place + 3]]));
    comes_close(
        &[&CMYK[..place], &CMYK[place + 2 + length..]].concat(),
        &expected,
    );
}

#[test]
fn ycck_is_ycbcr_of_the_other_way_round() {
    let expected = picture(|x, y| {
        let [luma, cb, cr, black] = inks(x, y).map(|ink| 255.0 - ink);
        let (cb, cr) = (cb - 128.0, cr - 128.0);
        let light = [
            luma + 1.402 * cr,
            luma - 0.344_136 * cb - 0.714_136 * cr,
            luma + 1.772 * cb,
        ];
        light.map(|value| (255.0 - value.clamp(0.0, 255.0)) * black / 255.0)
    });
    let mut ycck = CMYK.to_vec();
    ycck[places(CMYK, 0xee)[0] + 15] = 2;
    comes_close(&ycck, &expected);
}

#[test]
fn colours_without_a_transform_are_red_green_and_blue() {
    let rgb = FILES.iter().find(|(name, _)| *name == "rgb").unwrap().1;
    let found = colours(&decoded(rgb).unwrap());
    let corners =
        [0, 36, 28 * 37, 28 * 37 + 36].map(|at| [0, 1, 2].map(|c| found[c * 37 * 29 + at]));
    for (found, expected) in
        corners
            .into_iter()
            .zip([[40, 0, 255], [184, 0, 147], [40, 224, 171], [184, 224, 63]])
    {
        let worst = found
            .iter()
            .zip(expected)
            .map(|(a, b): (&u8, u8)| a.abs_diff(b))
            .max();
        assert!(worst <= Some(24), "{found:?}, {expected:?}");
    }
}
