//! What a file is, told from its first bytes and never from its name.

use std::fmt;

/// How many leading bytes tell a [`Content`].
const PREFIX: usize = 512;

/// An image format that [`is_image`] knows by its magic bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `P1`, a black-and-white bitmap in text.
    PlainPbm,
    /// `P2`, a graymap in text.
    PlainPgm,
    /// `P3`, a colour pixmap in text.
    PlainPpm,
    /// `P4`, a black-and-white bitmap in binary.
    RawPbm,
    /// `P5`, a graymap in binary.
    RawPgm,
    /// `P6`, a colour pixmap in binary.
    RawPpm,
    /// `P7`, a portable arbitrary map.
    Pam,
    /// `Pf` or `PF`, a portable map of floats.
    Pfm,
    /// Portable network graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF or BigTIFF.
    Tiff,
    /// WebP.
    WebP,
    /// HEIC or HEIF, as phones write it.
    Heic,
    /// AVIF.
    Avif,
    /// JPEG XL.
    JpegXl,
}

impl Format {
    /// `true` for the two kinds of PGM, which [`decode`](crate::decode()) takes.
    #[must_use]
    pub fn is_pgm(self) -> bool {
        matches!(self, Self::PlainPgm | Self::RawPgm)
    }

    /// `true` for the two kinds of PPM, the colour images that [`Raster::decode`](crate::Raster::decode) takes as well.
    #[must_use]
    pub fn is_ppm(self) -> bool {
        matches!(self, Self::PlainPpm | Self::RawPpm)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlainPbm => "P1 (plain PBM)",
            Self::PlainPgm => "P2 (plain PGM)",
            Self::PlainPpm => "P3 (plain PPM)",
            Self::RawPbm => "P4 (PBM)",
            Self::RawPgm => "P5 (PGM)",
            Self::RawPpm => "P6 (PPM)",
            Self::Pam => "P7 (PAM)",
            Self::Pfm => "PFM",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::JpegXl => "JPEG XL",
        })
    }
}

