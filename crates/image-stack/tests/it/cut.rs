//! A cut file is refused in every format, and a whole one is read, however odd.

use image::ImageFormat;
use image_stack::{Image, RasterSamples, ReadError, Reading, read};

use crate::made::{
    SIDES, animated_webp, bmp, picture, png_chunk, png_with, tiff_with, webp, webp_canvas,
    webp_chunk, webp_pixels, whole, written,
};

fn read_whole<'a>(what: &str, bytes: &'a [u8]) -> Image<'a> {
    read(bytes, &Reading::default()).unwrap_or_else(|error| panic!("{what}: {error}"))
}

fn samples(image: &Image<'_>) -> Vec<u8> {
    match image.samples() {
        RasterSamples::U8(samples) => samples.to_vec(),
        RasterSamples::U16(_) => panic!("bytes were written"),
    }
}

#[test]
fn a_cut_file_of_every_kind_is_refused() {
    for (what, bytes, fill) in whole() {
        read_whole(what, &bytes);
        let parts = [35, 60, 90, 99].map(|percent| bytes.len() * percent / 100);
        for length in parts.into_iter().chain([bytes.len() - 1 - fill]) {
            match read(&bytes[..length], &Reading::default()) {
                Err(ReadError::Foreign { .. }) => {}
                Err(error) => panic!("{what}, {length} of {} bytes: {error}", bytes.len()),
                Ok(_) => panic!("{what}, {length} of {} bytes: read", bytes.len()),
            }
        }
    }
}

#[test]
fn the_message_says_what_is_missing_and_where_the_file_ends() {
    let bytes = written(&picture(), ImageFormat::Png);
    let cut = &bytes[..bytes.len() - 1];
    let message = read(cut, &Reading::default()).unwrap_err().to_string();
    let expected = format!(
        "damaged or unsupported PNG image: expected the chunk IEND up to byte {}, found the end of the file at byte {}; \
         the file has been cut; copy the file again, or convert it to PNG",
        bytes.len(),
        cut.len()
    );
    assert_eq!(message, expected);
}

#[test]
fn what_follows_an_image_does_not_hurt_it() {
    for (what, bytes, _) in whole() {
        let expected = samples(&read_whole(what, &bytes));
        let with_tail = [&bytes[..], b"vendor data, perhaps another picture"].concat();
        assert_eq!(samples(&read_whole(what, &with_tail)), expected, "{what}");
    }
}

#[test]
fn of_several_images_the_first_is_read_and_the_others_are_counted() {
    let expected = picture().into_bytes();
    let frame = |number: u8| {
        let place = [
            [0, 0, 0, number],
            SIDES.0.to_be_bytes(),
            SIDES.1.to_be_bytes(),
        ]
        .concat();
        png_chunk(
            b"fcTL",
            &[&place[..], &[0; 8], &[0, 1, 0, 10, 0, 0]].concat(),
        )
    };
    let animation = |frames: u8| png_chunk(b"acTL", &[0, 0, 0, frames, 0, 0, 0, 0]);
    let still = written(&picture(), ImageFormat::Png);
    let behind = |bytes: &[u8], more: &[u8]| {
        let end = bytes.len() - 12;
        [&bytes[..end], more, &bytes[end..]].concat()
    };
    // The image that all programs show is the first of two frames, or none of the only one.
    let first_of_two = behind(&png_with(&[animation(2), frame(0)].concat()), &frame(1));
    let beside_one = behind(&png_with(&animation(1)), &frame(0));
    for (what, bytes, more) in [
        ("PNG", still, 0),
        ("APNG", first_of_two, 1),
        ("APNG with another picture for all others", beside_one, 1),
        ("WebP", written(&picture(), ImageFormat::WebP), 0),
        ("animated WebP", animated_webp(5), 4),
    ] {
        let image = read_whole(what, &bytes);
        assert_eq!(image.findings().more_images, more, "{what}");
        assert!(samples(&image) == expected, "{what}");
    }

    let page = (254, 4, 2);
    let thumbnail = (254, 4, 1);
    for (pages, more) in [
        (&[][..], 0),
        (&[page, page], 2),
        (&[thumbnail], 0),
        (&[thumbnail, page], 1),
    ] {
        let bytes = tiff_with(&[], pages);
        assert_eq!(
            read_whole("TIFF", &bytes).findings().more_images,
            more,
            "{pages:?}"
        );
    }
}

