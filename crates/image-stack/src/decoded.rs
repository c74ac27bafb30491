//! An image as it is stored, on its way to an upright one.

use pgm_io::{Channels, RasterSamples};

use crate::budget::Share;
use crate::error::ReadError;
use crate::image::Image;
use crate::orientation::Orientation;
use crate::planes::Planes;
use crate::reading::Ink;
use crate::resample;
use crate::resize::Resize;

/// An image as its file stores it, with what turns it upright.
pub(crate) struct Decoded<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) orientation: Orientation,
    /// What it holds of the memory that all decoders share.
    pub(crate) memory: Vec<Share>,
    /// What is done to its ink where it is resized.
    pub(crate) ink: Ink,
}

impl<'a> From<Image<'a>> for Decoded<'a> {
    /// An image that is stored upright.
    fn from(image: Image<'a>) -> Self {
        Self {
            image,
            orientation: Orientation::default(),
            memory: Vec::new(),
            ink: Ink::default(),
        }
    }
}

impl<'a> Decoded<'a> {
    /// Columns and rows of the upright image.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.orientation.turned(self.image.size())
    }

    /// The image, upright. It no longer holds any of the memory that decoders share.
    pub(crate) fn upright(self) -> Image<'a> {
        let Self {
            image, orientation, ..
        } = self;
        if orientation.is_upright() {
            return image;
        }
        let size = image.size();
        let channels = image.channels.count();
        let samples = match &image.samples {
            RasterSamples::U8(samples) => {
                let mut out = vec![0; samples.len()];
                orientation.turn(samples, size, channels, &mut out);
                RasterSamples::U8(out.into())
            }
            RasterSamples::U16(samples) => {
                let mut out = vec![0; samples.len()];
                orientation.turn(samples, size, channels, &mut out);
                RasterSamples::U16(out.into())
            }
        };
        let (width, height) = orientation.turned(size);
        Image {
            width,
            height,
            samples,
            ..image
        }
    }

    /// The planes of the upright image, resized.
    pub(crate) fn planes(self, channels: Channels, resize: Resize) -> Result<Planes, ReadError> {
        let findings = self.image.findings;
        let pixels = resample::planes(self.size(), channels, resize, |out| {
            self.write(channels, resize, out);
        });
        let pixels = pixels.map_err(|error| ReadError::Planes(Box::new(error)))?;
        Ok(Planes { pixels, findings })
    }

    /// Writes the channels of the upright image, resized, one after the other to `out`, which has room for the
    /// [`Resize::size`] of each.
    pub(crate) fn write(self, channels: Channels, resize: Resize, out: &mut [u8]) {
        let ink = self.ink;
        match resize {
            _ if ink != Ink::default() && resize.takes_any_size() => {
                resample::write(&self.upright().with_ink(ink), channels, resize, out);
            }
            // A mean over an area is the same whichever way it lies, and a smaller image is turned sooner.
            Resize::Area { height, width } if !self.orientation.is_upright() => {
                let (width, height) = self.orientation.turned((width, height));
                let mut stored = vec![0; out.len()];
                resample::write(
                    &self.image,
                    channels,
                    Resize::Area { height, width },
                    &mut stored,
                );
                let plane = width * height;
                for (from, to) in stored.chunks_exact(plane).zip(out.chunks_exact_mut(plane)) {
                    self.orientation.turn(from, (width, height), 1, to);
                }
            }
            Resize::Area { .. } => resample::write(&self.image, channels, resize, out),
            Resize::None | Resize::Stride(_) | Resize::Fit { .. } => {
                resample::write(&self.upright(), channels, resize, out);
            }
        }
    }
}
