//! Pixels, kept once as bytes.

use std::sync::Arc;

use ndarray::{Array4, ArrayView3, Axis, CowArray, Ix4};
use sha2::{Digest, Sha256};

use super::ahead::Ahead;
use super::source::ImageSource;
use super::stream::{Stream, Streaming, room};
use crate::digest::finish;
use crate::error::Error;

/// All images of a data set, u8 `[n, c, h, w]`; one channel is grey, three are red, green and blue.
///
/// They are all held in memory, or they are [streamed](Self::streamed): decoded when they are wanted. What comes of them
/// is the same. A clone is another handle of the same pixels, not a copy of them.
#[derive(Debug, Clone)]
pub struct ImageStack {
    pixels: Pixels,
    len: usize,
    /// Channels, height and width of each.
    shape: [usize; 3],
    sha256: String,
}

#[derive(Debug, Clone)]
enum Pixels {
    /// In standard order.
    Held(Arc<Array4<u8>>),
    Streamed {
        stream: Arc<Stream>,
        /// What is decoded ahead of its use.
        ahead: Option<Arc<Ahead>>,
    },
}

impl ImageStack {
    /// Grey images `[n, h, w]`.
    ///
    /// # Errors
    /// As [`Self::of_planes`].
    pub fn new(images: ArrayView3<'_, u8>) -> Result<Self, Error> {
        Self::of_planes(images.insert_axis(Axis(1)))
    }

    /// Images `[n, c, h, w]`: of one channel, grey, or of three, red, green and blue. An owned array is taken over, a
    /// view is copied.
    ///
    /// # Errors
    /// [`Error::Data`] without images.
    pub fn of_planes<'a>(images: impl Into<CowArray<'a, u8, Ix4>>) -> Result<Self, Error> {
        let images = images.into();
        let (len, channels, height, width) = images.dim();
        let shape = [channels, height, width];
        if images.is_empty() {
            return Err(no_pixels(len, shape));
        }
        let pixels = match images.is_standard_layout() {
            true => images.into_owned(),
            false => images.as_standard_layout().into_owned(),
        };
        let bytes = pixels.as_slice().unwrap_or_default();
        Ok(Self {
            sha256: finish(checksum(len, shape).chain_update(bytes)),
            pixels: Pixels::Held(Arc::new(pixels)),
            len,
            shape,
        })
    }

    /// Images that are not all held.
    ///
    /// Every image is decoded once, for the checksum and to find those that cannot be used. After that some stay decoded,
    /// and `threads` threads decode the others whenever they are wanted. Training and embedding know what they will want:
    /// it is decoded ahead into a quarter of `memory` bytes, 256 MiB at most; the rest of the memory keeps images
    /// decoded. One image is always decoded ahead, however little `memory` there is. The batch that is computed comes on
    /// top.
    ///
    /// If an image can no longer be read, or has other pixels than at first, whatever wanted it fails.
    ///
    /// # Errors
    /// [`Error::Data`] without images; [`Error::Image`] with the images that cannot be used.
    pub fn streamed(
        source: Box<dyn ImageSource>,
        memory: u64,
        threads: usize,
    ) -> Result<Self, Error> {
        let (len, shape) = (source.len(), source.shape());
        if len == 0 || shape.contains(&0) {
            return Err(no_pixels(len, shape));
        }
        let mut hash = checksum(len, shape);
        let stream = Stream::new(source, memory, threads, |image| hash.update(image))?;
        Ok(Self {
            pixels: Pixels::Streamed {
                stream: Arc::new(stream),
                ahead: None,
            },
            len,
            shape,
            sha256: finish(hash),
        })
    }

    /// How the images are streamed, where they are.
    #[must_use]
    pub fn streaming(&self) -> Option<Streaming> {
        match &self.pixels {
            Pixels::Held(_) => None,
            Pixels::Streamed { stream, .. } => Some(stream.how()),
        }
    }

    /// The same images, of which these will be wanted next, in about this order: where they are streamed they are
    /// decoded ahead. `numbers` is only called there.
    #[must_use]
    pub fn ahead<I>(&self, numbers: impl FnOnce() -> I) -> Self
    where
        I: IntoIterator<Item = u32>,
    {
        let mut same = self.clone();
        if let Pixels::Streamed { stream, ahead } = &mut same.pixels {
            *ahead = Some(Arc::new(Ahead::new(stream, numbers())));
        }
        same
    }

    /// How many images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never true: a stack without images cannot be made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// `[channels, height, width]` of each image.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// SHA-256 of a line `n height width`, for colours `n channels height width`, and all bytes.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// All pixels, u8 `[n, c, h, w]`, where they are held.
    #[must_use]
    pub fn held(&self) -> Option<&Array4<u8>> {
        match &self.pixels {
            Pixels::Held(pixels) => Some(pixels),
            Pixels::Streamed { .. } => None,
        }
    }

    /// The bytes `[c, h, w]` of the images of these numbers, one image after the other.
    ///
    /// # Errors
    /// [`Error::Data`] for a number beyond the stack; where images are streamed [`Error::Image`] for one that can no
    /// longer be read.
    pub fn bytes(&self, numbers: &[i64]) -> Result<Vec<u8>, Error> {
        let image = self.shape.iter().product::<usize>();
        let mut bytes = room(numbers.len().saturating_mul(image))?;
        for (&number, out) in numbers.iter().zip(bytes.chunks_exact_mut(image)) {
            let Some(number) = usize::try_from(number).ok().filter(|&n| n < self.len) else {
                return Err(Error::Data(format!(
                    "there is no image {number}: there are {}, counted from 0",
                    self.len
                )));
            };
            self.copy(number, out)?;
        }
        Ok(bytes)
    }

    /// The pixels of these images, u8 `[k, c, h, w]`.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn to_array(&self, numbers: &[i64]) -> Result<Array4<u8>, Error> {
        let [channels, height, width] = self.shape;
        Array4::from_shape_vec(
            (numbers.len(), channels, height, width),
            self.bytes(numbers)?,
        )
        .map_err(|error| Error::Data(error.to_string()))
    }

    /// Writes an image that there is.
    fn copy(&self, number: usize, out: &mut [u8]) -> Result<(), Error> {
        match &self.pixels {
            Pixels::Held(pixels) => {
                let all = pixels.as_slice().unwrap_or_default();
                out.copy_from_slice(&all[number * out.len()..][..out.len()]);
                Ok(())
            }
            Pixels::Streamed { stream, .. } if stream.copy_kept(number, out) => Ok(()),
            Pixels::Streamed { stream, ahead } => match ahead {
                Some(ahead) => ahead.take(number, out),
                None => stream.decode(number, out),
            }
            .map_err(Error::Image),
        }
    }

    /// Fails where the images are not of `[channels, height, width]`, as [`Recipe::images`](crate::Recipe::images) says.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of channels, [`Error::Geometry`] for another size.
    pub fn expect(&self, images: [usize; 3]) -> Result<(), Error> {
        expect(self.shape, images)
    }
}

