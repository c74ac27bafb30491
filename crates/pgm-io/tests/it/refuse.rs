//! Files that must be refused, and with what words.
use pgm_io::{
    Content, DecodeError, Exceeded, Format, Limits, Measure, Token, Unit, decode, is_image,
};

fn refused(bytes: &[u8]) -> DecodeError {
    match decode(bytes, &Limits::default()) {
        Ok(image) => panic!("{} was decoded to {image:?}", bytes.escape_ascii()),
        Err(error) => error,
    }
}

#[test]
fn what_is_no_pgm_is_named() {
    let samples: [(&[u8], Content); 32] = [
        (b"", Content::Empty),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            Content::Image(Format::Png),
        ),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Content::Image(Format::Jpeg)),
        (b"GIF89a\x01\0", Content::Image(Format::Gif)),
        (b"BM\x46\0\0\0\0\0\0\0\x36", Content::Image(Format::Bmp)),
        (b"II*\0\x08\0\0\0", Content::Image(Format::Tiff)),
        (b"MM\0*\0\0\0\x08", Content::Image(Format::Tiff)),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Content::Image(Format::WebP)),
        (b"\0\0\0\x18ftypheic\0\0\0\0", Content::Image(Format::Heic)),
        (b"\0\0\0\x1cftypavif\0\0\0\0", Content::Image(Format::Avif)),
        (
            b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
            Content::Image(Format::Heic),
        ),
        (
            b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif",
            Content::Image(Format::Avif),
        ),
        (
            b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif",
            Content::Image(Format::Heic),
        ),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", Content::Unknown),
        (b"\xff\x0a\x7f\x02", Content::Image(Format::JpegXl)),
        (b"\0\0\0\x0cJXL \r\n\x87\n", Content::Image(Format::JpegXl)),
        (b"%PDF-1.7\n", Content::Pdf),
        (b"<svg xmlns=\"x\">", Content::Svg),
        (b"<?xml version=\"1.0\"?>\n<!-- x -->\n<svg>", Content::Svg),
        (b"P1\n2 2\n0 1 1 0\n", Content::Image(Format::PlainPbm)),
        (b"P3\n1 1\n255\n0 0 0\n", Content::Image(Format::PlainPpm)),
        (b"P4\n8 1\n\xaa", Content::Image(Format::RawPbm)),
        (b"P6 1 1 255 abc", Content::Image(Format::RawPpm)),
        (b"P7\nWIDTH 1\n", Content::Image(Format::Pam)),
        (b"Pf\n1 1\n-1.0\n\0\0\0\0", Content::Image(Format::Pfm)),
        (b"PF\n1 1\n-1.0\n", Content::Image(Format::Pfm)),
        (b"\n<!DOCTYPE HTML><html>", Content::Html),
        (b"<html><body>404", Content::Html),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            Content::LfsPointer,
        ),
        (b"PK\x03\x04\x14\0", Content::Archive),
        ("BMW drive \u{e9}t\u{e9}".as_bytes(), Content::Text),
        (b"\0\x01\x02\x03", Content::Unknown),
    ];
    for (bytes, found) in samples {
        let error = refused(bytes);
        assert_eq!(
            error,
            DecodeError::NotPgm { found },
            "{}",
            bytes.escape_ascii()
        );
        assert!(error.to_string().contains(&found.to_string()));
        let format = match found {
            Content::Image(format) => Some(format),
            _ => None,
        };
        assert_eq!(is_image(bytes), format);
    }
}

#[test]
fn a_header_is_refused_at_the_byte_that_breaks_it() {
    let end = |offset, expected| DecodeError::HeaderEnd { offset, expected };
    let bad = |offset, expected, found| DecodeError::Header {
        offset,
        expected,
        found,
    };
    let samples: [(&[u8], DecodeError); 14] = [
        (b"P5", end(2, Token::MagicEnd)),
        (b"P5x", bad(2, Token::MagicEnd, b'x')),
        (b"P52 2 255\n", bad(2, Token::MagicEnd, b'2')),
        (b"P5\n", end(3, Token::Width)),
        (b"P5\n# endless", end(12, Token::Width)),
        (b"P5\n-1 2 255\n", bad(3, Token::Width, b'-')),
        (b"P5\n12", end(5, Token::Height)),
        (b"P5\n1x2 255\n", bad(4, Token::Height, b'x')),
        (b"P5\n1 2\n", end(7, Token::Maxval)),
        (b"P5\n1 2\n1.0\n", bad(8, Token::Delimiter, b'.')),
        (b"P5\n1 2\n255", end(10, Token::Delimiter)),
        (b"P5\n1 2\n255# endless", end(19, Token::Delimiter)),
        (b"P2\n1 2\n255x", bad(10, Token::Delimiter, b'x')),
        (b"P5\n1 2\n\xff", bad(7, Token::Maxval, 0xff)),
    ];
    for (bytes, error) in samples {
        assert_eq!(refused(bytes), error, "{}", bytes.escape_ascii());
    }
}

