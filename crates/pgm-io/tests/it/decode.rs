//! Files that must decode, and to what.
use pgm_io::{Graymap, Limits, Samples, decode, images};

fn decoded(bytes: &[u8]) -> Graymap {
    decode(bytes, &Limits::default()).unwrap()
}

fn bytes_of(image: &Graymap) -> &[u8] {
    match image.samples() {
        Samples::U8(samples) => samples,
        Samples::U16(_) => panic!("expected 8-bit samples"),
    }
}

fn words_of(image: &Graymap) -> &[u16] {
    match image.samples() {
        Samples::U16(samples) => samples,
        Samples::U8(_) => panic!("expected 16-bit samples"),
    }
}

#[test]
fn p5_samples_are_taken_as_they_are() {
    let image = decoded(b"P5\n3 2\n255\n\x00\n\r#P\xff");
    assert_eq!((image.width(), image.height(), image.maxval()), (3, 2, 255));
    assert_eq!(bytes_of(&image), [0, 10, 13, b'#', b'P', 255]);
}

#[test]
fn white_space_and_comments_stand_anywhere_in_the_header() {
    let spellings: [&[u8]; 11] = [
        b"P5 2 1 200 \x09\x0a",
        b"P5\t2\n\n1\r\n \t200\n\x09\x0a",
        b"P5\r\n2 1\r\n200\n\x09\x0a",
        b"P5\r2 1\r200\r\x09\x0a",
        b"P5#none\n2 1 200\n\x09\x0a",
        b"P5\n# made by hand\n2 1\n# white\n200\n\x09\x0a",
        b"P5 # a # b\r 2 #\n#\n 1 200 \x09\x0a",
        b"P5\n2 1\n200# its line end is the delimiter\n\x09\x0a",
        b"P5\n2 1\n200# its line end is the delimiter\r\x09\x0a",
        b"P5\n2#ends the number\n1\n200\n\x09\x0a",
        b"P5 0002 01 00000000000000000000000000200 \x09\x0a",
    ];
    for bytes in spellings {
        let shown = bytes.escape_ascii();
        let image = decode(bytes, &Limits::default()).unwrap_or_else(|e| panic!("{shown}: {e}"));
        assert_eq!(
            (image.width(), image.height(), image.maxval()),
            (2, 1, 200),
            "{shown}"
        );
        assert_eq!(bytes_of(&image), [9, 10], "{shown}");
    }
}

#[test]
fn only_one_white_space_byte_is_taken_before_p5_samples() {
    for first in *b" \t\r\n#" {
        let image = decoded(&[b"P5 2 1 255\n", &[first, 7][..]].concat());
        assert_eq!(bytes_of(&image), [first, 7]);
    }
}

#[test]
fn p5_samples_above_255_are_two_bytes_the_most_significant_first() {
    let image = decoded(b"P5 2 1 256\n\x00\x01\x01\x00");
    assert_eq!(words_of(&image), [1, 256]);
    assert_eq!(
        words_of(&decoded(b"P5 2 1 65535\n\x12\x34\xff\xff")),
        [0x1234, 0xffff]
    );
}

#[test]
fn p2_numbers_are_split_by_any_white_space_and_comments() {
    let spellings: [&[u8]; 8] = [
        b"P2 3 2 255 0 1 22 255 4 5",
        b"P2\n3 2\n255\n0 1 22\n255 4 5\n",
        b"P2\r\n3 2\r\n255\r\n0 1 22\r\n255 4 5\r\n",
        b"P2\n3 2\n255\n0\n1\n22\n255\n4\n5\n\n\n",
        b"P2\n3 2\n255\n  0\t\t1   22 255                 4 5 \t",
        b"P2 3 2 255 # row by row\n0 1 22 # first\n255 4 5 # second",
        b"P2 3 2 255 0#no gap\n1 22 255 4 5#end\n",
        b"P2 3 2 255 00000000000 1 0000000000000000000000022 255 4 00005",
    ];
    for bytes in spellings {
        let shown = bytes.escape_ascii();
        let image = decode(bytes, &Limits::default()).unwrap_or_else(|e| panic!("{shown}: {e}"));
        assert_eq!((image.width(), image.height()), (3, 2), "{shown}");
        assert_eq!(bytes_of(&image), [0, 1, 22, 255, 4, 5], "{shown}");
    }
}