/// The image format that a file's first bytes announce, or `None`; 16 bytes are enough.
///
/// ```
/// use pgm_io::{Format, is_image};
///
/// assert_eq!(is_image(b"P5\n92 112\n255\n"), Some(Format::RawPgm));
/// assert_eq!(is_image(b"\x89PNG\r\n\x1a\n"), Some(Format::Png));
/// assert_eq!(is_image(b"path,subject\n"), None);
/// ```
#[must_use]
pub fn is_image(bytes_prefix: &[u8]) -> Option<Format> {
    match bytes_prefix {
        [b'P', kind, after, ..] if is_space(*after) || *after == b'#' => match kind {
            b'1' => Some(Format::PlainPbm),
            b'2' => Some(Format::PlainPgm),
            b'3' => Some(Format::PlainPpm),
            b'4' => Some(Format::RawPbm),
            b'5' => Some(Format::RawPgm),
            b'6' => Some(Format::RawPpm),
            b'7' => Some(Format::Pam),
            b'f' | b'F' => Some(Format::Pfm),
            _ => None,
        },
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        // The four reserved bytes tell a bitmap from a text that starts with "BM".
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Format::Bmp),
        [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Some(Format::Tiff),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(Format::WebP),
        [0xff, 0x0a, ..] => Some(Format::JpegXl),
        [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some(Format::JpegXl),
        [a, b, c, d, b'f', b't', b'y', b'p', brands @ ..] => {
            // The first field is the length of all of them and the eight bytes before.
            let length = u32::from_be_bytes([*a, *b, *c, *d]).saturating_sub(8) as usize;
            media_file(&brands[..brands.len().min(length)])
        }
        _ => None,
    }
}

/// The image format of a file of the ISO base media format (ISO/IEC 14496-12), by its brands: the major one, its version, and
/// those that it is compatible with. Films are of that format, too.
fn media_file(brands: &[u8]) -> Option<Format> {
    let (major, others) = brands.split_first_chunk()?;
    match major {
        b"avif" | b"avis" => Some(Format::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(Format::Heic),
        // "An image", in whichever coding the others name.
        b"mif1" | b"msf1" => {
            let mut others = others.as_chunks::<4>().0.iter();
            let is_avif = others.any(|brand| matches!(brand, b"avif" | b"avis"));
            Some(if is_avif { Format::Avif } else { Format::Heic })
        }
        _ => None,
    }
}

/// White space in the sense of the netpbm formats: blank, TAB, CR, LF.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What stands where a PGM was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Nothing: no bytes at all.
    Empty,
    /// Another image format.
    Image(Format),
    /// A web page, such as a server sends in place of a missing file.
    Html,
    /// A Git LFS pointer: the file itself was never fetched.
    LfsPointer,
    /// A zip or gzip archive.
    Archive,
    /// A PDF document.
    Pdf,
    /// A drawing of lines and shapes (SVG), which has no pixels.
    Svg,
    /// Some other text.
    Text,
    /// None of these.
    Unknown,
}

impl Content {
    /// Tells what `bytes` are from how they begin.
    ///
    /// ```
    /// use pgm_io::Content;
    ///
    /// assert_eq!(Content::of(b"<!doctype html><title>404"), Content::Html);
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let prefix = &bytes[..bytes.len().min(PREFIX)];
        if prefix.is_empty() {
            return Self::Empty;
        }
        if let Some(format) = is_image(prefix) {
            return Self::Image(format);
        }
        if prefix.starts_with(b"version https://git-lfs") {
            return Self::LfsPointer;
        }
        if prefix.starts_with(b"PK\x03\x04") || prefix.starts_with(b"\x1f\x8b") {
            return Self::Archive;
        }
        let start = prefix.trim_ascii_start();
        let begins = |tag: &[u8]| {
            start
                .get(..tag.len())
                .is_some_and(|s| s.eq_ignore_ascii_case(tag))
        };
        if begins(b"%PDF-") {
            return Self::Pdf;
        }
        let has_svg = start
            .windows(4)
            .any(|tag| tag.eq_ignore_ascii_case(b"<svg"));
        if begins(b"<svg") || (has_svg && (begins(b"<?xml") || begins(b"<!"))) {
            return Self::Svg;
        }
        if begins(b"<!doctype html") || begins(b"<html") {
            return Self::Html;
        }
        if is_text(prefix) {
            Self::Text
        } else {
            Self::Unknown
        }
    }

    /// What to do about it, as the end of a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Empty => "copy the file again",
            Self::Image(format) if format.is_ppm() => {
                "decode it with `Raster::decode`, which takes colours"
            }
            Self::Image(_) => "convert it to PGM",
            Self::Html => "the download failed: fetch the file again",
            Self::LfsPointer => "run `git lfs pull`",
            Self::Archive => "unpack it first",
            Self::Pdf => "render its pages to images first, as `pdftoppm` does",
            Self::Svg => "draw it to an image with pixels first, as `rsvg-convert` does",
            Self::Text | Self::Unknown => "check that this is the file you meant",
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty file"),
            Self::Image(format) => write!(f, "{format}"),
            Self::Html => f.write_str("an HTML page"),
            Self::LfsPointer => f.write_str("a Git LFS pointer"),
            Self::Archive => f.write_str("an archive"),
            Self::Pdf => f.write_str("a PDF document"),
            Self::Svg => f.write_str("an SVG drawing"),
            Self::Text => f.write_str("text"),
            Self::Unknown => f.write_str("unknown bytes"),
        }
    }
}

/// `true` for UTF-8 without control characters; the cut at the end may split a character.
fn is_text(prefix: &[u8]) -> bool {
    let text = match std::str::from_utf8(prefix) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&prefix[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|c| c.is_whitespace() || !c.is_control())
}
