//! One upright image before it becomes what is asked for: grey or colour, its samples perhaps still in the file's bytes.

use std::borrow::Cow;

use pgm_io::{Channels, Raster, RasterSamples};

use crate::channels::luma;
use crate::findings::Findings;

/// One image as its file holds it, upright: [`read`](crate::read()) and [`open`](crate::open) make it,
/// [`planes`](Self::planes) brings it to the channels and the size that are wanted.
///
/// ```
/// use image_stack::{Channels, Reading, Resize, read};
///
/// let image = read(b"P6 2 1 255 \xff\x80\x00\x01\x02\x03", &Reading::default())?;
/// assert_eq!((image.width(), image.height(), image.channels()), (2, 1, Channels::Rgb));
///
/// let colours = image.planes(Channels::Rgb, Resize::None)?;
/// assert_eq!(colours.shape(), [3, 1, 2]);
/// assert_eq!(colours.as_slice(), Some(&[0xff, 1, 0x80, 2, 0, 3][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels along each side of a square that one sample stands for, 1 unless it was decoded smaller for a resize; at
    /// the right and at the bottom the square may be cut.
    pub(crate) step: usize,
    pub(crate) maxval: u16,
    pub(crate) channels: Channels,
    pub(crate) samples: RasterSamples<'a>,
    pub(crate) findings: Findings,
}

impl<'a> From<Raster<'a>> for Image<'a> {
    fn from(raster: Raster<'a>) -> Self {
        Self {
            width: raster.width,
            height: raster.height,
            step: 1,
            maxval: raster.maxval,
            channels: raster.channels,
            samples: raster.samples,
            findings: Findings {
                more_images: raster.more_images,
                ..Findings::default()
            },
        }
    }
}

impl<'a> Image<'a> {
    /// Columns, at least 1.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows, at least 1.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The sample value that means white, 1 to 65,535: 255 or 65,535 in all formats but PGM and PPM.
    #[must_use]
    pub fn maxval(&self) -> u16 {
        self.maxval
    }

    /// Grey or colour, as the file holds it.
    #[must_use]
    pub fn channels(&self) -> Channels {
        self.channels
    }

    /// The samples as the file holds them, 0 to [`maxval`](Self::maxval): `height * width * channels`, row by row, the
    /// three of a colour pixel next to each other.
    #[must_use]
    pub fn samples(&self) -> &RasterSamples<'a> {
        &self.samples
    }

    /// What a user should be told of its file.
    #[must_use]
    pub fn findings(&self) -> Findings {
        self.findings
    }

    /// The image in grey, in its own range of samples: itself, or its ITU-R BT.601 luma
    /// `0.299 R + 0.587 G + 0.114 B` of the stored (gamma encoded) values, rounded. That is what a JPEG's own brightness
    /// channel holds, and what Pillow and OpenCV compute.
    ///
    /// ```
    /// use image_stack::{RasterSamples, Reading, read};
    ///
    /// let orange = read(b"P3 1 1 1000 1000 500 0", &Reading::default())?;
    /// // 0.299 * 1000 + 0.587 * 500 = 592.5
    /// assert_eq!(*orange.grey().samples(), RasterSamples::U16(vec![593].into()));
    /// # Ok::<(), image_stack::ReadError>(())
    /// ```
    #[must_use]
    pub fn grey(&self) -> Image<'_> {
        use RasterSamples::{U8, U16};
        let samples = match (self.channels, &self.samples) {
            (Channels::Grey, U8(samples)) => U8(Cow::Borrowed(samples)),
            (Channels::Grey, U16(samples)) => U16(Cow::Borrowed(samples)),
            (Channels::Rgb, U8(samples)) => U8(pixels(samples).map(|p| luma(p) as u8).collect()),
            (Channels::Rgb, U16(samples)) => U16(pixels(samples).map(|p| luma(p) as u16).collect()),
        };
        self.of_one_channel(samples)
    }

    /// The same image, which no longer needs the bytes that it was read from.
    #[must_use]
    pub fn into_owned(self) -> Image<'static> {
        let samples = match self.samples {
            RasterSamples::U8(samples) => RasterSamples::U8(samples.into_owned().into()),
            RasterSamples::U16(samples) => RasterSamples::U16(samples.into_owned().into()),
        };
        Image { samples, ..self }
    }

    /// Columns and rows.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Whether there are several pixels and all have the same colour.
    pub(crate) fn is_flat(&self) -> bool {
        fn flat<T: PartialEq>(samples: &[T], channels: usize) -> bool {
            samples.len() > channels && samples[channels..] == samples[..samples.len() - channels]
        }
        match &self.samples {
            RasterSamples::U8(samples) => flat(samples, self.channels.count()),
            RasterSamples::U16(samples) => flat(samples, self.channels.count()),
        }
    }

    fn of_one_channel<'b>(&self, samples: RasterSamples<'b>) -> Image<'b> {
        Image {
            width: self.width,
            height: self.height,
            step: self.step,
            maxval: self.maxval,
            channels: Channels::Grey,
            samples,
            findings: self.findings,
        }
    }
}

/// The pixels of samples of three channels.
fn pixels<T: Copy>(samples: &[T]) -> impl Iterator<Item = [T; 3]> {
    samples.as_chunks::<3>().0.iter().copied()
}
