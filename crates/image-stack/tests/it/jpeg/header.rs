//! What is decided before any pixel is decoded.

use image_stack::{Limits, Measure, ReadError, Reading, read};

use super::{FILES, decoded, places, segment, with};

#[test]
fn a_size_beyond_the_limits_is_refused_whatever_follows() {
    for (name, file) in FILES {
        let marker = if name.starts_with("progressive") {
            0xc2
        } else {
            0xc0
        };
        let place = places(file, marker)[0];
        let mut huge = file.to_vec();
        huge[place + 5..place + 9].fill(0xff);
        let reading = Reading::from(Limits::new().with_max_pixels(1 << 24));
        match read(&huge, &reading) {
            Err(ReadError::Limit { exceeded, .. }) => {
                assert_eq!(exceeded.measure, Measure::Pixels, "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn an_orientation_that_cannot_be_read_is_said() {
    let exif = |orientation: u8| {
        let start = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0";
        segment(
            0xe1,
            &[&start[..], &[orientation, 0, 0, 0, 0, 0, 0, 0]].concat(),
        )
    };
    let found = |segment: &[u8]| {
        let file = with(FILES[0].1, segment);
        let image = decoded(&file).unwrap();
        (image.width(), image.findings().unread_orientation)
    };
    assert_eq!(found(&exif(1)), (37, false));
    assert_eq!(found(&exif(6)), (29, false));
    assert_eq!(found(&exif(9)), (37, true));
    assert_eq!(
        found(&segment(0xe1, b"Exif\0\0II*\0\x7f\0\0\0")),
        (37, true)
    );
    assert_eq!(found(&segment(0xe1, b"Exif\0\0")), (37, true));
    // No EXIF at all.
    assert_eq!(
        found(&segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0")),
        (37, false)
    );
}

#[test]
fn variants_that_are_not_read_are_named() {
    let baseline = FILES[0].1;
    let place = places(baseline, 0xc0)[0];
    for (at, byte, expected) in [
        (place + 1, 0xc3, "lossless JPEG"),
        (place + 1, 0xc9, "arithmetic codes"),
        (place + 1, 0xc5, "hierarchical JPEG"),
        (place + 4, 12, "12 bits"),
    ] {
        let mut other = baseline.to_vec();
        other[at] = byte;
        let error = decoded(&other).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("with Huffman codes"), "{error}");
    }
}
