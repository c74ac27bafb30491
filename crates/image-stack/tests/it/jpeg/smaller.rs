//! Images that are decoded at a part of their size.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, Luma, Rgb};
use image_stack::{Channels, Decoding, Reading, Resize, decode_planes, read_planes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{CMYK, FILES, PROGRESSIVE, places, segment, with};

fn reading(decoding: Decoding) -> Reading {
    Reading::default().with_decoding(decoding)
}

/// The pixels of a file in `[width, height]`, if it is read.
fn resized(
    file: &[u8],
    [width, height]: [usize; 2],
    channels: Channels,
    decoding: Decoding,
) -> Option<Vec<u8>> {
    let size = Resize::Area { height, width };
    let planes = read_planes(file, channels, size, &reading(decoding)).ok()?;
    Some(planes.pixels.into_raw_vec_and_offset().0)
}

/// The largest difference of the two ways to decode, and the mean one, in grey levels.
fn differences(file: &[u8], size: [usize; 2], channels: Channels) -> (u8, f64) {
    let exact = resized(file, size, channels, Decoding::Exact).unwrap();
    let fast = resized(file, size, channels, Decoding::Fast).unwrap();
    let each = exact.iter().zip(&fast).map(|(a, b)| a.abs_diff(*b));
    let sum: f64 = each.clone().map(f64::from).sum();
    (each.max().unwrap(), sum / exact.len() as f64)
}

/// What the two ways may differ by in a scene of hard edges that lie a few new pixels apart, see [`Decoding::Fast`].
const MOST: u8 = 24;
const MEAN: f64 = 2.5;

/// Numbers that look drawn at random, 0 to 255.
fn noise(x: u32, y: u32) -> u8 {
    let mixed =
        (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77)).wrapping_mul(0xc2b2_ae3d);
    (mixed >> 24) as u8
}

/// Soft light, hard edges of discs and bars, and some noise, as in a photo.
fn scene(width: u32, height: u32) -> DynamicImage {
    ImageBuffer::from_fn(width, height, |x, y| {
        let (u, v) = (
            f64::from(x) / f64::from(width),
            f64::from(y) / f64::from(height),
        );
        let disc = |at: (f64, f64), radius: f64| (u - at.0).hypot(v - at.1) < radius;
        let colour = if disc((0.4, 0.45), 0.2) {
            [210.0, 160.0, 130.0]
        } else if disc((0.7, 0.3), 0.15) {
            [30.0, 40.0, 120.0]
        } else if (u * 9.0 + v * 4.0).fract() < 0.2 {
            [240.0, 235.0, 90.0]
        } else {
            [60.0 + 120.0 * u, 90.0 + 80.0 * v, 120.0 + 60.0 * (u - v)]
        };
        let grain = f64::from(noise(x, y)) / 16.0 - 8.0;
        Rgb(colour.map(|value: f64| (value + grain).clamp(0.0, 255.0) as u8))
    })
    .into()
}