/// Fails where images of the shape that was found are not those that were expected, both `[channels, height, width]`.
pub(crate) fn expect(
    [found_channels, found_height, found_width]: [usize; 3],
    [channels, height, width]: [usize; 3],
) -> Result<(), Error> {
    if found_channels != channels {
        return Err(Error::Data(format!(
            "the encoder takes images of {channels} channels, but the images have {found_channels}: set the first \
             number of encoder.input to {found_channels}, or read the images with {channels} channels"
        )));
    }
    if [found_height, found_width] == [height, width] {
        return Ok(());
    }
    Err(Error::Geometry {
        expected_height: height,
        expected_width: width,
        found_height,
        found_width,
    })
}

fn no_pixels(len: usize, [channels, height, width]: [usize; 3]) -> Error {
    Error::Data(format!(
        "there are no pixels in {len} images of {channels}x{height}x{width}"
    ))
}

/// The beginning of a checksum of so many images of `[channels, height, width]`.
fn checksum(len: usize, [channels, height, width]: [usize; 3]) -> Sha256 {
    // Grey images are those that there were before there were others.
    let channels = match channels {
        1 => String::new(),
        channels => format!("{channels} "),
    };
    Sha256::new().chain_update(format!("{len} {channels}{height} {width}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, s};

    #[test]
    fn pixels_come_back_as_they_were() {
        let pixels = Array3::from_shape_fn((3, 4, 5), |(n, y, x)| (50 * n + 7 * y + x) as u8);
        let turned = pixels.view().permuted_axes([0, 2, 1]);
        let stack = ImageStack::new(turned).unwrap();
        let found = stack.to_array(&[0, 1, 2]).unwrap();
        assert_eq!(found, turned.insert_axis(Axis(1)));
        assert_eq!(
            stack.to_array(&[2]).unwrap(),
            found.slice(s![2.., .., .., ..])
        );
        assert!(stack.bytes(&[3]).is_err() && stack.bytes(&[-1]).is_err());
    }
}
