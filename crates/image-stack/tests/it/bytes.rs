//! Images that are in memory: uploads, parts of an archive.
use std::error::Error;
use std::fs;

use image_stack::{
    Channels, Content, FileError, Limits, PlaneReader, ReadError, Reading, Resize, StackError,
    decode_planes, open, read,
};

/// A picture in colour of 6 x 4 pixels.
fn picture() -> Vec<u8> {
    let samples = (0..72).map(|k| (k * 37 % 251) as u8);
    [b"P6 6 4 255 ".to_vec(), samples.collect()].concat()
}

const SIZES: [Resize; 3] = [
    Resize::None,
    Resize::Stride(2),
    Resize::Area {
        height: 3,
        width: 5,
    },
];

fn refused(bytes: &[u8]) -> ReadError {
    read(bytes, &Reading::default()).unwrap_err()
}

#[test]
fn bytes_become_what_the_file_of_them_becomes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1");
    let bytes = picture();
    fs::write(&path, &bytes).unwrap();
    let reading = Reading::default();
    assert_eq!(
        read(&bytes, &reading).unwrap(),
        open(&path, &reading).unwrap()
    );
    for channels in [Channels::Grey, Channels::Rgb] {
        for resize in SIZES {
            let stack = decode_planes(&[&path], channels, resize, &reading)
                .unwrap()
                .pixels;
            let image = read(&bytes, &reading).unwrap();
            let planes = image.planes(channels, resize).unwrap();
            assert_eq!(stack.shape()[1..], *planes.shape());
            assert!(stack.iter().eq(&planes), "{channels:?}, {resize:?}");

            let reader = PlaneReader::of_size([4, 6], channels, resize, &reading).unwrap();
            assert_eq!(reader.shape(), *planes.shape());
            let mut out = vec![0; planes.len()];
            reader.read_bytes(&bytes, &mut out).unwrap();
            assert_eq!(planes.as_slice(), Some(&*out));
        }
    }
}

#[cfg(feature = "formats")]
#[test]
fn a_png_in_memory_needs_no_name() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_fn(3, 2, |x, y| image::Luma([(x * 10 + y) as u8]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    let bytes = bytes.into_inner();
    let image = read(&bytes, &Reading::default()).unwrap();
    let planes = image.planes(Channels::Rgb, Resize::None).unwrap();
    assert_eq!(planes.shape(), [3, 2, 3]);
    assert!(planes.into_iter().eq([0, 10, 20, 1, 11, 21].repeat(3)));
    assert!(matches!(
        refused(&bytes[..20]),
        ReadError::Foreign {
            format: image_stack::Format::Png,
            ..
        }
    ));
}

#[test]
fn what_is_no_image_is_named_with_what_to_do() {
    let page = refused(b"<html><body>404");
    assert!(matches!(
        page,
        ReadError::NotReadable {
            found: Content::Html
        }
    ));
    let all = if cfg!(feature = "formats") {
        "PNG, JPEG, WebP, TIFF, BMP, PGM or PPM"
    } else {
        "PGM or PPM"
    };
    assert_eq!(
        page.to_string(),
        format!(
            "expected a {all} image, found an HTML page; the download failed: fetch the file again"
        )
    );
    let gif = refused(b"GIF89a\x01\0").to_string();
    assert!(gif.contains("found GIF; save the frame"), "{gif}");
    assert!(matches!(
        refused(b""),
        ReadError::NotReadable {
            found: Content::Empty
        }
    ));
    // A damaged graymap is still one.
    assert!(matches!(refused(b"P5 2 1 255 a"), ReadError::Decode(_)));
}

#[cfg(not(feature = "formats"))]
#[test]
fn without_formats_a_png_says_how_to_read_it() {
    let text = refused(b"\x89PNG\r\n\x1a\n").to_string();
    assert!(
        text.ends_with("or build with the feature `formats`"),
        "{text}"
    );
}

#[test]
fn a_caller_gives_the_error_a_name() {
    let error = FileError::new("upload 3", refused(b"P5 2 1 255 a"));
    assert!(
        error.to_string().starts_with("upload 3: byte 12: expected"),
        "{error}"
    );
    assert!(error.source().is_some());
}

#[test]
fn sizes_that_cannot_be_are_errors() {
    let bytes = picture();
    let image = read(&bytes, &Reading::default()).unwrap();
    assert!(matches!(
        image.planes(Channels::Grey, Resize::Stride(0)),
        Err(StackError::ZeroResize { .. })
    ));
    let absurd = Resize::Area {
        height: usize::MAX,
        width: 2,
    };
    assert!(matches!(
        image.planes(Channels::Grey, absurd),
        Err(StackError::Memory { images: 1, .. })
    ));
    let reading = Reading::default();
    assert!(PlaneReader::of_size([1, 1], Channels::Grey, absurd, &reading).is_err());

    let reader = PlaneReader::of_size([6, 4], Channels::Grey, Resize::None, &reading).unwrap();
    let error = reader.read_bytes(&bytes, &mut [0; 24]).unwrap_err();
    assert!(matches!(
        error,
        ReadError::Size {
            expected: (4, 6),
            found: (6, 4)
        }
    ));
}

#[test]
fn limits_hold_for_bytes_but_that_of_a_file() {
    let bytes = picture();
    assert!(read(&bytes, &Limits::new().with_max_width(5).into()).is_err());
    assert!(read(&bytes, &Limits::new().with_max_file_bytes(3).into()).is_ok());
}

#[cfg(feature = "formats")]
#[test]
fn what_is_not_read_is_named_with_what_to_do() {
    for (bytes, named, to_do) in [
        (
            &b"\0\0\0\x18ftypheic\0\0\0\0mif1"[..],
            "HEIC",
            "heif-convert",
        ),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF", "avifdec"),
        (b"\xff\x0a\x7f\x02", "JPEG XL", "djxl"),
        (b"GIF89a\x01\0", "GIF", "PNG"),
        (b"%PDF-1.7\n", "a PDF document", "pdftoppm"),
        (b"<svg xmlns='x'>", "an SVG drawing", "rsvg-convert"),
    ] {
        let message = refused(bytes).to_string();
        assert!(message.contains(&format!("found {named}; ")), "{message}");
        assert!(message.contains(to_do), "{message}");
    }
}
