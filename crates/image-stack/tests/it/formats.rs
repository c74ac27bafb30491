//! Other formats, read by content to the same grey image.
#![cfg(feature = "formats")]
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, Rgba,
};
use image_stack::{
    Background, Channels, Format, Image, Limits, Measure, RasterSamples, ReadError, Reading,
    Resize, decode_stack, is_image, is_readable, open, read,
};
use pgm_io::{Encoding, Graymap, encode};
use tempfile::TempDir;

const LOSSLESS: [ImageFormat; 4] = [
    ImageFormat::Png,
    ImageFormat::Bmp,
    ImageFormat::WebP,
    ImageFormat::Tiff,
];

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn saved(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn read_as(image: DynamicImage, format: ImageFormat) -> Image<'static> {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, "misleading.pgm", &written(&image, format));
    open(path, &Reading::default()).unwrap()
}

/// The pixels in grey, over their full range.
fn grey_bytes(image: &Image<'_>) -> Vec<u8> {
    let planes = image.planes(Channels::Grey, Resize::None).unwrap();
    planes.into_raw_vec_and_offset().0
}

/// A smooth 17x11 picture, which JPEG keeps well.
fn grey() -> GrayImage {
    ImageBuffer::from_fn(17, 11, |x, y| Luma([(x * 9 + y * 8) as u8]))
}

#[test]
fn grey_images_come_unchanged_from_every_lossless_format() {
    for format in LOSSLESS {
        // WebP holds no grey, so it is written as colours that are all grey.
        let image = match format {
            ImageFormat::WebP => DynamicImage::from(grey()).to_rgb8().into(),
            _ => grey().into(),
        };
        let found = read_as(image, format);
        assert_eq!(
            (found.width(), found.height(), found.maxval()),
            (17, 11, 255)
        );
        assert_eq!(grey_bytes(&found), *grey(), "{format:?}");
    }
}

#[test]
fn jpeg_comes_close() {
    let found = read_as(grey().into(), ImageFormat::Jpeg);
    assert!(
        grey_bytes(&found)
            .iter()
            .zip(grey().iter())
            .all(|(&a, &b)| a.abs_diff(b) <= 6)
    );
}

#[test]
fn colours_become_bt601_luma_and_alpha_can_be_ignored() {
    let colours = [
        [255_u8, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [255, 255, 255],
        [10, 200, 30],
    ];
    let expected = [76, 150, 29, 255, 124];
    let opaque = ImageBuffer::from_fn(5, 1, |x, _| Rgb(colours[x as usize]));
    let clear = ImageBuffer::from_fn(5, 1, |x, _| {
        let [r, g, b] = colours[x as usize];
        Rgba([r, g, b, 0])
    });
    for format in LOSSLESS {
        assert_eq!(
            grey_bytes(&read_as(opaque.clone().into(), format)),
            expected,
            "{format:?}"
        );
    }
    let ignoring = Reading::new().with_background(Background::Ignored);
    let bytes = written(&clear.into(), ImageFormat::Png);
    assert_eq!(grey_bytes(&read(&bytes, &ignoring).unwrap()), expected);
    let grey_alpha = ImageBuffer::from_pixel(2, 1, LumaA([99_u8, 3]));
    let bytes = written(&grey_alpha.into(), ImageFormat::Png);
    assert_eq!(grey_bytes(&read(&bytes, &ignoring).unwrap()), [99, 99]);
}

#[test]
fn sixteen_bits_are_kept() {
    let grey = ImageBuffer::from_fn(3, 1, |x, _| Luma([x as u16 * 30_000]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let found = read_as(grey.clone().into(), format);
        assert_eq!(found.maxval(), 65_535);
        assert_eq!(
            *found.samples(),
            RasterSamples::U16(vec![0, 30_000, 60_000].into()),
            "{format:?}"
        );
    }
    let colour = ImageBuffer::from_pixel(1, 1, Rgb([60_000_u16, 0, 0]));
    let found = read_as(colour.into(), ImageFormat::Png);
    assert_eq!(
        *found.grey().samples(),
        RasterSamples::U16(vec![17_940].into())
    );
}

#[test]
fn floats_are_refused_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let image = DynamicImage::from(ImageBuffer::from_pixel(2, 2, Rgb([0.5_f32; 3])));
    let path = saved(&folder, "float.tiff", &written(&image, ImageFormat::Tiff));
    let error = open(path, &Reading::default()).unwrap_err();
    assert!(
        matches!(
            &error.source,
            ReadError::Samples { format: Format::Tiff, found } if found == "Rgb32F"
        ),
        "{error}"
    );
}

#[test]
fn limits_hold_for_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    for format in [
        ImageFormat::Png,
        ImageFormat::Bmp,
        ImageFormat::Jpeg,
        ImageFormat::Tiff,
    ] {
        let path = saved(&folder, "image", &written(&grey().into(), format));
        for (limits, expected) in [
            (Limits::new().with_max_width(16), Measure::Width),
            (Limits::new().with_max_height(10), Measure::Height),
            (Limits::new().with_max_pixels(186), Measure::Pixels),
        ] {
            match open(&path, &limits.into()).unwrap_err().source {
                ReadError::Limit { exceeded, .. } => {
                    assert_eq!(exceeded.measure, expected, "{format:?}");
                }
                other => panic!("{format:?}: {other}"),
            }
        }
        assert!(open(&path, &Limits::new().with_max_pixels(187).into()).is_ok());
    }
}

