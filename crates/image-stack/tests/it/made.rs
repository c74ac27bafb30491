//! Files of every format, made byte by byte where no encoder at hand writes them.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb};
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype};

/// Columns and rows of [`picture`].
pub(crate) const SIDES: (u32, u32) = (60, 40);

/// A picture that fills some thousand bytes in every format.
pub(crate) fn picture() -> DynamicImage {
    image::ImageBuffer::from_fn(SIDES.0, SIDES.1, |x, y| {
        let noise = (x * 7919 + y * 104_729) % 251;
        Rgb([noise as u8, (4 * x) as u8, (6 * y) as u8])
    })
    .into()
}

pub(crate) fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

/// A chunk of a PNG file.
pub(crate) fn png_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&name[..], data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], &named, &crc32(&named).to_be_bytes()].concat()
}

/// A PNG file with more chunks behind its header.
pub(crate) fn png_with(chunks: &[u8]) -> Vec<u8> {
    let bytes = written(&picture(), ImageFormat::Png);
    let (header, rest) = bytes.split_at(33);
    [header, chunks, rest].concat()
}

/// A chunk of a WebP file.
pub(crate) fn webp_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u32).to_le_bytes();
    let fill = vec![0; data.len() % 2];
    [&name[..], &length, data, &fill].concat()
}

/// A WebP file of these chunks.
pub(crate) fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WEBP".to_vec(), chunks.concat()].concat();
    let length = (body.len() as u32).to_le_bytes();
    [&b"RIFF"[..], &length, &body].concat()
}

/// The extended header of a WebP file that holds the picture.
pub(crate) fn webp_canvas(flags: u8) -> Vec<u8> {
    let [width, height] = [SIDES.0 - 1, SIDES.1 - 1].map(u32::to_le_bytes);
    webp_chunk(
        b"VP8X",
        &[&[flags, 0, 0, 0], &width[..3], &height[..3]].concat(),
    )
}

/// The chunk that holds the picture, without loss.
pub(crate) fn webp_pixels() -> Vec<u8> {
    written(&picture(), ImageFormat::WebP)[12..].to_vec()
}

/// A WebP file of several frames, which all show the picture.
pub(crate) fn animated_webp(frames: usize) -> Vec<u8> {
    let [width, height] = [SIDES.0 - 1, SIDES.1 - 1].map(u32::to_le_bytes);
    // The last byte: what is transparent is not laid over the frame before.
    let place = [&[0; 6], &width[..3], &height[..3], &[100, 0, 0, 2]].concat();
    let frame = webp_chunk(b"ANMF", &[place, webp_pixels()].concat());
    let start = [webp_canvas(2), webp_chunk(b"ANIM", &[0; 6])];
    webp(&[&start[..], &vec![frame; frames]].concat())
}

/// Noise of 24x16 pixels as libwebp 1.6 (Pillow 12) writes it with loss, at quality 20.
pub(crate) const LOSSY_WEBP: &str = "52494646b20000005745425056503820a6000000b004009d012a180010003f3986b953af2925a2b00801\
    e027096c3b83afe0de4586123702b7fc0a0c4f2cdc4f64f800fedd0fb6cff7f428e4fb208429c3a67b5fede343a6154fd7c339bd8f7e69d7bc9\
    eea420eabba4bd7eee0ba508d5b49024ed1f9fb1661b32d4710b72eaaa00d83b94bbd4845b71c458328baf5aa668b6767358ca6916633a42895\
    9c0d3caad16305e37c0ad6391f0cec5eac2ac7e7464ec55ed609000000";
/// The same with an opacity that rises from top to bottom, at quality 5.
pub(crate) const LOSSY_WEBP_WITH_OPACITY: &str = "52494646c400000057454250565038580a000000100000001700000f0000414c504835\
    000000115f40a46d9ba287636f44c488c88190b6d5a490420a29a490420a294c610a5398df3b1f21a2ff69e8726062c98d832b1fbcf8e48f00\
    56503820680000009003009d012a180010003f99b6d05dbfaf29a4b00803f033096c009d2f00ecff027f62470000fed27dc5460bac6e647560\
    90e4bf7ea69d8d3040cb4004fc5f6705e31a14ffa6728414eeaebfea7914d7aff7dd6ed8fa3a3db4dc13b9c21fb2338d2222c30ee20000";

/// The bytes that pairs of hexadecimal digits stand for.
pub(crate) fn bytes_of(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

/// The picture as a TIFF file, its directory behind its pixels.
pub(crate) fn tiff(compression: Compression) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = TiffEncoder::new(Cursor::new(&mut bytes)).unwrap();
    let (image, (width, height)) = (picture(), SIDES);
    encoder
        .with_compression(compression)
        .write_image::<colortype::RGB8>(width, height, image.as_bytes())
        .unwrap();
    bytes
}

