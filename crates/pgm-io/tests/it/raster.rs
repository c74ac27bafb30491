//! Images in grey or colour, their samples in the file's bytes where they can stay there.
use std::borrow::Cow;

use pgm_io::{Channels, DecodeError, Encoding, Graymap, Limits, Raster, RasterSamples, encode};

fn raster(bytes: &[u8]) -> Raster<'_> {
    Raster::decode(bytes, &Limits::default()).unwrap()
}

fn refused(bytes: &[u8]) -> DecodeError {
    Raster::decode(bytes, &Limits::default()).unwrap_err()
}

#[test]
fn bytes_in_binary_are_borrowed_and_all_others_are_not() {
    let borrowed = |bytes| {
        matches!(
            raster(bytes).samples,
            RasterSamples::U8(Cow::Borrowed(_)) | RasterSamples::U16(Cow::Borrowed(_))
        )
    };
    assert!(borrowed(b"P5 2 1 255 \x01\x02"));
    assert!(borrowed(b"P6 1 1 200 \x01\x02\x03"));
    assert!(!borrowed(b"P5 1 1 256 \x01\x00"));
    assert!(!borrowed(b"P3 1 1 255 1 2 3"));
}

#[test]
fn a_graymap_has_the_samples_that_it_was_made_of() {
    for maxval in [9, 255, 256, 65_535] {
        let image = match maxval {
            ..=255 => Graymap::new(2, 1, maxval, vec![0_u8, 9]),
            256.. => Graymap::new(2, 1, maxval, vec![0_u16, 9]),
        };
        for encoding in [Encoding::Plain, Encoding::Raw] {
            let bytes = encode(image.as_ref().unwrap(), encoding);
            let found = raster(&bytes);
            assert_eq!(found.channels, Channels::Grey);
            assert_eq!((found.width, found.height, found.maxval), (2, 1, maxval));
            let expected = match maxval {
                ..=255 => RasterSamples::U8(vec![0, 9].into()),
                256.. => RasterSamples::U16(vec![0, 9].into()),
            };
            assert_eq!(found.samples, expected);
        }
    }
}

#[test]
fn plain_and_raw_pixmaps_hold_the_same_colours() {
    let text = raster(b"P3 # two pixels\n2 1 999\n1 2 3 # and\n4 5 999\n");
    let binary = raster(b"P6 2 1 999 \0\x01\0\x02\0\x03\0\x04\0\x05\x03\xe7");
    assert_eq!(text, binary);
    assert_eq!(text.channels.count(), 3);
    assert_eq!(
        text.samples,
        RasterSamples::U16(vec![1, 2, 3, 4, 5, 999].into())
    );
}

#[test]
fn only_an_image_of_the_same_kind_may_follow() {
    assert!(Raster::decode(b"P6 1 1 255 abcP6 1 1 255 abc", &Limits::default()).is_ok());
    assert!(matches!(
        refused(b"P6 1 1 255 abcP5 1 1 255 a"),
        DecodeError::TrailingBytes { .. }
    ));
    assert!(matches!(
        refused(b"\x89PNG\r\n\x1a\n"),
        DecodeError::NotPgm { .. }
    ));
}

#[test]
fn more_images_are_counted_and_a_damaged_one_is_placed() {
    for (film, more) in [
        (&b"P5 1 1 255 a"[..], 0),
        (b"P5 1 1 255 a\n", 0),
        (b"P5 1 1 255 aP5 1 1 255 b\nP2 1 1 255 7", 2),
        (b"P3 1 1 9 1 2 3\nP6 1 1 255 abc", 1),
    ] {
        assert_eq!(raster(film).more_images, more, "{}", film.escape_ascii());
    }
    let cut = refused(b"P5 1 1 255 aP5 2 1 255 b");
    assert!(
        matches!(cut, DecodeError::Truncated { offset: 24, .. }),
        "{cut}"
    );
}
