//! PNG, BMP, WebP and TIFF, through the `image` crate.

use std::io::Cursor;

use image::metadata::Orientation as Stored;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use pgm_io::{Channels, Format, Limits, RasterSamples};

use crate::alpha::{self, Colours, Opaque};
use crate::decoded::Decoded;
use crate::error::ReadError;
use crate::findings::Findings;
use crate::image::Image;
use crate::orientation::Orientation;
use crate::reading::{Background, Reading};
use crate::resize::Resize;

/// Bytes a pixel that a decoder may allocate: 16-bit RGBA, and as much again to work in.
const BYTES_PER_PIXEL: u64 = 16;
/// What a decoder may allocate besides, whatever the image's size.
const FIXED_BYTES: u64 = 1 << 20;

/// Decodes an image that is no portable map.
pub(crate) fn decode(
    source: &[u8],
    format: Format,
    reading: &Reading,
    resize: Resize,
) -> Result<Decoded<'static>, ReadError> {
    if format == Format::Jpeg {
        return crate::jpeg::decode(source, reading, resize);
    }
    let foreign = |error: ImageError| ReadError::Foreign {
        format,
        source: Box::new(error),
    };
    let limits = &reading.limits;
    let mut reader = ImageReader::new(Cursor::new(source));
    if let Some(known) = image_format(format) {
        reader.set_format(known);
    }
    reader.limits(decoder_limits(limits));
    let mut decoder = reader.into_decoder().map_err(foreign)?;

    let (width, height) = decoder.dimensions();
    limits
        .check(width.into(), height.into())
        .map_err(|exceeded| ReadError::Limit { format, exceeded })?;
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(ReadError::Samples {
            format,
            found: format!("{:?}", decoder.original_color_type()),
        });
    }

    let orientation = decoder.orientation().unwrap_or(Stored::NoTransforms);
    let orientation = Orientation::from_exif(orientation.to_exif().into()).unwrap_or_default();
    let image = DynamicImage::from_decoder(decoder).map_err(foreign)?;
    let image = opaque(image, reading.background).map_err(|found| ReadError::Samples {
        format,
        found: format!("{found:?}"),
    })?;
    Ok(Decoded { image, orientation })
}

/// The image without its opacity; the kind of its samples where they have no value for white.
fn opaque(image: DynamicImage, background: Background) -> Result<Image<'static>, ColorType> {
    let size = (image.width() as usize, image.height() as usize);
    let straight = Colours::Straight;
    Ok(match image {
        DynamicImage::ImageLuma8(image) => of_bytes(size, known(Channels::Grey, image.into_raw())),
        DynamicImage::ImageRgb8(image) => of_bytes(size, known(Channels::Rgb, image.into_raw())),
        DynamicImage::ImageLumaA8(image) => {
            of_bytes(size, alpha::bytes::<2>(&image, straight, background))
        }
        DynamicImage::ImageRgba8(image) => {
            of_bytes(size, alpha::bytes::<4>(&image, straight, background))
        }
        DynamicImage::ImageLuma16(image) => of_words(size, known(Channels::Grey, image.into_raw())),
        DynamicImage::ImageRgb16(image) => of_words(size, known(Channels::Rgb, image.into_raw())),
        DynamicImage::ImageLumaA16(image) => {
            of_words(size, alpha::words::<2>(&image, straight, background))
        }
        DynamicImage::ImageRgba16(image) => {
            of_words(size, alpha::words::<4>(&image, straight, background))
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

fn image_format(format: Format) -> Option<ImageFormat> {
    match format {
        Format::Png => Some(ImageFormat::Png),
        Format::Bmp => Some(ImageFormat::Bmp),
        Format::Tiff => Some(ImageFormat::Tiff),
        Format::WebP => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Our limits as a bound on what a decoder allocates. The sides are checked by us, for an error
/// that says which.
fn decoder_limits(limits: &Limits) -> image::Limits {
    let mut decoder_limits = image::Limits::no_limits();
    let pixels = limits.max_pixels as u64;
    decoder_limits.max_alloc = Some(
        pixels
            .saturating_mul(BYTES_PER_PIXEL)
            .saturating_add(FIXED_BYTES),
    );
    decoder_limits
}
