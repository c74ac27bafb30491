//! Tensors as slices of numbers, without a copy.

#![allow(
    unsafe_code,
    reason = "libtorch gives an address; kind, order and number are checked first"
)]

use std::mem::MaybeUninit;

use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// The numbers of a tensor of f32 on the CPU that lie in row-major order.
///
/// Nobody may write into the tensor, through another handle, while they are borrowed. Within a training pass nobody
/// does: results are new tensors, and weights are moved between passes.
///
/// # Errors
/// [`Error::Data`] for another tensor.
pub(crate) fn floats(tensor: &Tensor) -> Result<&[f32], Error> {
    let address = address(tensor)?;
    if tensor.numel() == 0 {
        return Ok(&[]);
    }
    // SAFETY: the tensor holds so many f32 from here on, one after the other, and lives as long as the borrow. Nobody
    // writes into them, see above.
    Ok(unsafe { std::slice::from_raw_parts(address.cast_const(), tensor.numel()) })
}

/// A new tensor of f32 of this shape, whose numbers `fill` writes, in row-major order, all of them.
///
/// # Errors
/// [`Error::Libtorch`] where memory runs out.
pub(crate) fn filled(
    shape: &[i64],
    fill: impl FnOnce(&mut [MaybeUninit<f32>]),
) -> Result<Tensor, Error> {
    let tensor = Tensor::f_empty(shape, (Kind::Float, Device::Cpu))?;
    let address = address(&tensor)?;
    let count = tensor.numel();
    if count > 0 {
        // SAFETY: the tensor is new, so there is no other handle of it; its memory is of so many f32, not yet written.
        fill(unsafe { std::slice::from_raw_parts_mut(address.cast(), count) });
    }
    Ok(tensor)
}

/// Numbers that `fill` writes, all of them.
pub(crate) fn written(
    out: &mut [MaybeUninit<f32>],
    fill: impl FnOnce(&mut [MaybeUninit<f32>]),
) -> &[f32] {
    fill(out);
    // SAFETY: they are written.
    unsafe { out.assume_init_ref() }
}

/// Zeros, to be overwritten.
pub(crate) fn zeroed(out: &mut [MaybeUninit<f32>]) -> &mut [f32] {
    for out in &mut *out {
        out.write(0.0);
    }
    // SAFETY: they are written.
    unsafe { out.assume_init_mut() }
}

/// The numbers of a tensor of f32 on the CPU that lie in row-major order, to be changed in place.
///
/// As with [`floats`], nobody may read them through another handle meanwhile. So weights are only changed between passes.
///
/// # Errors
/// [`Error::Data`] for another tensor.
pub(crate) fn floats_mut(tensor: &mut Tensor) -> Result<&mut [f32], Error> {
    let address = address(tensor)?;
    if tensor.numel() == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as in `floats`; and nobody else looks at them, see above.
    Ok(unsafe { std::slice::from_raw_parts_mut(address, tensor.numel()) })
}

/// Whether a tensor's numbers can be had as a slice.
pub(crate) fn is_slice(tensor: &Tensor) -> bool {
    #[cfg(test)]
    if REFUSED.get() {
        return false;
    }
    tensor.device() == Device::Cpu && tensor.kind() == Kind::Float && tensor.is_contiguous()
}

/// The same numbers in the order in which they lie: of `[o, i, h, w]` with the channels last in memory, `[o, h, w, i]`.
pub(crate) fn in_rows(tensor: &Tensor) -> Result<Tensor, Error> {
    if tensor.dim() == 4 && !tensor.is_contiguous() {
        let channels_last = tensor.f_permute([0, 2, 3, 1])?;
        if channels_last.is_contiguous() {
            return Ok(channels_last);
        }
    }
    Ok(tensor.shallow_clone())
}

#[cfg(test)]
thread_local! {
    static REFUSED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Does this as where no tensor's numbers can be had as a slice.
#[cfg(test)]
pub(crate) fn without_slices<R>(work: impl FnOnce() -> R) -> R {
    REFUSED.set(true);
    let result = work();
    REFUSED.set(false);
    result
}

/// Where the numbers begin.
fn address(tensor: &Tensor) -> Result<*mut f32, Error> {
    if !is_slice(tensor) {
        return Err(Error::Data(format!(
            "a tensor is not what a kernel expects: {tensor:?} on {:?}",
            tensor.device()
        )));
    }
    Ok(tensor.data_ptr().cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_tensor_and_other_tensors_are_refused() {
        let tensor = filled(&[2, 3], |numbers| {
            for (i, number) in numbers.iter_mut().enumerate() {
                number.write(i as f32);
            }
        })
        .unwrap();
        assert_eq!(floats(&tensor).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(tensor.double_value(&[1, 0]), 3.0);
        assert!(floats(&tensor.transpose(0, 1)).is_err());
        assert!(floats(&tensor.to_kind(Kind::Double)).is_err());
        assert_eq!(floats(&tensor.narrow(0, 1, 1)).unwrap(), [3.0, 4.0, 5.0]);
        let none = filled(&[0, 3], |_| ()).unwrap();
        assert_eq!(floats(&none).unwrap(), [0.0; 0]);
    }
}