#[test]
fn numbers_in_the_header_are_bounded() {
    let over = |offset, number| DecodeError::HeaderOverflow { offset, number };
    assert_eq!(
        refused(b"P5 18446744073709551616 1 255 "),
        over(3, Token::Width)
    );
    assert_eq!(
        refused(b"P5 1 99999999999999999999999 255 "),
        over(5, Token::Height)
    );
    assert_eq!(
        refused(b"P5 1 1 99999999999999999999999 "),
        over(7, Token::Maxval)
    );
    let zero = |offset, side| DecodeError::ZeroSize { offset, side };
    assert_eq!(refused(b"P5 0 1 255 "), zero(3, Token::Width));
    assert_eq!(refused(b"P2 1 000 255 "), zero(5, Token::Height));
    let maxval = |found| DecodeError::Maxval { offset: 7, found };
    assert_eq!(refused(b"P5 1 1 0 \x00"), maxval(0));
    assert_eq!(refused(b"P5 1 1 65536 \x00\x00"), maxval(65_536));
    assert_eq!(refused(b"P2 1 1 18446744073709551615 0"), maxval(u64::MAX));
}

#[test]
fn each_limit_is_kept_and_named() {
    let limits = Limits::new()
        .with_max_width(100)
        .with_max_height(50)
        .with_max_pixels(1000);
    let limit = |measure, limit, found| DecodeError::Limit {
        offset: 3,
        exceeded: Exceeded {
            measure,
            limit,
            found,
        },
    };
    let samples: [(&[u8], DecodeError); 4] = [
        (b"P5 101 1 255 ", limit(Measure::Width, 100, 101)),
        (b"P5 1 51 255 ", limit(Measure::Height, 50, 51)),
        (b"P2 40 26 255 ", limit(Measure::Pixels, 1000, 1040)),
        (
            b"P5 18446744073709551615 2 255 ",
            limit(Measure::Width, 100, u64::MAX),
        ),
    ];
    for (bytes, error) in samples {
        let found = decode(bytes, &limits).unwrap_err();
        assert_eq!(found, error, "{}", bytes.escape_ascii());
        assert!(found.to_string().contains("raise `Limits::max_"));
    }
    let at_the_limit = [b"P5 40 25 255 ".as_slice(), &[0; 1000]].concat();
    assert!(decode(&at_the_limit, &limits).is_ok());
    let none = Limits::new()
        .with_max_width(usize::MAX)
        .with_max_height(usize::MAX)
        .with_max_pixels(usize::MAX);
    for text in [
        "P5 4294967296 4294967296 255 ",
        "P5 9223372036854775807 2 65535 ",
    ] {
        assert!(
            decode(text.as_bytes(), &none).is_err(),
            "the product must not wrap around"
        );
    }
}

#[test]
fn missing_samples_are_counted() {
    let short = |offset, unit, expected, found| DecodeError::Truncated {
        offset,
        unit,
        expected,
        found,
    };
    assert_eq!(
        refused(b"P5 2 2 255\n\x01\x02\x03"),
        short(14, Unit::Bytes, 4, 3)
    );
    assert_eq!(
        refused(b"P5 2 2 256\n\x01\x02\x00"),
        short(14, Unit::Bytes, 8, 3)
    );
    assert_eq!(refused(b"P5 2 2 255\n"), short(11, Unit::Bytes, 4, 0));
    assert_eq!(
        refused(b"P2 2 2 255\n1 2 3\n"),
        short(17, Unit::Numbers, 4, 3)
    );
    assert_eq!(refused(b"P2 2 2 255"), short(10, Unit::Numbers, 4, 0));
}

#[test]
fn samples_over_the_maxval_are_placed() {
    let over = |offset, index, maxval, found| DecodeError::Sample {
        offset,
        index,
        maxval,
        found,
    };
    assert_eq!(refused(b"P5 3 1 99\n\x01\x63\x64"), over(12, 2, 99, 100));
    assert_eq!(
        refused(b"P5 2 1 999\n\x03\xe7\x03\xe8"),
        over(13, 1, 999, 1000)
    );
    assert_eq!(refused(b"P2 3 1 99\n1 99   100 "), over(17, 2, 99, 100));
    assert_eq!(
        refused(b"P2 1 1 255 99999999999999999999999"),
        over(11, 0, 255, u64::MAX)
    );
    assert_eq!(
        refused(b"P2 1 1 65535 65536             "),
        over(13, 0, 65_535, 65_536)
    );
}

