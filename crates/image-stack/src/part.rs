//! A part of an image.

use std::borrow::Cow;

use pgm_io::RasterSamples;

use crate::error::ReadError;
use crate::image::Image;
use crate::region::Region;

impl Image<'_> {
    /// A part of the image, with the findings of the whole.
    ///
    /// # Errors
    /// [`ReadError::Region`] for one that is empty or reaches beyond the image.
    ///
    /// ```
    /// use image_stack::{RasterSamples, Reading, Region, read};
    ///
    /// let image = read(b"P5 3 2 255 abcdef", &Reading::default())?;
    /// let part = image.part(Region { x: 1, y: 0, width: 2, height: 2 })?;
    /// assert_eq!(*part.samples(), RasterSamples::U8(b"bcef"[..].into()));
    /// # Ok::<(), image_stack::ReadError>(())
    /// ```
    pub fn part(&self, region: Region) -> Result<Image<'static>, ReadError> {
        let fits = |begin: usize, length: usize, side: usize| {
            length > 0 && begin.checked_add(length).is_some_and(|end| end <= side)
        };
        let Region {
            x,
            y,
            width,
            height,
        } = region;
        if !fits(x, width, self.width) || !fits(y, height, self.height) {
            return Err(ReadError::Region {
                region,
                width: self.width,
                height: self.height,
            });
        }
        let samples = match &self.samples {
            RasterSamples::U8(samples) => RasterSamples::U8(self.cut(samples, region)),
            RasterSamples::U16(samples) => RasterSamples::U16(self.cut(samples, region)),
        };
        Ok(Image {
            width,
            height,
            step: self.step,
            maxval: self.maxval,
            channels: self.channels,
            samples,
            findings: self.findings,
        })
    }

    fn cut<T: Copy>(&self, samples: &[T], region: Region) -> Cow<'static, [T]> {
        let of_one = self.channels.count();
        let rows = samples
            .chunks_exact(self.width * of_one)
            .skip(region.y)
            .take(region.height);
        rows.flat_map(|row| &row[region.x * of_one..][..region.width * of_one])
            .copied()
            .collect()
    }
}
