//! Colours: PPM, and what becomes of grey and colour images where the other is asked for.
use std::fs;
use std::path::{Path, PathBuf};

use image_stack::{
    Channels, DecodeError, ReadError, Reading, Resize, StackError, decode_planes, decode_stack,
    open, to_grey,
};
use ndarray::{Array4, Axis};
use pgm_io::{Encoding, Graymap, encode};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

fn saved(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// P6 of interleaved samples.
fn ppm(width: usize, height: usize, maxval: u16, samples: &[u16]) -> Vec<u8> {
    let mut bytes = format!("P6\n{width} {height}\n{maxval}\n").into_bytes();
    for &sample in samples {
        match maxval {
            ..=255 => bytes.push(sample as u8),
            256.. => bytes.extend(sample.to_be_bytes()),
        }
    }
    bytes
}

/// The pixels in grey, over their full range.
fn grey_bytes(path: &Path) -> Vec<u8> {
    let image = open(path, &Reading::default()).unwrap();
    let planes = image.planes(Channels::Grey, Resize::None).unwrap();
    planes.into_raw_vec_and_offset().0
}

fn planes(paths: &[PathBuf], channels: Channels, resize: Resize) -> Array4<u8> {
    decode_planes(paths, channels, resize, &Reading::default())
        .unwrap()
        .pixels
}

fn refused(bytes: &[u8]) -> DecodeError {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, "bad.ppm", bytes);
    let error = open(&path, &Reading::default()).unwrap_err();
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
    match error.source {
        ReadError::Decode(error) => error,
        other => panic!("{other}"),
    }
}

/// ```python
/// from PIL import Image
/// colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (10, 200, 30)]
/// image = Image.new("RGB", (5, 1)); image.putdata(colours)
/// list(image.convert("L").getdata())    # [76, 150, 29, 255, 124]
/// ```
#[test]
fn plain_and_raw_pixmaps_become_luma_or_stay_colours() {
    let folder = tempfile::tempdir().unwrap();
    let samples = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 200, 30];
    let text =
        "P3 # five colours\n5 1 255\n255 0 0  0 255 0\n0 0 255 255 255 255 # and\n10 200 30\n";
    for path in [
        saved(&folder, "raw.ppm", &ppm(5, 1, 255, &samples)),
        saved(&folder, "plain.ppm", text.as_bytes()),
    ] {
        let grey = grey_bytes(&path);
        assert_eq!(grey, [76, 150, 29, 255, 124]);
        let colours = planes(&[path], Channels::Rgb, Resize::None);
        assert_eq!(colours.shape(), [1, 3, 1, 5]);
        let expected = [
            255, 0, 0, 255, 10, 0, 255, 0, 255, 200, 0, 0, 255, 255, 30_u8,
        ];
        assert_eq!(colours.as_slice().unwrap(), expected);
        assert_eq!(to_grey(colours).unwrap().as_slice(), Some(&*grey));
    }
}

#[test]
fn any_maxval_is_spread_over_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, "9", &ppm(1, 1, 9, &[0, 5, 9]));
    assert_eq!(
        planes(&[path], Channels::Rgb, Resize::None).as_slice(),
        Some(&[0, 142, 255][..])
    );
    let path = saved(&folder, "1000", &ppm(1, 1, 1000, &[1000, 500, 0]));
    assert_eq!(
        planes(std::slice::from_ref(&path), Channels::Rgb, Resize::None).as_slice(),
        Some(&[255, 128, 0][..])
    );
    // 0.299 * 1000 + 0.587 * 500 = 592.5, of 1000.
    assert_eq!(grey_bytes(&path), [151]);
}

#[test]
fn a_grey_image_has_three_equal_channels_among_colours() {
    let folder = tempfile::tempdir().unwrap();
    let grey = Graymap::new(2, 2, 255, vec![1_u8, 2, 3, 4]).unwrap();
    let paths = [
        saved(&folder, "a", &encode(&grey, Encoding::Raw)),
        saved(&folder, "b", &ppm(2, 2, 255, &(0..12).collect::<Vec<_>>())),
    ];
    let both = planes(&paths, Channels::Rgb, Resize::None);
    let first = both.index_axis(Axis(0), 0);
    assert!(first.iter().copied().eq([1, 2, 3, 4].repeat(3)));
    assert!(!to_grey(both.clone()).unwrap().is_empty());
    assert!(to_grey(Array4::zeros((1, 2, 3, 4))).is_none());
}