#[test]
fn a_png_that_claims_a_gigantic_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = written(&grey().into(), ImageFormat::Png);
    bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let checksum = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
    let path = saved(&folder, "bomb.png", &bytes);
    let error = open(path, &Reading::default()).unwrap_err();
    assert!(matches!(error.source, ReadError::Limit { .. }), "{error}");
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[test]
fn damaged_files_are_errors_that_name_the_path() {
    let folder = tempfile::tempdir().unwrap();
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::WebP,
        ImageFormat::Tiff,
    ] {
        let image = DynamicImage::from(grey()).to_rgb8().into();
        let bytes = written(&image, format);
        for length in [20, bytes.len() / 3] {
            let path = saved(&folder, "cut", &bytes[..length]);
            let error = open(&path, &Reading::default()).unwrap_err();
            assert!(
                matches!(error.source, ReadError::Foreign { .. }),
                "{format:?}: {error}"
            );
            // The reason is the end of the chain.
            assert!(
                error.source().and_then(Error::source).is_some(),
                "{format:?}"
            );
            assert!(
                error.to_string().starts_with(&path.display().to_string()),
                "{error}"
            );
        }
    }
}

#[test]
fn formats_mix_in_one_stack() {
    let folder = tempfile::tempdir().unwrap();
    let graymap = Graymap::new(17, 11, 255, grey().into_raw()).unwrap();
    let paths = [
        saved(&folder, "a", &written(&grey().into(), ImageFormat::Png)),
        saved(&folder, "b", &encode(&graymap, Encoding::Raw)),
        saved(&folder, "c", &written(&grey().into(), ImageFormat::Tiff)),
    ];
    let stack = decode_stack(&paths, Resize::Stride(2), &Reading::default()).unwrap();
    assert_eq!(stack.shape(), [3, 6, 9]);
    let layers: Vec<_> = stack.outer_iter().collect();
    assert!(layers[0] == layers[1] && layers[1] == layers[2]);
}

#[test]
fn what_is_written_is_recognised() {
    let image = DynamicImage::from(grey()).to_rgb8().into();
    for (format, expected) in [
        (ImageFormat::Png, Format::Png),
        (ImageFormat::Jpeg, Format::Jpeg),
        (ImageFormat::Bmp, Format::Bmp),
        (ImageFormat::WebP, Format::WebP),
        (ImageFormat::Tiff, Format::Tiff),
    ] {
        let bytes = written(&image, format);
        assert_eq!(is_image(&bytes[..16]), Some(expected));
        assert!(is_readable(expected));
    }
    assert!(!is_readable(Format::Gif));
}

#[test]
fn the_orientation_that_phones_note_is_applied() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    // A TIFF block, little-endian, of one entry: orientation (0x0112), a short, 1 value, 6, which
    // is "turn a quarter clockwise to see it upright".
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder.encode_image(&DynamicImage::from(grey())).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let path = saved(&folder, "phone.jpg", &bytes.into_inner());
    let found = open(path, &Reading::default()).unwrap();
    assert_eq!((found.width(), found.height()), (11, 17));
    let upright = image::imageops::rotate90(&grey());
    let differences = grey_bytes(&found)
        .iter()
        .zip(upright.iter())
        .map(|(&a, &b)| a.abs_diff(b))
        .max();
    assert!(differences <= Some(3), "{differences:?}");
}
