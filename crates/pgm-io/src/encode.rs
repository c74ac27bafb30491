//! Graymaps in, bytes out.

use crate::graymap::{Graymap, Samples};
use crate::header::Encoding;

/// Longest line that the P2 format asks for, in bytes without its line end.
const LINE: usize = 70;

/// Writes an image as P2 or P5, with its own maxval and samples; [`decode`](crate::decode()) gives
/// the same image back. Several results one after the other are a valid file of several images.
///
/// ```
/// use pgm_io::{Encoding, Graymap, encode};
///
/// let image = Graymap::new(2, 2, 255, vec![0_u8, 1, 2, 255])?;
/// assert_eq!(encode(&image, Encoding::Plain), b"P2\n2 2\n255\n0 1\n2 255\n");
/// assert_eq!(encode(&image, Encoding::Raw), b"P5\n2 2\n255\n\x00\x01\x02\xff");
/// # Ok::<(), pgm_io::GraymapError>(())
/// ```
#[must_use]
pub fn encode(image: &Graymap, encoding: Encoding) -> Vec<u8> {
    let magic = match encoding {
        Encoding::Plain => "P2",
        Encoding::Raw => "P5",
    };
    let (width, height, maxval) = (image.width(), image.height(), image.maxval());
    let mut bytes = format!("{magic}\n{width} {height}\n{maxval}\n").into_bytes();
    match (encoding, image.samples()) {
        (Encoding::Raw, Samples::U8(samples)) => bytes.extend_from_slice(samples),
        (Encoding::Raw, Samples::U16(samples)) => {
            bytes.extend(samples.iter().flat_map(|sample| sample.to_be_bytes()));
        }
        (Encoding::Plain, Samples::U8(samples)) => write_rows(&mut bytes, samples, width),
        (Encoding::Plain, Samples::U16(samples)) => write_rows(&mut bytes, samples, width),
    }
    bytes
}

/// Writes each row on lines of its own.
fn write_rows<T: Copy + Into<u16>>(bytes: &mut Vec<u8>, samples: &[T], width: usize) {
    for row in samples.chunks_exact(width) {
        let mut line_start = bytes.len();
        for &sample in row {
            let mut buffer = [0; 5];
            let digits = decimal(sample.into(), &mut buffer);
            if bytes.len() > line_start {
                if bytes.len() + 1 + digits.len() - line_start > LINE {
                    bytes.push(b'\n');
                    line_start = bytes.len();
                } else {
                    bytes.push(b' ');
                }
            }
            bytes.extend_from_slice(digits);
        }
        bytes.push(b'\n');
    }
}

/// The decimal digits of a sample.
fn decimal(mut value: u16, buffer: &mut [u8; 5]) -> &[u8] {
    let mut start = buffer.len();
    loop {
        start -= 1;
        buffer[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return &buffer[start..];
        }
    }
}