#[test]
fn damaged_pixmaps_are_refused_as_graymaps_are() {
    assert!(matches!(
        refused(b"P6 2 1 255 \x01\x02\x03\x04\x05"),
        DecodeError::Truncated {
            expected: 6,
            found: 5,
            ..
        }
    ));
    assert!(matches!(
        refused(b"P6 1 1 255 \x01\x02\x03\x04"),
        DecodeError::TrailingBytes { count: 1, .. }
    ));
    assert!(matches!(
        refused(b"P6 1 1 255 \x01\x02\x03P5 1 1 255 \x01"),
        DecodeError::TrailingBytes { .. }
    ));
    assert!(matches!(
        refused(b"P6\r\n1 1\r\n255\r\n\x01\x02\x03"),
        DecodeError::TextMode { .. }
    ));
    assert!(matches!(
        refused(b"P6 1 1 7 \x01\x08\x03"),
        DecodeError::Sample {
            index: 1,
            found: 8,
            ..
        }
    ));
    assert!(matches!(
        refused(b"P3 1 1 255 1 2"),
        DecodeError::Truncated { expected: 3, .. }
    ));
}

#[test]
fn sizes_that_differ_are_refused_in_colour_too() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [
        saved(&folder, "a", &ppm(1, 1, 255, &[1, 2, 3])),
        saved(&folder, "b", &ppm(2, 1, 255, &[1, 2, 3, 4, 5, 6])),
    ];
    let error =
        decode_planes(&paths, Channels::Rgb, Resize::None, &Reading::default()).unwrap_err();
    assert!(matches!(error, StackError::Sizes { .. }), "{error}");
}

#[cfg(feature = "formats")]
#[test]
fn png_keeps_its_colours_in_8_and_16_bits() {
    use image::{ImageBuffer, Rgb, Rgba};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    ImageBuffer::from_fn(2, 1, |x, _| Rgba([10 * x as u8, 20, 30, 255]))
        .save(&path)
        .unwrap();
    let found = planes(std::slice::from_ref(&path), Channels::Rgb, Resize::None);
    assert_eq!(found.as_slice(), Some(&[0, 10, 20, 20, 30, 30][..]));
    ImageBuffer::from_pixel(1, 1, Rgb([65_535_u16, 257, 0]))
        .save(&path)
        .unwrap();
    let found = planes(&[path], Channels::Rgb, Resize::None);
    assert_eq!(found.as_slice(), Some(&[255, 1, 0][..]));
}

proptest! {
    /// Each channel is what the graymap of that channel alone gives.
    #[test]
    fn channels_are_resized_each_for_itself(
        (width, height) in (1_usize..9, 1_usize..9),
        samples in vec(0_u16..256, 3 * 81),
        resize in prop_oneof![
            Just(Resize::None),
            (1_usize..4).prop_map(Resize::Stride),
            (1_usize..7, 1_usize..7).prop_map(|(height, width)| Resize::Area { height, width }),
        ],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let samples = &samples[..3 * width * height];
        let colour = saved(&folder, "colour", &ppm(width, height, 255, samples));
        let found = planes(std::slice::from_ref(&colour), Channels::Rgb, resize);
        for channel in 0..3 {
            let own: Vec<u8> = samples.iter().skip(channel).step_by(3).map(|&s| s as u8).collect();
            let own = Graymap::new(width, height, 255, own).unwrap();
            let own = saved(&folder, "channel", &encode(&own, Encoding::Raw));
            let own = decode_stack(&[own], resize, &Reading::default()).unwrap();
            prop_assert_eq!(found.index_axis(Axis(1), channel), own);
        }
        // Grey is the luma, resized as any graymap.
        let grey = Graymap::new(width, height, 255, grey_bytes(&colour)).unwrap();
        let grey = saved(&folder, "grey", &encode(&grey, Encoding::Raw));
        let reading = Reading::default();
        prop_assert_eq!(
            decode_stack(&[colour], resize, &reading).unwrap(),
            decode_stack(&[grey], resize, &reading).unwrap()
        );
    }
}