#[test]
fn p2_text_that_is_no_number_is_placed() {
    let text = |offset, index, found| DecodeError::SampleText {
        offset,
        index,
        found,
    };
    assert_eq!(refused(b"P2 2 1 255\n1 x        "), text(13, 1, b'x'));
    assert_eq!(refused(b"P2 2 1 255\n1,2        "), text(12, 0, b','));
    assert_eq!(refused(b"P2 2 1 255\n-1 2"), text(11, 0, b'-'));
    assert_eq!(refused(b"P2 1 1 255\n1x"), text(12, 0, b'x'));
}

#[test]
fn bytes_behind_the_image_are_refused() {
    let more = |offset, count, found| DecodeError::TrailingBytes {
        offset,
        count,
        found,
    };
    assert_eq!(refused(b"P5 1 1 255\n\x01\x02\x03"), more(12, 2, 2));
    assert_eq!(refused(b"P5 1 1 255\n\x01\n\x02"), more(13, 1, 2));
    assert_eq!(
        refused(b"P5 1 1 255\n\x01P6 1 1 255\nabc"),
        more(12, 14, b'P')
    );
    assert_eq!(refused(b"P2 2 1 255\n1 2 3\n"), more(15, 2, b'3'));
}

/// What a text-mode checkout does: every LF, CR and CR LF becomes CR LF.
fn mangle(bytes: &[u8]) -> Vec<u8> {
    let mut mangled = Vec::new();
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\r' | b'\n' => {
                mangled.extend_from_slice(b"\r\n");
                if byte == b'\r' && rest.first() == Some(&b'\n') {
                    rest = &rest[1..];
                }
            }
            _ => mangled.push(byte),
        }
    }
    mangled
}

#[test]
fn text_mode_mangling_is_named_whatever_the_pixels_were() {
    let text_mode = |expected, found, collapsed| DecodeError::TextMode {
        offset: 2,
        expected,
        found,
        collapsed,
    };
    // A pixel that was LF, one that was CR, both in a row, and none.
    assert_eq!(
        refused(&mangle(b"P5\n3 1\n255\n\x01\n\x02")),
        text_mode(3, 4, 3)
    );
    assert_eq!(
        refused(&mangle(b"P5\n3 1\n255\n\x01\r\x02")),
        text_mode(3, 4, 3)
    );
    assert_eq!(
        refused(&mangle(b"P5\n3 1\n255\n\r\n\n")),
        text_mode(3, 4, 2)
    );
    assert_eq!(
        refused(&mangle(b"P5\n3 1\n255\n\x01\x03\x02")),
        text_mode(3, 3, 3)
    );
    assert_eq!(
        refused(&mangle(b"P5\n1 1\n256\n\x01\n"))
            .to_string()
            .find("CRLF"),
        Some(19)
    );
    assert_eq!(
        refused(&mangle(b"P5\n# made by\n3 1\n255\n\x01\n\x02")).offset(),
        2
    );
}

#[test]
fn text_mode_mangling_is_named_without_a_line_end_in_the_header() {
    let error = refused(&mangle(b"P5 3 1 255 \x01\n\x02"));
    let expected = DecodeError::TextMode {
        offset: 12,
        expected: 3,
        found: 4,
        collapsed: 3,
    };
    assert_eq!(error, expected);
}

#[test]
fn a_mangled_file_cut_to_its_right_length_is_not_read_with_every_pixel_shifted() {
    let mut bytes = mangle(b"P5\n3 1\n255\n\x01\x03\x02");
    bytes.pop();
    assert!(matches!(
        refused(&bytes),
        DecodeError::TextMode { found: 2, .. }
    ));
}

#[test]
fn every_error_says_where_what_and_what_to_do() {
    let samples: [&[u8]; 12] = [
        b"",
        b"P6 1 1 255 abc",
        b"P5\n",
        b"P5 x",
        b"P5 99999999999999999999 1 255 ",
        b"P5 0 1 255 ",
        b"P5 1 1 0 ",
        b"P5 99999 1 255 ",
        b"P5 1 1 255 ",
        b"P5 1 1 1 \x02",
        b"P2 1 1 1 y",
        b"P5 1 1 1 \x01\x02",
    ];
    for bytes in samples {
        let error = refused(bytes);
        let message = error.to_string();
        let place = format!("byte {}: expected ", error.offset());
        assert!(message.starts_with(&place), "{message}");
        assert!(
            message.contains(", found ") && message.contains("; "),
            "{message}"
        );
    }
}
