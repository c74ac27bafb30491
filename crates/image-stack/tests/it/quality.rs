//! Figures of quality, and parts of images.

use image_stack::{
    Channels, Image, PictureQuality, RasterSamples, ReadError, Reading, Region, Resize, read,
};

/// A grey image of these pixels.
fn image(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Image<'static> {
    let mut bytes = format!("P5 {width} {height} 255 ").into_bytes();
    bytes.extend(
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (y, x)))
            .map(|(y, x)| pixel(y, x)),
    );
    read(&bytes, &Reading::default()).unwrap().into_owned()
}

fn quality(image: &Image<'_>) -> PictureQuality {
    PictureQuality::of(image).unwrap()
}

#[test]
fn figures_are_what_numpy_computes() {
    // y, x = np.mgrid[:5, :6]; p = (x * x * 7 + y * 31 + x * y * 5) % 251
    // l = 4 * p[1:-1, 1:-1] - p[1:-1, :-2] - p[1:-1, 2:] - p[:-2, 1:-1] - p[2:, 1:-1]
    // p.mean() / 255, p.std() / 255, l.var(), ((p < 2) | (p > 253)).mean()
    let found = quality(&image(6, 5, |y, x| {
        ((x * x * 7 + y * 31 + x * y * 5) % 251) as u8
    }));
    assert_eq!((found.width, found.height, found.flat), (6, 5, false));
    let expected = [
        (found.brightness, 0.428_758_169_934_640_5),
        (found.contrast, 0.265_931_962_390_036_9),
        (found.sharpness, 46_813.243_055_555_55),
        (found.clipped, 1.0 / 30.0),
    ];
    for (found, expected) in expected {
        assert!(
            (found - expected).abs() < 1e-9 * expected,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn one_colour_is_flat_and_without_contrast() {
    for level in [0, 90, 255] {
        let found = quality(&image(9, 7, |_, _| level));
        assert!(found.flat);
        assert_eq!((found.contrast, found.sharpness), (0.0, 0.0));
        assert_eq!(found.clipped, f64::from(u8::from(level != 90)));
    }
    assert!(quality(&image(1, 1, |_, _| 7)).flat);
    assert!(!quality(&image(2, 1, |_, x| x as u8)).flat);
}

#[test]
fn blur_lowers_the_sharpness_and_size_does_not_raise_it() {
    let rings = |y: usize, x: usize, scale: f64| {
        let (y, x) = (y as f64 / scale - 0.5, x as f64 / scale - 0.5);
        127.5 + 120.0 * (60.0 * (x * x + y * y)).cos()
    };
    let sharp = quality(&image(100, 100, |y, x| rings(y, x, 100.0) as u8));
    let blurred = |y: usize, x: usize| {
        let near = |at: usize| at.saturating_sub(3)..=(at + 3).min(99);
        let all: Vec<f64> = near(y)
            .flat_map(|y| near(x).map(move |x| rings(y, x, 100.0)))
            .collect();
        (all.iter().sum::<f64>() / all.len() as f64) as u8
    };
    assert!(quality(&image(100, 100, blurred)).sharpness < sharp.sharpness / 2.0);
    let large = quality(&image(1000, 1000, |y, x| rings(y, x, 1000.0) as u8));
    assert_eq!((large.width, large.height), (1000, 1000));
    assert!(large.sharpness < sharp.sharpness && large.sharpness > sharp.sharpness / 4.0);
    assert!((large.contrast - sharp.contrast).abs() < 0.01);
}

#[test]
fn long_and_narrow_images_are_measured_too() {
    let found = quality(&image(2000, 1, |_, x| (x % 2 * 255) as u8));
    assert_eq!((found.sharpness, found.height), (0.0, 1));
    quality(&image(1, 3000, |y, _| y as u8));
}

#[test]
fn a_part_is_what_its_box_says_in_grey_and_in_colour() {
    let bytes: Vec<u8> = [b"P6 4 3 255 ".to_vec(), (0..36).collect()].concat();
    let image = read(&bytes, &Reading::default()).unwrap();
    let region: Region = "1, 1,2,2".parse().unwrap();
    assert_eq!(region.to_string(), "1,1,2,2");
    let part = image.part(region).unwrap();
    let expected: Vec<u8> = (15..21).chain(27..33).collect();
    assert_eq!(*part.samples(), RasterSamples::U8(expected.into()));
    assert_eq!(
        part.planes(Channels::Rgb, Resize::None).unwrap().shape(),
        [3, 2, 2]
    );
    assert_eq!(image.part("0,0,4,3".parse().unwrap()).unwrap(), image);

    for text in [
        "0,0,5,1",
        "4,0,1,1",
        "0,3,1,1",
        "18446744073709551615,0,1,1",
    ] {
        let error = image.part(text.parse().unwrap()).unwrap_err();
        assert!(
            matches!(
                error,
                ReadError::Region {
                    width: 4,
                    height: 3,
                    ..
                }
            ),
            "{error}"
        );
    }
    for text in ["", "1,2,3", "0,0,0,1", "-1,0,2,2", "a,b,c,d", "1.5,0,2,2"] {
        assert!(text.parse::<Region>().is_err(), "{text}");
    }
}
