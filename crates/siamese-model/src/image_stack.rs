//! Pixels, kept once as bytes where the network runs.

use ndarray::{Array3, ArrayView3};
use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// All images of a data set, u8 `[n, 1, h, w]` on one device.
#[derive(Debug)]
pub struct ImageStack {
    pixels: Tensor,
    len: usize,
    size: [usize; 2],
    sha256: String,
}

impl ImageStack {
    /// Takes the images `[n, h, w]` to `device`.
    ///
    /// # Errors
    /// [`Error::Data`] without images, [`Error::Libtorch`] where the device cannot hold them.
    pub fn new(images: ArrayView3<'_, u8>, device: Device) -> Result<Self, Error> {
        let (len, height, width) = images.dim();
        if images.is_empty() {
            return Err(Error::Data(format!(
                "there are no pixels in {len} images of {height}x{width}"
            )));
        }
        let standard = images.as_standard_layout();
        let bytes = standard.as_slice().unwrap_or_default();
        let shape = [len as i64, 1, height as i64, width as i64];
        let pixels = Tensor::f_from_data_size(bytes, &shape, Kind::Uint8)?.f_to_device(device)?;
        let mut hash = Sha256::new();
        hash.update(format!("{len} {height} {width}\n"));
        hash.update(bytes);
        let sha256 = hash
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            pixels,
            len,
            size: [height, width],
            sha256,
        })
    }

    /// The same pixels, not a copy of them, for another thread.
    pub(crate) fn share(&self) -> Self {
        Self {
            pixels: self.pixels.shallow_clone(),
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

    /// `[height, width]` in pixels.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// The pixels back, u8 `[n, h, w]` in memory.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where the device fails.
    pub fn to_array(&self) -> Result<Array3<u8>, Error> {
        let bytes = Vec::<u8>::try_from(&self.pixels.f_flatten(0, -1)?)?;
        let [height, width] = self.size;
        Array3::from_shape_vec((self.len, height, width), bytes)
            .map_err(|error| Error::Data(error.to_string()))
    }

    /// SHA-256 of size and pixels: what the network sees, whatever files it came from.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The images of these numbers, in this order, u8 `[k, 1, h, w]`.
    ///
    /// # Errors
    /// [`Error::Libtorch`] for a number beyond the stack or lack of memory.
    pub fn bytes(&self, numbers: &[i64]) -> Result<Tensor, Error> {
        let index = Tensor::f_from_slice(numbers)?.f_to_device(self.pixels.device())?;
        Ok(self.pixels.f_index_select(0, &index)?)
    }

    /// Fails where the images are not what an encoder with the input `[channels, height, width]` takes.
    ///
    /// # Errors
    /// [`Error::Data`] for other than one channel, [`Error::Geometry`] for another size.
    pub fn expect_input(&self, [channels, height, width]: [usize; 3]) -> Result<(), Error> {
        if channels != 1 {
            return Err(Error::Data(format!(
                "the encoder takes {channels} channels, the images are grey: set encoder.input to [1, {height}, {width}]"
            )));
        }
        let [found_height, found_width] = self.size;
        if self.size == [height, width] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_come_back_as_they_were() {
        let pixels = Array3::from_shape_fn((3, 4, 5), |(n, y, x)| (50 * n + 7 * y + x) as u8);
        let turned = pixels.view().permuted_axes([0, 2, 1]);
        let stack = ImageStack::new(turned, Device::Cpu).unwrap();
        assert_eq!(stack.to_array().unwrap(), turned);
    }
}