#[test]
fn p2_samples_above_255_are_16_bit() {
    let image = decoded(b"P2 4 1 65535 0 255 256 65535 ");
    assert_eq!(words_of(&image), [0, 255, 256, 65_535]);
}

#[test]
fn every_maxval_is_spread_over_the_full_range() {
    let image = decoded(b"P2 4 1 3 0 1 2 3");
    assert_eq!(*image.to_u8(), [0, 85, 170, 255]);
    assert_eq!(*image.to_u16(), [0, 21_845, 43_690, 65_535]);
    let image = decoded(b"P2 4 1 1000 0 1 500 1000");
    assert_eq!(*image.to_u8(), [0, 0, 128, 255]);
    assert_eq!(*image.to_u16(), [0, 66, 32_768, 65_535]);
    let image = decoded(b"P2 3 1 65535 0 257 65535");
    assert_eq!(*image.to_u8(), [0, 1, 255]);
}

#[test]
fn all_images_of_a_file_come_in_order() {
    let film = b"P5 1 1 255\n\x01P5 2 1 255\n\x02\x03P2 1 1 9\n 4 \nP5 1 1 300 \x01\x00";
    let all: Vec<_> = images(film, &Limits::default())
        .map(Result::unwrap)
        .collect();
    assert_eq!(all.len(), 4);
    assert_eq!(bytes_of(&all[0]), [1]);
    assert_eq!(bytes_of(&all[1]), [2, 3]);
    assert_eq!((all[2].maxval(), bytes_of(&all[2])), (9, &[4][..]));
    assert_eq!(words_of(&all[3]), [256]);
    assert_eq!(decoded(film), all[0], "decode gives the first");
}

#[test]
fn an_error_ends_the_iteration_with_its_place_in_the_file() {
    let film = b"P5 1 1 255\n\x01P5 2 1 255\n\x02";
    let mut all = images(film, &Limits::default());
    assert!(all.next().unwrap().is_ok());
    assert_eq!(all.next().unwrap().unwrap_err().offset(), film.len());
    assert!(all.next().is_none());
    assert!(all.next().is_none());
}

#[test]
fn a_graymap_is_checked_when_made() {
    assert!(Graymap::new(2, 1, 255, vec![0_u8, 1]).is_ok());
    assert!(Graymap::new(2, 2, 255, vec![0_u8, 1]).is_err());
    assert!(Graymap::new(0, 2, 255, vec![0_u8; 0]).is_err());
    assert!(Graymap::new(usize::MAX, 2, 255, vec![0_u8; 2]).is_err());
    assert!(Graymap::new(1, 1, 0, vec![0_u8]).is_err());
    assert!(Graymap::new(1, 1, 256, vec![0_u8]).is_err());
    assert!(Graymap::new(1, 1, 255, vec![0_u16]).is_err());
    assert!(Graymap::new(1, 1, 9, vec![10_u8]).is_err());
    assert!(Graymap::new(1, 1, 999, vec![1000_u16]).is_err());
}

/// libnetpbm takes the line end of a comment behind the maxval for the delimiter. Behind white space there is no comment:
/// what looks like one is pixels.
#[test]
fn a_comment_behind_the_maxval_ends_where_libnetpbm_says() {
    assert_eq!(bytes_of(&decoded(b"P5 2 1 255#c\n\n\x09")), [10, 9]);
    assert_eq!(bytes_of(&decoded(b"P5 2 1 255#c\r\n\x09")), [10, 9]);
    assert_eq!(bytes_of(&decoded(b"P5 2 1 255 #\n")), [b'#', 10]);
}

#[test]
fn white_space_behind_the_last_image_and_between_images_is_read() {
    for tail in [&b"\n"[..], b"\r\n", b" \t\n\n"] {
        let bytes = [b"P5 2 1 255\n\x01\x0d", tail].concat();
        assert_eq!(bytes_of(&decoded(&bytes)), [1, 13], "{tail:?}");
    }
    let film = b"P5 1 1 255\n\x01\nP5 1 1 255\n\x02\n\n";
    let found: Vec<u8> = images(film, &Limits::default())
        .flat_map(|image| bytes_of(&image.unwrap()).to_vec())
        .collect();
    assert_eq!(found, [1, 2]);
}
