//! All pixels of an image, by `zune-jpeg`.

use pgm_io::{Channels, Format, RasterSamples};
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::colour::Colour;
use super::frame::Frame;
use crate::error::ReadError;
use crate::findings::Findings;
use crate::image::Image;

/// Decodes a file that was found whole.
pub(super) fn decode(
    bytes: &[u8],
    frame: &Frame,
    colour: Colour,
) -> Result<Image<'static>, ReadError> {
    let (channels, out) = match colour {
        Colour::Grey => (Channels::Grey, ColorSpace::Luma),
        Colour::Cmyk => (Channels::Rgb, ColorSpace::CMYK),
        Colour::YCbCr | Colour::Rgb | Colour::AdobeCmyk => (Channels::Rgb, ColorSpace::RGB),
    };
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(out)
        .set_max_width(frame.width)
        .set_max_height(frame.height);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let mut samples = decoder.decode().map_err(foreign)?;
    if colour == Colour::Cmyk {
        samples = rgb_of_inks(&samples);
    }
    Ok(Image {
        width: frame.width,
        height: frame.height,
        step: 1,
        maxval: u8::MAX.into(),
        channels,
        samples: RasterSamples::U8(samples.into()),
        findings: Findings::default(),
    })
}

/// Light that paper reflects under cyan, magenta, yellow and black, without a colour profile: what each ink leaves of what
/// black leaves, as Pillow computes it.
fn rgb_of_inks(inks: &[u8]) -> Vec<u8> {
    let (pixels, _) = inks.as_chunks::<4>();
    let left = |ink: u8| u32::from(255 - ink);
    let both = |ink, black| ((left(ink) * left(black) + 127) / 255) as u8;
    let colours = pixels
        .iter()
        .flat_map(|&[c, m, y, k]| [c, m, y].map(|ink| both(ink, k)));
    colours.collect()
}

fn foreign(error: DecodeErrors) -> ReadError {
    ReadError::Foreign {
        format: Format::Jpeg,
        source: Box::new(error),
    }
}