/// The picture as a BigTIFF file.
pub(crate) fn big_tiff() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = TiffEncoder::new_big(Cursor::new(&mut bytes)).unwrap();
    let (image, (width, height)) = (picture(), SIDES);
    let written = encoder.write_image::<colortype::RGB8>(width, height, image.as_bytes());
    written.unwrap();
    bytes
}

pub(crate) fn deflated_tiff() -> Vec<u8> {
    tiff(Compression::Deflate(DeflateLevel::Balanced))
}

/// An entry of a TIFF directory: tag, type (3 for 16 bits, 4 for 32), one value.
pub(crate) type TiffEntry = (u16, u16, u32);

/// A grey TIFF file whose directories come first, each with a picture of 30x20 pixels; the first with more entries.
pub(crate) fn tiff_with(more: &[TiffEntry], pages: &[TiffEntry]) -> Vec<u8> {
    let (width, height) = (30_u32, 20_u32);
    let directory = |at: u32, pixels: u32, more: &[TiffEntry], is_last: bool| {
        let mut entries = vec![
            (256, 3, width),
            (257, 3, height),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, pixels),
            (277, 3, 1),
            (278, 3, height),
            (279, 4, width * height),
        ];
        entries.retain(|entry| more.iter().all(|other| other.0 != entry.0));
        entries.extend(more);
        entries.sort_unstable();
        let mut bytes = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, value) in &entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        let next = at + bytes.len() as u32 + 4;
        bytes.extend(if is_last { 0 } else { next }.to_le_bytes());
        bytes
    };
    // As long as the last one is known, all places are.
    let lay_out = |pixels: u32| {
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        let first = (more, pages.is_empty());
        let others = pages.iter().enumerate();
        let others = others.map(|(i, page)| (std::slice::from_ref(page), i + 1 == pages.len()));
        for (more, is_last) in std::iter::once(first).chain(others) {
            bytes.extend(directory(bytes.len() as u32, pixels, more, is_last));
        }
        bytes
    };
    let length = lay_out(0).len() as u32;
    let pixels = (0..width * height).map(|i| (i * 7 % 256) as u8);
    lay_out(length).into_iter().chain(pixels).collect()
}

/// A bitmap of 8 bits a pixel and 16x2 pixels, with a grey palette; the pixels in runs that end so.
pub(crate) fn run_length_bmp(end: &[u8]) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|grey| [grey, grey, grey, 0]).collect();
    // Fifteen of one colour and one of another; then four as they are, and twelve of a colour.
    let runs = [&[15, 9, 1, 200, 0, 0][..], &[0, 4, 1, 2, 3, 4, 12, 77], end].concat();
    bmp(16, 2, 8, 1, &palette, &runs)
}

/// A bitmap with a header of 40 bytes.
pub(crate) fn bmp(
    width: i32,
    height: i32,
    bits: u16,
    compression: u32,
    palette: &[u8],
    pixels: &[u8],
) -> Vec<u8> {
    let start = 54 + palette.len() as u32;
    let mut bytes = b"BM".to_vec();
    bytes.extend((start + pixels.len() as u32).to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(start.to_le_bytes());
    bytes.extend(40_u32.to_le_bytes());
    bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
    bytes.extend([1_u16.to_le_bytes(), bits.to_le_bytes()].concat());
    bytes.extend(compression.to_le_bytes());
    bytes.extend([0; 20]);
    bytes.extend(palette);
    bytes.extend(pixels);
    bytes
}

/// Whole files of every kind, and how many of their last bytes only fill them up.
pub(crate) fn whole() -> Vec<(&'static str, Vec<u8>, usize)> {
    let mut jpeg = Vec::new();
    picture()
        .write_with_encoder(JpegEncoder::new(&mut jpeg))
        .unwrap();
    vec![
        ("JPEG", jpeg, 0),
        ("PNG", written(&picture(), ImageFormat::Png), 0),
        (
            "WebP without loss",
            written(&picture(), ImageFormat::WebP),
            1,
        ),
        ("WebP with loss", bytes_of(LOSSY_WEBP), 1),
        ("WebP with opacity", bytes_of(LOSSY_WEBP_WITH_OPACITY), 1),
        ("animated WebP", animated_webp(3), 1),
        ("TIFF", tiff(Compression::Uncompressed), 0),
        ("TIFF, LZW", tiff(Compression::Lzw), 0),
        ("TIFF, Packbits", tiff(Compression::Packbits), 0),
        ("TIFF, Deflate", deflated_tiff(), 0),
        ("BigTIFF", big_tiff(), 0),
        ("TIFF, pixels last", tiff_with(&[], &[]), 0),
        ("BMP", written(&picture(), ImageFormat::Bmp), 0),
        ("BMP, runs", run_length_bmp(&[0, 1]), 2),
    ]
}
