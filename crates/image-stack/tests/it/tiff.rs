//! Which variants of TIFF are read, as the documentation says, and which are refused by name.

use image_stack::{Channels, RasterSamples, ReadError, Reading, read};

use crate::made::{TiffEntry, tiff_with};

/// What makes a grey TIFF file of 8 bits another variant.
const REFUSED: [(&str, &[TiffEntry]); 8] = [
    ("2 bits", &[(258, 3, 2)]),
    ("4 bits", &[(258, 3, 4)]),
    ("32 bits", &[(258, 3, 32)]),
    ("float", &[(258, 3, 32), (339, 3, 3)]),
    ("signed", &[(339, 3, 2)]),
    ("palette", &[(262, 3, 3)]),
    ("CIELab", &[(262, 3, 8)]),
    ("an unknown compression", &[(259, 3, 34_712)]),
];

#[test]
fn variants_that_are_not_read_are_refused() {
    for (what, entries) in REFUSED {
        match read(&tiff_with(entries, &[]), &Reading::default()) {
            Err(ReadError::Foreign { .. } | ReadError::Samples { .. }) => {}
            Err(other) => panic!("{what}: {other}"),
            Ok(_) => panic!("{what}: read"),
        }
    }
}

#[test]
fn greys_of_1_8_and_16_bits_are_read_whichever_is_white() {
    let first = |entries: &[TiffEntry]| {
        let bytes = tiff_with(entries, &[]);
        let image = read(&bytes, &Reading::default()).unwrap();
        assert_eq!(image.channels(), Channels::Grey);
        match image.samples() {
            RasterSamples::U8(samples) => samples[..3].iter().map(|&s| s.into()).collect(),
            RasterSamples::U16(samples) => samples[..3].to_vec(),
        }
    };
    assert_eq!(first(&[]), [0, 7, 14]);
    assert_eq!(first(&[(262, 3, 0)]), [255, 248, 241]);
    // The bytes 0, 7, 14 as three rows begin with, of 30 columns each.
    assert_eq!(first(&[(258, 3, 1)]), [0, 0, 0]);
    assert_eq!(first(&[(258, 3, 1), (262, 3, 0)]), [255, 255, 255]);
    assert_eq!(
        first(&[(258, 3, 16), (257, 3, 10), (278, 3, 10)]),
        [0x0700, 0x150e, 0x231c]
    );
}
