//! PNG, BMP, WebP and TIFF, through the `image` crate.

mod bmp;
mod fault;
mod header;
mod png;
mod tiff;
mod webp;

use std::error::Error;
use std::io::Cursor;

use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use pgm_io::{Channels, Format, RasterSamples};

use crate::alpha::{self, Colours, Opaque};
use crate::budget::PIXELS;
use crate::decoded::Decoded;
use crate::error::ReadError;
use crate::findings::Findings;
use crate::image::Image;
use crate::profile;
use crate::reading::{Background, Ink, Reading};

/// What a decoder may allocate for metadata and tables, whatever the image's size.
const FIXED_BYTES: u64 = 8 << 20;

/// Decodes a PNG, WebP, TIFF or BMP image.
pub(crate) fn decode(
    source: &[u8],
    format: Format,
    reading: &Reading,
) -> Result<Decoded<'static>, ReadError> {
    let foreign = |source: Box<dyn Error + Send + Sync>| ReadError::Foreign { format, source };
    let (header, known) = match format {
        Format::Png => (png::header(source), ImageFormat::Png),
        Format::WebP => (webp::header(source), ImageFormat::WebP),
        Format::Tiff => (tiff::header(source), ImageFormat::Tiff),
        _ => (bmp::header(source), ImageFormat::Bmp),
    };
    let header = header.map_err(|fault| foreign(Box::new(fault)))?;
    let within = reading.limits.check(header.width, header.height);
    within.map_err(|exceeded| ReadError::Limit { format, exceeded })?;

    let foreign = |error: ImageError| foreign(Box::new(error));
    let mut reader = ImageReader::with_format(Cursor::new(source), known);
    reader.limits(decoder_limits(header.width * header.height));
    let mut decoder = reader.into_decoder().map_err(foreign)?;
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(ReadError::Samples {
            format,
            found: format!("{:?}", decoder.original_color_type()),
        });
    }
    let profile = decoder.icc_profile().ok().flatten();
    // What the decoder gives, and as much again to work in.
    let memory = vec![PIXELS.take(decoder.total_bytes().saturating_mul(2))];
    let mut image = DynamicImage::from_decoder(decoder).map_err(foreign)?;
    if format == Format::Bmp {
        fill_empty_opacity(&mut image);
    }
    let image = opaque(image, header.colours, reading.background);
    let mut image = image.map_err(|found| ReadError::Samples {
        format,
        found: format!("{found:?}"),
    })?;
    image.findings.more_images = header.more_images;
    image.findings.foreign_profile = profile.is_some_and(|profile| profile::is_foreign(&profile));
    image.findings.unread_orientation = header.orientation.is_none();
    Ok(Decoded {
        ink: Ink::default(),
        image,
        orientation: header.orientation.unwrap_or_default(),
        memory,
    })
}

/// Makes an image opaque that is wholly transparent: bitmaps of 32 bits are written so by programs that know of no
/// opacity.
fn fill_empty_opacity(image: &mut DynamicImage) {
    if let DynamicImage::ImageRgba8(image) = image
        && image.pixels().all(|pixel| pixel.0[3] == 0)
    {
        image.pixels_mut().for_each(|pixel| pixel.0[3] = u8::MAX);
    }
}

/// The image without its opacity; the kind of its samples where they have no value for white.
fn opaque(
    image: DynamicImage,
    colours: Colours,
    background: Background,
) -> Result<Image<'static>, ColorType> {
    let size = (image.width() as usize, image.height() as usize);
    Ok(match image {
        DynamicImage::ImageLuma8(image) => of_bytes(size, known(Channels::Grey, image.into_raw())),
        DynamicImage::ImageRgb8(image) => of_bytes(size, known(Channels::Rgb, image.into_raw())),
        DynamicImage::ImageLumaA8(image) => {
            of_bytes(size, alpha::bytes::<2>(&image, colours, background))
        }
        DynamicImage::ImageRgba8(image) => {
            of_bytes(size, alpha::bytes::<4>(&image, colours, background))
        }
        DynamicImage::ImageLuma16(image) => of_words(size, known(Channels::Grey, image.into_raw())),
        DynamicImage::ImageRgb16(image) => of_words(size, known(Channels::Rgb, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => {
            of_words(size, alpha::words::<2>(&image, colours, background))
        }
        DynamicImage::ImageRgba16(image) => {
            of_words(size, alpha::words::<4>(&image, colours, background))
        }
        other => return Err(other.color()),
    })
}

/// Samples of an image that has no opacity.
fn known<T>(channels: Channels, samples: Vec<T>) -> Opaque<T> {
    Opaque {
        channels,
        samples,
        transparent: false,
    }
}

fn of_bytes(size: (usize, usize), opaque: Opaque<u8>) -> Image<'static> {
    let samples = RasterSamples::U8(opaque.samples.into());
    image_of(size, opaque.channels, samples, opaque.transparent)
}

fn of_words(size: (usize, usize), opaque: Opaque<u16>) -> Image<'static> {
    let samples = RasterSamples::U16(opaque.samples.into());
    image_of(size, opaque.channels, samples, opaque.transparent)
}

fn image_of(
    (width, height): (usize, usize),
    channels: Channels,
    samples: RasterSamples<'static>,
    transparent: bool,
) -> Image<'static> {
    Image {
        width,
        height,
        step: 1,
        maxval: match samples {
            RasterSamples::U8(_) => u8::MAX.into(),
            RasterSamples::U16(_) => u16::MAX,
        },
        channels,
        samples,
        findings: Findings {
            transparent,
            ..Findings::default()
        },
    }
}

/// What a decoder may allocate for an image of so many pixels: 16-bit RGBA, and as much again to work in. The sides are
/// checked by us, for an error that says which.
fn decoder_limits(pixels: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(pixels.saturating_mul(16).saturating_add(FIXED_BYTES));
    limits
}
