//! Tensors of libtorch in `.safetensors` files.

use std::path::Path;

use serde::Serialize;
use siamese_net::{TensorBytes, write_tensors};
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// The numbers of a tensor, as f32.
pub(crate) fn to_bytes(tensor: &Tensor) -> Result<TensorBytes<'static>, Error> {
    let tensor = tensor
        .f_detach()?
        .f_to_device(Device::Cpu)?
        .f_to_kind(Kind::Float)?
        .f_contiguous()?;
    let shape = tensor.size().iter().map(|&side| side as usize).collect();
    let mut bytes = vec![0; 4 * tensor.numel()];
    tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
    Ok(TensorBytes {
        shape,
        bytes: bytes.into(),
    })
}

/// The tensor on the CPU; a message where memory runs out.
pub(crate) fn from_bytes(tensor: &TensorBytes<'_>) -> Result<Tensor, String> {
    let shape: Vec<i64> = tensor.shape.iter().map(|&side| side as i64).collect();
    Tensor::f_from_data_size(&tensor.bytes, &shape, Kind::Float).map_err(|error| error.to_string())
}

/// Writes tensors under their names, and `document`.
pub(crate) fn write<'a>(
    path: &Path,
    tensors: impl Iterator<Item = (String, &'a Tensor)>,
    document: &impl Serialize,
) -> Result<(), Error> {
    let tensors = tensors.map(|(name, tensor)| Ok((name, to_bytes(tensor)?)));
    let tensors = tensors.collect::<Result<Vec<_>, Error>>()?;
    Ok(write_tensors(path, &tensors, document)?)
}
