//! Small files that claim a lot: refused before anything is allocated for them.

use image::ImageFormat;
use image_stack::{Channels, Decoding, Limits, ReadError, Reading, Resize, read, read_planes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::made::{
    SIDES, bmp, picture, png_chunk, png_with, run_length_bmp, tiff_with, webp, webp_canvas,
    webp_chunk, webp_pixels, whole, written,
};

/// A compressed chunk of a PNG file that becomes `length` zeros.
fn bomb(name: &[u8; 4], keyword: &str, length: usize) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&vec![0; length]).unwrap();
    let start = [keyword.as_bytes(), &[0, 0]].concat();
    png_chunk(name, &[start, packed.finish().unwrap()].concat())
}

/// A JPEG file that is nothing but a header of 65,500 x 65,500 pixels.
fn jpeg_header() -> Vec<u8> {
    let frame = [0xff, 0xc0, 0, 11, 8, 0xff, 0xdc, 0xff, 0xdc, 1, 1, 0x11, 0];
    [&[0xff, 0xd8][..], &frame, &[0xff, 0xd9]].concat()
}

/// Files that must fail, by what they claim.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut exif_of_4_gib = webp(&[
        webp_canvas(0b1000),
        webp_pixels(),
        webp_chunk(b"EXIF", &[0; 4]),
    ]);
    let length = exif_of_4_gib.len();
    exif_of_4_gib[length - 8..length - 4].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let mut container_of_4_gib = exif_of_4_gib.clone();
    container_of_4_gib[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let canvas = webp_chunk(b"VP8X", &[2, 0, 0, 0, 255, 255, 255, 255, 255, 255]);
    let lossless = webp_chunk(b"VP8L", &[0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]);
    let mut long_runs = run_length_bmp(&[0, 1]);
    long_runs[18..26].copy_from_slice(&[0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
    let mut strips = tiff_with(&[], &[]);
    // As many strips as 32 bits can count.
    let entry = strips
        .windows(4)
        .position(|bytes| bytes == [0x11, 1, 4, 0])
        .unwrap();
    strips[entry + 4..entry + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut png = written(&picture(), ImageFormat::Png);
    let claimed = png_chunk(
        b"IHDR",
        &[0x7f, 255, 255, 255, 0x7f, 255, 255, 255, 8, 2, 0, 0, 0],
    );
    png.splice(8..33, claimed);
    vec![
        ("PGM", b"P5 65536 65536 255\n".to_vec()),
        ("PPM in text", b"P3 65536 2048 255\n1".to_vec()),
        ("PNG", png),
        ("JPEG", jpeg_header()),
        ("BMP", bmp(65_535, 65_535, 32, 0, &[], &[0; 64])),
        (
            "BMP of few bits",
            bmp(65_535, 65_535, 1, 0, &[0; 8], &[0; 64]),
        ),
        ("BMP, runs", long_runs),
        (
            "TIFF",
            tiff_with(&[(256, 4, u32::MAX), (257, 4, u32::MAX)], &[]),
        ),
        ("TIFF, one long row", tiff_with(&[(256, 4, 1 << 27)], &[])),
        ("TIFF, strips", strips),
        ("WebP, EXIF", exif_of_4_gib),
        ("WebP, container", container_of_4_gib),
        ("WebP, canvas", webp(&[canvas])),
        ("WebP, pixels", webp(&[lossless])),
    ]
}

#[test]
fn small_files_that_claim_a_lot_are_refused() {
    for (what, bytes) in hostile() {
        assert!(bytes.len() < 20_000, "{what}");
        match read(&bytes, &Reading::default()) {
            Ok(_) => panic!("{what}: read"),
            Err(error) => assert!(error.to_string().len() < 400, "{what}: {error}"),
        }
    }
}

#[test]
fn metadata_is_not_unpacked_beyond_measure() {
    for chunk in [
        bomb(b"iCCP", "icc", 64 << 20),
        bomb(b"zTXt", "Comment", 64 << 20),
    ] {
        let bytes = png_with(&chunk);
        // Whether a profile that large is refused or left out, the image is none of that size.
        if let Ok(image) = read(&bytes, &Reading::default()) {
            assert_eq!(
                (image.width(), image.height()),
                (SIDES.0 as usize, SIDES.1 as usize)
            );
        }
    }
}

#[test]
fn a_size_over_the_limits_is_said_with_the_format() {
    let bytes = written(&picture(), ImageFormat::Bmp);
    let few = Limits::new().with_max_pixels(1000).into();
    let error = read(&bytes, &few).unwrap_err();
    assert!(matches!(error, ReadError::Limit { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Good files with some bytes changed, a part cut out and the end cut off.
    #[test]
    fn changed_files_never_break_a_decoder(
        file in 0..whole().len(),
        changes in vec((any::<Index>(), any::<u8>()), 0..6),
        gap in proptest::option::of((any::<Index>(), 1..9_usize)),
        end in proptest::option::weighted(0.2, any::<Index>()),
        at_part in any::<bool>(),
    ) {
        let mut bytes = WHOLE.with(|files| files[file].1.clone());
        for (place, byte) in changes {
            // Most of a file is pixels: its start deserves as many changes.
            let within = if byte % 2 == 0 { bytes.len() } else { bytes.len().min(100) };
            bytes[place.index(within)] = byte;
        }
        if let Some((start, length)) = gap {
            let start = start.index(bytes.len());
            bytes.drain(start..bytes.len().min(start + length));
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len().max(1)));
        }
        let reading = Reading::from(Limits::new().with_max_pixels(1 << 16));
        let decoding = if at_part { Decoding::Fast } else { Decoding::Exact };
        let size = Resize::Area { height: 5, width: 7 };
        let read = read_planes(&bytes, Channels::Grey, size, &reading.with_decoding(decoding));
        if let Ok(planes) = read {
            prop_assert_eq!(planes.pixels.shape(), [1, 5, 7]);
        }
    }
}

thread_local! {
    /// Files to change, made once.
    static WHOLE: Vec<(&'static str, Vec<u8>, usize)> = whole();
}

/// The tests above once more, by a process that may have 4 GB of addresses.
#[cfg(target_os = "linux")]
#[test]
fn four_gigabytes_are_enough_for_whatever_a_file_claims() {
    let tests = std::env::current_exe().unwrap();
    let limited = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 4000000 && exec \"$0\" \"$@\""])
        .arg(tests)
        .args(["--exact", "--test-threads=2"])
        .args(
            [
                "small_files_that_claim_a_lot_are_refused",
                "metadata_is_not_unpacked_beyond_measure",
            ]
            .map(|test| format!("hostile::{test}")),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&limited.stdout);
    assert!(
        limited.status.success() && said.contains("2 passed"),
        "{said}"
    );
}
