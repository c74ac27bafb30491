//! The images that methods are compared on.

use std::borrow::Cow;

use ndarray::ArrayView3;

use crate::error::{Error, Role};
use crate::lbp;
use crate::method::Method;
use crate::rows::Rows;

/// Grey images with the subject of each, and what needs no training and is made of them once.
#[derive(Debug, Clone)]
pub struct Baselines<'a> {
    /// Row-major, one image after another.
    pixels: Cow<'a, [u8]>,
    height: usize,
    width: usize,
    subjects: &'a [u32],
    /// Absent if the images are too small.
    histograms: Option<Vec<f32>>,
}

impl<'a> Baselines<'a> {
    /// Takes images `[n, height, width]`, from 0 (black) to 255, and the subjects of the `n`
    /// images, by any numbering.
    ///
    /// Local binary patterns are counted here, in parallel. The images are borrowed, or copied if
    /// their rows do not follow each other in memory.
    ///
    /// # Errors
    /// [`Error::NoPixels`] and [`Error::SubjectCount`].
    pub fn new(images: ArrayView3<'a, u8>, subjects: &'a [u32]) -> Result<Self, Error> {
        let (count, height, width) = images.dim();
        if images.is_empty() {
            return Err(Error::NoPixels {
                images: count,
                height,
                width,
            });
        }
        if subjects.len() != count {
            return Err(Error::SubjectCount {
                images: count,
                subjects: subjects.len(),
            });
        }
        let pixels = match images.to_slice() {
            Some(pixels) => Cow::Borrowed(pixels),
            None => Cow::Owned(images.iter().copied().collect()),
        };
        let histograms = lbp::histograms(&pixels, height, width);
        Ok(Self {
            pixels,
            height,
            width,
            subjects,
            histograms,
        })
    }

    /// The numbers of existing images, each once, in ascending order.
    pub(crate) fn sorted(&self, role: Role, images: &[usize]) -> Result<Vec<usize>, Error> {
        let mut sorted = images.to_vec();
        sorted.sort_unstable();
        let count = self.subjects.len();
        if let Some(&image) = sorted.last().filter(|&&image| image >= count) {
            return Err(Error::UnknownImage {
                role,
                image,
                images: count,
            });
        }
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(&[image, ..]) => Err(Error::RepeatedImage { role, image }),
            _ => Ok(sorted),
        }
    }

    pub(crate) fn subjects(&self, images: &[usize]) -> Vec<u32> {
        images.iter().map(|&image| self.subjects[image]).collect()
    }

    pub(crate) fn pixels(&self) -> Rows<'_, u8> {
        Rows::new(&self.pixels, self.height * self.width)
    }

    /// The histograms, for the method that asks.
    pub(crate) fn patterns(&self, method: Method) -> Result<Rows<'_, f32>, Error> {
        match &self.histograms {
            Some(histograms) => Ok(Rows::new(histograms, lbp::COMPONENTS)),
            None => Err(Error::TooSmall {
                method,
                height: self.height,
                width: self.width,
                smallest: lbp::SMALLEST_SIDE,
            }),
        }
    }
}
