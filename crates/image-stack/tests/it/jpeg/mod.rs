//! JPEG: whole files of every kind are read, and all others refused.

mod colour;
mod cut;
mod header;
mod odd;
mod smaller;

use image_stack::{Channels, Image, ReadError, Reading, Resize, read};

/// Files of kinds that the `image` crate does not write; `files/fixtures.py` wrote them. All are 37x29 (width x height).
const FILES: [(&str, &[u8]); 9] = [
    ("420", include_bytes!("files/420.jpg")),
    ("422", include_bytes!("files/422.jpg")),
    ("cmyk", CMYK),
    ("progressive", PROGRESSIVE),
    (
        "progressive-444",
        include_bytes!("files/progressive-444.jpg"),
    ),
    (
        "progressive-grey",
        include_bytes!("files/progressive-grey.jpg"),
    ),
    (
        "progressive-restarts",
        include_bytes!("files/progressive-restarts.jpg"),
    ),
    ("restarts", RESTARTS),
    ("rgb", include_bytes!("files/rgb.jpg")),
];
const CMYK: &[u8] = include_bytes!("files/cmyk.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("files/progressive.jpg");
const RESTARTS: &[u8] = include_bytes!("files/restarts.jpg");

fn decoded(bytes: &[u8]) -> Result<Image<'_>, ReadError> {
    read(bytes, &Reading::default())
}

/// Red, green and blue, one plane after another.
fn colours(image: &Image<'_>) -> Vec<u8> {
    let planes = image.planes(Channels::Rgb, Resize::None).unwrap();
    planes.into_raw_vec_and_offset().0
}

/// A marker with its length and what follows it.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, payload].concat()
}

/// The file with something put behind its first marker.
fn with(file: &[u8], segment: &[u8]) -> Vec<u8> {
    [&file[..2], segment, &file[2..]].concat()
}

/// Where segments with that marker begin. The files have no thumbnails.
fn places(file: &[u8], marker: u8) -> Vec<usize> {
    let found = file
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == [0xff, marker]);
    found.map(|(place, _)| place).collect()
}
