//! What all pictures are drawn on.

use std::error::Error as StdError;
use std::path::Path;

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontStyle;
use siamese_net::write_atomically;

use crate::error::Error;

/// Why a picture cannot be drawn: each backend has its own reasons.
pub(super) type DrawError = Box<dyn StdError + Send + Sync>;

/// Width and height in pixels.
const SIZE: (u32, u32) = (900, 520);
pub(super) const FONT: &str = "sans-serif";
/// Colours that colour-blind people can tell apart (Okabe and Ito).
pub(super) const TRAINING: RGBColor = RGBColor(0, 114, 178);
pub(super) const VALIDATION: RGBColor = RGBColor(213, 94, 0);

/// A picture that any backend can draw.
pub(super) trait Picture {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<(), DrawError>
    where
        B::ErrorType: 'static;
}

/// Makes [`FONT`] known. Letters must be measured even where they are not drawn, and machines without a desktop have no
/// fonts.
pub(super) fn register_font() -> Result<(), DrawError> {
    let font = epaint_default_fonts::UBUNTU_LIGHT;
    plotters::style::register_font(FONT, FontStyle::Normal, font)
        .map_err(|_| "the built-in font is damaged".into())
}

pub(super) fn write(path: &Path, picture: &impl Picture) -> Result<(), Error> {
    drawn(path, picture).map_err(|source| Error::Draw {
        path: path.to_owned(),
        source,
    })
}

fn drawn(path: &Path, picture: &impl Picture) -> Result<(), DrawError> {
    register_font()?;
    if path.extension().is_some_and(|ending| ending == "svg") {
        let mut text = String::new();
        picture.draw(&SVGBackend::with_string(&mut text, SIZE).into_drawing_area())?;
        return Ok(write_atomically(path, text.as_bytes())?);
    }
    let (width, height) = SIZE;
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    picture.draw(&BitMapBackend::with_buffer(&mut pixels, SIZE).into_drawing_area())?;
    Ok(write_atomically(path, &png(&pixels, width, height)?)?)
}

/// An image of three bytes a pixel, row by row, as a PNG file.
pub(super) fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, DrawError> {
    let mut png = Vec::new();
    let encoder = PngEncoder::new(&mut png);
    encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8)?;
    Ok(png)
}
