//! Batches of pixels where the network computes.

use siamese_net::ImageStack;
use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::upload::{moved, to_device};

/// The images of a data set, to be had as tensors on a device.
#[derive(Debug)]
pub(crate) struct Pixels {
    images: ImageStack,
    device: Device,
    /// All of them on a GPU, so that a batch is not taken there anew in every epoch; absent where they are streamed or are too
    /// many for its memory, and on a CPU.
    uploaded: Option<Tensor>,
}

impl Pixels {
    /// For use again and again, as in training.
    pub(crate) fn new(images: &ImageStack, device: Device) -> Result<Self, Error> {
        let uploaded = match images.held() {
            Some(all) if fits(all.len() as u64, device) => {
                let sides = all.shape().iter().map(|&side| side as i64);
                let sides: Vec<i64> = sides.collect();
                let bytes = all.as_slice().unwrap_or_default();
                let all = Tensor::f_from_data_size(bytes, &sides, Kind::Uint8)?;
                Some(all.f_to_device(device)?)
            }
            _ => None,
        };
        Ok(Self {
            images: images.clone(),
            device,
            uploaded,
        })
    }

    /// The same pixels for another thread.
    pub(crate) fn share(&self) -> Self {
        Self {
            images: self.images.clone(),
            device: self.device,
            uploaded: self.uploaded.as_ref().map(Tensor::shallow_clone),
        }
    }

    /// The same, of which these will be wanted next: see [`ImageStack::ahead`].
    pub(crate) fn ahead<I>(&self, numbers: impl FnOnce() -> I) -> Self
    where
        I: IntoIterator<Item = u32>,
    {
        Self {
            images: self.images.ahead(numbers),
            ..self.share()
        }
    }

    /// Channels, height and width of an image.
    pub(crate) fn sides(&self) -> [i64; 3] {
        self.images.shape().map(|side| side as i64)
    }

    /// The images of these numbers, in this order, u8 `[k, c, h, w]`.
    pub(crate) fn bytes(&self, numbers: &[i64]) -> Result<Tensor, Error> {
        match &self.uploaded {
            Some(all) => Ok(all.f_index_select(0, &to_device(numbers, self.device)?)?),
            None => image_tensor(&self.images, numbers, self.device),
        }
    }

    /// The same, where the numbers are on the device already.
    pub(crate) fn bytes_at(&self, numbers: &[i64], index: &Tensor) -> Result<Tensor, Error> {
        match &self.uploaded {
            Some(all) => Ok(all.f_index_select(0, index)?),
            None => image_tensor(&self.images, numbers, self.device),
        }
    }

    /// As where a GPU has all images.
    #[cfg(test)]
    pub(crate) fn resident(images: &ImageStack) -> Self {
        let all: Vec<i64> = (0..images.len() as i64).collect();
        Self {
            images: images.clone(),
            device: Device::Cpu,
            uploaded: image_tensor(images, &all, Device::Cpu).ok(),
        }
    }
}

/// Images that take more than this are not all taken to a GPU of which nobody knows how much memory is free.
const MOST_WHERE_UNKNOWN: u64 = 4 << 30;

/// Whether so many bytes of images are all taken to the device: to a GPU, where they are half of its free memory at most, the rest
/// of which is for computing.
fn fits(bytes: u64, device: Device) -> bool {
    match device {
        Device::Cuda(number) => {
            let most =
                libtorch_cuda::free_memory(number).map_or(MOST_WHERE_UNKNOWN, |free| free / 2);
            bytes <= most
        }
        _ => false,
    }
}

/// The images of these numbers, in this order, u8 `[k, c, h, w]` on the device: what [`Encoder::see`](crate::Encoder::see)
/// takes.
///
/// # Errors
/// [`Error::Net`] for a number beyond the stack, or a streamed image that can no longer be read; [`Error::Libtorch`]
/// where memory runs out.
pub fn image_tensor(images: &ImageStack, numbers: &[i64], device: Device) -> Result<Tensor, Error> {
    let bytes = images.bytes(numbers)?;
    let [channels, height, width] = images.shape();
    let sides = [numbers.len(), channels, height, width].map(|side| side as i64);
    let images = Tensor::f_from_data_size(&bytes, &sides, Kind::Uint8)?;
    moved(&images, device)
}
