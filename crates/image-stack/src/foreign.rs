//! PNG, JPEG, BMP, WebP and TIFF, through the `image` crate.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use pgm_io::{Channels, Format, Limits, RasterSamples};

use crate::error::ReadError;
use crate::image::Image;

/// Bytes a pixel that a decoder may allocate: 16-bit RGBA, and as much again to work in.
const BYTES_PER_PIXEL: u64 = 16;
/// What a decoder may allocate besides, whatever the image's size.
const FIXED_BYTES: u64 = 1 << 20;

/// Decodes an image that is no portable map.
pub(crate) fn decode(
    source: &[u8],
    format: Format,
    limits: &Limits,
) -> Result<Image<'static>, ReadError> {
    let foreign = |error: ImageError| ReadError::Foreign {
        format,
        source: Box::new(error),
    };
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

    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(foreign)?;
    image.apply_orientation(orientation);
    let (width, height) = (image.width() as usize, image.height() as usize);
    // Alpha, the last of a pixel's channels, is left out.
    let (channels, samples) = match image {
        DynamicImage::ImageLuma8(image) => (Channels::Grey, bytes(image.into_raw())),
        DynamicImage::ImageLumaA8(image) => (
            Channels::Grey,
            bytes(image.pixels().map(|p| p.0[0]).collect()),
        ),
        DynamicImage::ImageRgb8(image) => (Channels::Rgb, bytes(image.into_raw())),
        DynamicImage::ImageRgba8(image) => (
            Channels::Rgb,
            bytes(
                image
                    .pixels()
                    .flat_map(|p| [p.0[0], p.0[1], p.0[2]])
                    .collect(),
            ),
        ),
        DynamicImage::ImageLuma16(image) => (Channels::Grey, words(image.into_raw())),
        DynamicImage::ImageLumaA16(image) => (
            Channels::Grey,
            words(image.pixels().map(|p| p.0[0]).collect()),
        ),
        DynamicImage::ImageRgb16(image) => (Channels::Rgb, words(image.into_raw())),
        DynamicImage::ImageRgba16(image) => (
            Channels::Rgb,
            words(
                image
                    .pixels()
                    .flat_map(|p| [p.0[0], p.0[1], p.0[2]])
                    .collect(),
            ),
        ),
        other => {
            return Err(ReadError::Samples {
                format,
                found: format!("{:?}", other.color()),
            });
        }
    };
    Ok(Image {
        width,
        height,
        maxval: match samples {
            RasterSamples::U8(_) => u8::MAX.into(),
            RasterSamples::U16(_) => u16::MAX,
        },
        channels,
        samples,
    })
}

fn bytes(samples: Vec<u8>) -> RasterSamples<'static> {
    RasterSamples::U8(samples.into())
}

fn words(samples: Vec<u16>) -> RasterSamples<'static> {
    RasterSamples::U16(samples.into())
}

fn image_format(format: Format) -> Option<ImageFormat> {
    match format {
        Format::Png => Some(ImageFormat::Png),
        Format::Jpeg => Some(ImageFormat::Jpeg),
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
