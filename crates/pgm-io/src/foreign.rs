//! PNG, JPEG, BMP, WebP and TIFF, through the `image` crate.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use crate::file_error::ReadError;
use crate::format::Format;
use crate::graymap::{Graymap, Samples};
use crate::limits::{Exceeded, Limits};

/// Bytes a pixel that a decoder may allocate: 16-bit RGBA, and as much again to work in.
const BYTES_PER_PIXEL: u64 = 16;
/// What a decoder may allocate besides, whatever the image's size.
const FIXED_BYTES: u64 = 1 << 20;

/// Decodes an image that is no PGM to grey, see [`read`](crate::read()) for how.
pub(crate) fn decode(bytes: &[u8], format: Format, limits: &Limits) -> Result<Graymap, ReadError> {
    let foreign = |source| ReadError::Foreign { format, source };
    let mut reader = ImageReader::new(Cursor::new(bytes));
    if let Some(known) = image_format(format) {
        reader.set_format(known);
    }
    reader.limits(decoder_limits(limits));
    let mut decoder = reader.into_decoder().map_err(foreign)?;

    let (width, height) = decoder.dimensions();
    limits
        .check(width.into(), height.into())
        .map_err(|exceeded| {
            let Exceeded {
                measure,
                limit,
                found,
            } = exceeded;
            ReadError::Limit {
                format,
                measure,
                limit,
                found,
            }
        })?;
    if matches!(decoder.color_type(), ColorType::Rgb32F | ColorType::Rgba32F) {
        return Err(ReadError::Samples {
            format,
            found: decoder.original_color_type(),
        });
    }

    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(foreign)?;
    image.apply_orientation(orientation);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let bytes = |samples| Ok(Graymap::checked(width, height, 255, Samples::U8(samples)));
    let words = |samples| {
        Ok(Graymap::checked(
            width,
            height,
            u16::MAX,
            Samples::U16(samples),
        ))
    };
    match image {
        DynamicImage::ImageLuma8(image) => bytes(image.into_raw()),
        DynamicImage::ImageLumaA8(image) => bytes(image.pixels().map(|p| p.0[0]).collect()),
        DynamicImage::ImageRgb8(image) => bytes(image.pixels().map(|p| luma(p.0) as u8).collect()),
        DynamicImage::ImageRgba8(image) => bytes(
            image
                .pixels()
                .map(|&image::Rgba([r, g, b, _])| luma([r, g, b]) as u8)
                .collect(),
        ),
        DynamicImage::ImageLuma16(image) => words(image.into_raw()),
        DynamicImage::ImageLumaA16(image) => words(image.pixels().map(|p| p.0[0]).collect()),
        DynamicImage::ImageRgb16(image) => {
            words(image.pixels().map(|p| luma(p.0) as u16).collect())
        }
        DynamicImage::ImageRgba16(image) => words(
            image
                .pixels()
                .map(|&image::Rgba([r, g, b, _])| luma([r, g, b]) as u16)
                .collect(),
        ),
        other => Err(ReadError::Samples {
            format,
            found: other.color().into(),
        }),
    }
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

/// ITU-R BT.601 luma, rounded to the nearest, in the samples' own range.
fn luma<T: Into<u32>>([r, g, b]: [T; 3]) -> u32 {
    (299 * r.into() + 587 * g.into() + 114 * b.into() + 500) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_keeps_greys_and_never_leaves_the_range() {
        for grey in 0..=u16::MAX {
            assert_eq!(luma([grey; 3]), u32::from(grey));
        }
        assert_eq!(luma([255_u8, 0, 0]), 76);
        assert_eq!(luma([0, 255_u8, 0]), 150);
        assert_eq!(luma([0, 0, 255_u8]), 29);
    }
}