#[test]
fn directories_that_lead_to_each_other_come_to_an_end() {
    let mut bytes = tiff_with(&[], &[(254, 4, 2)]);
    let second = 8 + 2 + 9 * 12 + 4;
    let next = second + 2 + 10 * 12;
    bytes[next..next + 4].copy_from_slice(&8_u32.to_le_bytes());
    assert_eq!(read_whole("TIFF", &bytes).findings().more_images, 2);
}

#[test]
fn bitmaps_may_stand_on_their_head() {
    let rows = [[10, 20, 30, 0], [40, 50, 60, 0]];
    let upper_first = bmp(1, -2, 24, 0, &[], &rows.concat());
    let lower_first = bmp(1, 2, 24, 0, &[], &[rows[1], rows[0]].concat());
    let expected = [30, 20, 10, 60, 50, 40];
    assert_eq!(samples(&read_whole("BMP", &upper_first)), expected);
    assert_eq!(samples(&read_whole("BMP", &lower_first)), expected);
}

/// A block of EXIF metadata with an orientation of that number.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    block[18] = orientation;
    block
}

#[test]
fn an_orientation_is_read_in_every_format_and_said_where_it_cannot_be() {
    let files = |orientation: u8| {
        let block = exif(orientation);
        let marked = [&b"Exif\0\0"[..], &block].concat();
        let webp_with = |block: &[u8]| {
            let flags = 0b1000;
            webp(&[
                webp_canvas(flags),
                webp_pixels(),
                webp_chunk(b"EXIF", block),
            ])
        };
        [
            ("PNG", png_with(&png_chunk(b"eXIf", &block))),
            ("WebP", webp_with(&block)),
            ("WebP, marked as in a JPEG", webp_with(&marked)),
            ("TIFF", tiff_with(&[(274, 3, orientation.into())], &[])),
        ]
    };
    for (what, bytes) in files(6) {
        let image = read_whole(what, &bytes);
        assert!(image.height() > image.width(), "{what}");
        assert!(!image.findings().unread_orientation, "{what}");
    }
    for (what, bytes) in files(77) {
        let image = read_whole(what, &bytes);
        assert!(image.width() > image.height(), "{what}");
        assert!(image.findings().unread_orientation, "{what}");
    }
}

/// What an ICC profile begins with, and its description.
fn profile(description: &[u8]) -> Vec<u8> {
    [&[0; 128][..], b"desc", description].concat()
}

#[test]
fn a_colour_profile_is_said_unless_it_is_that_of_srgb() {
    use image::ImageEncoder;
    use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};

    fn with(mut encoder: impl ImageEncoder, profile: Vec<u8>) {
        encoder.set_icc_profile(profile).unwrap();
        picture().write_with_encoder(encoder).unwrap();
    }
    for (description, is_foreign) in [
        (&b"Display P3"[..], true),
        (b"sRGB IEC61966-2.1", false),
        (b"\0s\0R\0G\0B", false),
    ] {
        let (mut png, mut webp, mut jpeg) = (Vec::new(), Vec::new(), Vec::new());
        with(PngEncoder::new(&mut png), profile(description));
        with(WebPEncoder::new_lossless(&mut webp), profile(description));
        with(JpegEncoder::new(&mut jpeg), profile(description));
        for (what, bytes) in [("PNG", png), ("WebP", webp), ("JPEG", jpeg)] {
            let found = read_whole(what, &bytes).findings().foreign_profile;
            assert_eq!(found, is_foreign, "{what}, {}", description.escape_ascii());
        }
    }
    for (what, bytes, _) in whole() {
        assert!(
            !read_whole(what, &bytes).findings().foreign_profile,
            "{what}"
        );
    }
}
