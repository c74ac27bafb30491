//! Pixels, kept once as bytes where the network runs.

use std::sync::Arc;

use ndarray::{Array4, ArrayView3, ArrayView4, Axis};
use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::image_source::ImageSource;
use crate::stream::{Ahead, Stream, Streaming};

/// All images of a data set, u8 `[n, c, h, w]` for one device; one channel is grey, three are red, green and blue.
///
/// They are all held there, or they are [streamed](Self::streamed): decoded when they are wanted. What comes of them is
/// the same.
#[derive(Debug)]
pub struct ImageStack {
    pixels: Pixels,
    device: Device,
    len: usize,
    /// Channels, height and width of each.
    shape: [usize; 3],
    sha256: String,
}

#[derive(Debug)]
enum Pixels {
    Held(Tensor),
    Streamed {
        stream: Arc<Stream>,
        /// What is decoded ahead of its use.
        ahead: Option<Arc<Ahead>>,
    },
}

impl Pixels {
    /// The same pixels, not a copy of them.
    fn share(&self) -> Self {
        match self {
            Self::Held(pixels) => Self::Held(pixels.shallow_clone()),
            Self::Streamed { stream, ahead } => Self::Streamed {
                stream: Arc::clone(stream),
                ahead: ahead.clone(),
            },
        }
    }
}

impl ImageStack {
    /// Takes grey images `[n, h, w]` to `device`.
    ///
    /// # Errors
    /// As [`Self::of_planes`].
    pub fn new(images: ArrayView3<'_, u8>, device: Device) -> Result<Self, Error> {
        Self::of_planes(images.insert_axis(Axis(1)), device)
    }

    /// Takes images `[n, c, h, w]` to `device`: of one channel, grey, or of three, red, green and blue.
    ///
    /// # Errors
    /// [`Error::Data`] without images, [`Error::Libtorch`] where the device cannot hold them.
    pub fn of_planes(images: ArrayView4<'_, u8>, device: Device) -> Result<Self, Error> {
        let (len, channels, height, width) = images.dim();
        if images.is_empty() {
            return Err(Error::Data(format!(
                "there are no pixels in {len} images of {channels}x{height}x{width}"
            )));
        }
        let standard = images.as_standard_layout();
        let bytes = standard.as_slice().unwrap_or_default();
        let sides = [len, channels, height, width].map(|side| side as i64);
        let pixels = Tensor::f_from_data_size(bytes, &sides, Kind::Uint8)?.f_to_device(device)?;
        let mut hash = checksum(len, [channels, height, width]);
        hash.update(bytes);
        Ok(Self {
            pixels: Pixels::Held(pixels),
            device,
            len,
            shape: [channels, height, width],
            sha256: hex(hash),
        })
    }

    /// Images that are not all held, for computing on `device`.
    ///
    /// Every image is decoded once, for the checksum and to find those that cannot be used. Then the others than those
    /// that stay decoded are decoded by `threads` threads whenever they are wanted. Training and embedding know what they
    /// will want: it is decoded ahead into a quarter of `memory` bytes, 256 MiB at most, of the computer's memory; in the
    /// rest images stay decoded. One image is always decoded ahead, however little `memory` there is. The batch that is
    /// computed comes on top.
    ///
    /// An image that can no longer be read, or has other pixels than at first, ends what wanted it.
    ///
    /// # Errors
    /// [`Error::Data`] without images; [`Error::Image`] with the images that cannot be used.
    pub fn streamed(
        source: Box<dyn ImageSource>,
        device: Device,
        memory: u64,
        threads: usize,
    ) -> Result<Self, Error> {
        let (len, shape) = (source.len(), source.shape());
        let [channels, height, width] = shape;
        if len == 0 || shape.contains(&0) {
            return Err(Error::Data(format!(
                "there are no pixels in {len} images of {channels}x{height}x{width}"
            )));
        }
        let mut hash = checksum(len, shape);
        let stream = Stream::new(source, memory, threads, |image| hash.update(image))?;
        Ok(Self {
            pixels: Pixels::Streamed {
                stream: Arc::new(stream),
                ahead: None,
            },
            device,
            len,
            shape,
            sha256: hex(hash),
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
    pub(crate) fn ahead<I>(&self, numbers: impl FnOnce() -> I) -> Self
    where
        I: IntoIterator<Item = u32>,
    {
        let mut same = self.share();
        if let Pixels::Streamed { stream, ahead } = &mut same.pixels {
            *ahead = Some(Arc::new(Ahead::new(stream, numbers())));
        }
        same
    }

    /// The same pixels, not a copy of them, for another thread.
    pub(crate) fn share(&self) -> Self {
        Self {
            pixels: self.pixels.share(),
            sha256: self.sha256.clone(),
            ..*self
        }
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

    /// The pixels of these images back, u8 `[k, c, h, w]` in memory.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn to_array(&self, numbers: &[i64]) -> Result<Array4<u8>, Error> {
        let bytes = Vec::<u8>::try_from(&self.bytes(numbers)?.f_flatten(0, -1)?)?;
        let [channels, height, width] = self.shape;
        Array4::from_shape_vec((numbers.len(), channels, height, width), bytes)
            .map_err(|error| Error::Data(error.to_string()))
    }

    /// SHA-256 of size and pixels: what the network sees, whatever files it came from.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The images of these numbers, in this order, u8 `[k, c, h, w]`.
    ///
    /// # Errors
    /// [`Error::Libtorch`] for a number beyond the stack or lack of memory; where images are streamed
    /// [`Error::Image`] for one that can no longer be read.
    pub fn bytes(&self, numbers: &[i64]) -> Result<Tensor, Error> {
        match &self.pixels {
            Pixels::Held(pixels) => {
                let index = Tensor::f_from_slice(numbers)?.f_to_device(self.device)?;
                Ok(pixels.f_index_select(0, &index)?)
            }
            Pixels::Streamed { stream, ahead } => {
                let bytes = stream.images(numbers, ahead.as_deref())?;
                let [channels, height, width] = self.shape;
                let sides = [numbers.len(), channels, height, width].map(|side| side as i64);
                let images = Tensor::f_from_data_size(&bytes, &sides, Kind::Uint8)?;
                Ok(images.f_to_device(self.device)?)
            }
        }
    }

    /// Fails where the images are not of `[channels, height, width]`, as [`Recipe::images`](crate::Recipe::images) and
    /// [`Encoder::images`](crate::Encoder::images) say.
    ///
    /// # Errors
    /// [`Error::Data`] for another number of channels, [`Error::Geometry`] for another size.
    pub fn expect(&self, [channels, height, width]: [usize; 3]) -> Result<(), Error> {
        let [found_channels, found_height, found_width] = self.shape;
        if found_channels != channels {
            return Err(Error::Data(format!(
                "the encoder takes images of {channels} channels, the images have {found_channels}: set the first number of \
                 encoder.input to {found_channels}, or read the images with as many channels as it says"
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

fn hex(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, s};

    #[test]
    fn pixels_come_back_as_they_were() {
        let pixels = Array3::from_shape_fn((3, 4, 5), |(n, y, x)| (50 * n + 7 * y + x) as u8);
        let turned = pixels.view().permuted_axes([0, 2, 1]);
        let stack = ImageStack::new(turned, Device::Cpu).unwrap();
        let found = stack.to_array(&[0, 1, 2]).unwrap();
        assert_eq!(found, turned.insert_axis(Axis(1)));
        assert_eq!(
            stack.to_array(&[2]).unwrap(),
            found.slice(s![2.., .., .., ..])
        );
    }
}
