//! One decoded image before it becomes what was asked for: grey or colour, its samples perhaps still in the file.

use std::borrow::Cow;

use crate::channels::{Channels, luma};
use crate::graymap::{Graymap, Samples};

/// An image of one or three channels, those of a pixel next to each other.
pub(crate) struct Raster<'a> {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// The value of white.
    pub(crate) maxval: u16,
    pub(crate) channels: Channels,
    pub(crate) samples: RasterSamples<'a>,
}

/// `height * width * channels` samples, checked against the maxval.
pub(crate) enum RasterSamples<'a> {
    /// For a maxval up to 255.
    Bytes(Cow<'a, [u8]>),
    /// For a maxval of 256 and more.
    Words(Cow<'a, [u16]>),
}

impl RasterSamples<'_> {
    /// The same samples, not a copy of them.
    pub(crate) fn borrowed(&self) -> RasterSamples<'_> {
        match self {
            Self::Bytes(samples) => RasterSamples::Bytes(Cow::Borrowed(samples)),
            Self::Words(samples) => RasterSamples::Words(Cow::Borrowed(samples)),
        }
    }
}

impl Raster<'_> {
    /// Columns and rows.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Whether every pixel is grey, however many channels say so.
    pub(crate) fn is_grey(&self) -> bool {
        fn grey<T: Copy + PartialEq>(samples: &[T]) -> bool {
            pixels(samples).all(|[r, g, b]| r == g && g == b)
        }
        self.channels == Channels::Grey
            || match &self.samples {
                RasterSamples::Bytes(samples) => grey(samples),
                RasterSamples::Words(samples) => grey(samples),
            }
    }

    /// The image in grey: itself, or its luma.
    pub(crate) fn grey(&self) -> Raster<'_> {
        use RasterSamples::{Bytes, Words};
        let samples = match (self.channels, &self.samples) {
            (Channels::Grey, samples) => samples.borrowed(),
            (Channels::Rgb, Bytes(samples)) => {
                Bytes(pixels(samples).map(|p| luma(p) as u8).collect())
            }
            (Channels::Rgb, Words(samples)) => {
                Words(pixels(samples).map(|p| luma(p) as u16).collect())
            }
        };
        self.of_one_channel(samples)
    }

    /// One of the channels, counted from 0.
    pub(crate) fn plane(&self, channel: usize) -> Raster<'_> {
        fn every<T: Copy>(samples: &[T], channel: usize, step: usize) -> Vec<T> {
            samples
                .iter()
                .skip(channel)
                .step_by(step)
                .copied()
                .collect()
        }
        let step = self.channels.count();
        self.of_one_channel(match &self.samples {
            RasterSamples::Bytes(samples) => {
                RasterSamples::Bytes(every(samples, channel, step).into())
            }
            RasterSamples::Words(samples) => {
                RasterSamples::Words(every(samples, channel, step).into())
            }
        })
    }

    fn of_one_channel<'b>(&self, samples: RasterSamples<'b>) -> Raster<'b> {
        Raster {
            channels: Channels::Grey,
            samples,
            ..*self
        }
    }

    pub(crate) fn into_graymap(self) -> Graymap {
        let (width, height, maxval) = (self.width, self.height, self.maxval);
        let grey = match self.channels {
            Channels::Grey => self.samples,
            Channels::Rgb => self.grey().samples,
        };
        let samples = match grey {
            RasterSamples::Bytes(samples) => Samples::U8(samples.into_owned()),
            RasterSamples::Words(samples) => Samples::U16(samples.into_owned()),
        };
        Graymap::checked(width, height, maxval, samples)
    }
}

/// The pixels of samples of three channels.
fn pixels<T: Copy>(samples: &[T]) -> impl Iterator<Item = [T; 3]> {
    samples.as_chunks::<3>().0.iter().copied()
}