fn encoded(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    image.write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn photos_come_within_the_stated_bound() {
    // Sides that end in the middle of blocks; cells of 8, 4 and 2 pixels.
    let photo = encoded(&scene(1203, 901));
    for size in [
        [37, 23],
        [64, 56],
        [75, 56],
        [112, 112],
        [224, 192],
        [300, 225],
    ] {
        for channels in [Channels::Grey, Channels::Rgb] {
            let (most, mean) = differences(&photo, size, channels);
            assert!(
                most <= MOST && mean <= MEAN,
                "{size:?}, {channels:?}: {most}, {mean}"
            );
            assert!(most > 0, "{size:?}: it was not decoded smaller");
        }
    }
}

#[test]
fn cells_that_tile_the_pixels_lose_nothing_but_a_rounding() {
    let grey: DynamicImage =
        ImageBuffer::from_fn(640, 480, |x, y| Luma([64 + noise(x, y) / 2])).into();
    let file = encoded(&grey);
    for (size, most) in [([40, 30], 1), ([20, 15], 1), ([10, 30], 1)] {
        assert!(
            differences(&file, size, Channels::Grey).0 <= most,
            "{size:?}"
        );
    }
}

#[test]
fn what_pads_the_last_blocks_does_not_shine_through() {
    // One black column on the right would be an eighth of the last cell, or all of it.
    for side in [257, 260, 263] {
        let picture = ImageBuffer::from_fn(side, side, |x, y| {
            Luma([if x.max(y) >= side - side % 8 {
                0_u8
            } else {
                200
            }])
        });
        let file = encoded(&picture.into());
        let (most, _) = differences(&file, [16, 16], Channels::Grey);
        assert!(most <= 2, "{side}: {most}");
    }
}

#[test]
fn nothing_smaller_than_twice_the_wanted_size_is_decoded() {
    let photo = encoded(&scene(300, 200));
    for size in [[76, 40], [60, 51], [300, 200], [1, 200]] {
        assert_eq!(
            differences(&photo, size, Channels::Rgb),
            (0, 0.0),
            "{size:?}"
        );
    }
}

#[test]
fn what_cannot_be_decoded_smaller_is_decoded_whole() {
    assert_eq!(differences(CMYK, [4, 3], Channels::Rgb), (0, 0.0));
}

#[test]
fn scans_make_no_difference() {
    let baseline = FILES[0].1;
    for size in [[9, 7], [4, 3], [2, 1]] {
        let fast = |file| resized(file, size, Channels::Rgb, Decoding::Fast).unwrap();
        assert_eq!(fast(baseline), fast(PROGRESSIVE), "{size:?}");
    }
}

#[test]
fn a_smaller_image_is_turned_as_the_whole_one_is() {
    let photo = encoded(&scene(403, 301));
    for orientation in 1..=8 {
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
        let exif = [&exif[..], &[orientation, 0, 0, 0, 0, 0, 0]].concat();
        let turned = with(&photo, &segment(0xe1, &exif));
        let (most, mean) = differences(&turned, [24, 18], Channels::Rgb);
        assert!(
            most > 0 && most <= MOST && mean <= MEAN,
            "{orientation}: {most}, {mean}"
        );
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..6).map(|i| folder.path().join(i.to_string())).collect();
    for (i, path) in (0..).zip(&paths) {
        std::fs::write(path, encoded(&scene(200 + 16 * i, 180))).unwrap();
    }
    let decoded = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let size = Resize::Area {
            height: 20,
            width: 20,
        };
        pool.install(|| decode_planes(&paths, Channels::Rgb, size, &reading(Decoding::Fast)))
            .unwrap()
    };
    let one = decoded(1);
    assert!(one == decoded(2) && one == decoded(5));
}

#[test]
fn cut_files_are_refused_alike() {
    for (name, file) in FILES {
        let read =
            |bytes: &[u8], decoding| resized(bytes, [4, 3], Channels::Rgb, decoding).is_some();
        assert!(read(file, Decoding::Fast), "{name}");
        for length in 0..file.len() {
            assert!(
                !read(&file[..length], Decoding::Fast),
                "{name} cut to {length} bytes"
            );
            let mended = [&file[..length], &[0xff, 0xd9]].concat();
            assert_eq!(
                read(&mended, Decoding::Fast),
                read(&mended, Decoding::Exact),
                "{name} cut to {length} bytes with an end"
            );
        }
        let scan = places(file, 0xda)[0];
        assert!(!read(&file[..scan], Decoding::Exact), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Both ways of decoding read the same of changed files.
    #[test]
    fn changed_files_are_refused_alike(
        file in 0..FILES.len(),
        changes in vec((any::<Index>(), any::<u8>()), 1..5),
        gap in proptest::option::of((any::<Index>(), 1..20_usize)),
    ) {
        let mut bytes = FILES[file].1.to_vec();
        for (place, byte) in changes {
            bytes[place.index(FILES[file].1.len())] = byte;
        }
        if let Some((start, length)) = gap {
            let start = start.index(bytes.len());
            bytes.drain(start..bytes.len().min(start + length));
        }
        let exact = resized(&bytes, [4, 3], Channels::Rgb, Decoding::Exact);
        let fast = resized(&bytes, [4, 3], Channels::Rgb, Decoding::Fast);
        // The library that decodes the whole image refuses a little more.
        prop_assert!(fast.is_some() || exact.is_none());
    }
}
