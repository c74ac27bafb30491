//! Which formats can be read.

use pgm_io::Format;

/// Whether [`read`](crate::read()) and all others of this crate take a format: PGM and PPM, and with the feature `formats`
/// also PNG, JPEG, BMP, WebP and TIFF.
///
/// ```
/// use image_stack::{is_image, is_readable};
///
/// assert!(is_image(b"P5\n92 112\n255\n").is_some_and(is_readable));
/// assert!(!is_image(b"GIF89a\x01\0").is_some_and(is_readable));
/// ```
#[must_use]
pub fn is_readable(format: Format) -> bool {
    format.is_pgm() || format.is_ppm() || (cfg!(feature = "formats") && needs_formats(format))
}

/// `true` for what the feature `formats` adds.
pub(crate) fn needs_formats(format: Format) -> bool {
    matches!(
        format,
        Format::Png | Format::Jpeg | Format::Bmp | Format::Tiff | Format::WebP
    )
}
