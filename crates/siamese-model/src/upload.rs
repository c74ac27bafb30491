//! What the host gives a device: every transfer of a training step goes through here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tch::kind::Element;
use tch::{Device, Kind, Tensor};

use crate::error::Error;

#[cfg(test)]
pub(crate) use count::transfers_of;

/// Numbers on a device.
pub(crate) fn to_device<T: Element>(numbers: &[T], device: Device) -> Result<Tensor, Error> {
    moved(&Tensor::f_from_slice(numbers)?, device)
}

/// A tensor of the host on a device.
pub(crate) fn moved(tensor: &Tensor, device: Device) -> Result<Tensor, Error> {
    #[cfg(test)]
    count::note();
    match device {
        Device::Cpu => Ok(tensor.shallow_clone()),
        _ => Ok(tensor.f_to_device(device)?),
    }
}

/// Lists of whole numbers, and one of numbers, on a device in one transfer, for which the host does not wait on a GPU.
pub(crate) fn together(
    lists: &[&[i64]],
    numbers: &[f32],
    device: Device,
) -> Result<(Vec<Tensor>, Tensor), Error> {
    #[cfg(test)]
    count::note();
    let whole: usize = lists.iter().map(|list| list.len()).sum();
    let mut bytes = Vec::with_capacity(8 * whole + 4 * numbers.len());
    for number in lists.iter().copied().flatten() {
        bytes.extend(number.to_ne_bytes());
    }
    for number in numbers {
        bytes.extend(number.to_ne_bytes());
    }
    let mut packed = Tensor::f_from_slice(&bytes)?;
    if device.is_cuda() {
        let pinned = packed.f_pin_memory(device)?;
        packed = pinned.f_to_device_(device, Kind::Uint8, true, false)?;
    }
    let split = 8 * whole as i64;
    let lengths: Vec<i64> = lists.iter().map(|list| list.len() as i64).collect();
    let whole = packed.f_narrow(0, 0, split)?.f_view_dtype(Kind::Int64)?;
    let numbers = packed.f_narrow(0, split, 4 * numbers.len() as i64)?;
    Ok((
        whole.f_split_with_sizes(&lengths, 0)?,
        numbers.f_view_dtype(Kind::Float)?,
    ))
}

/// What a constant tensor is made of: what it is, and its whole numbers.
pub(crate) type Constant = (&'static str, [u64; 3]);

/// A tensor that is the same in every step. It is made once for each device.
pub(crate) fn constant(
    name: Constant,
    device: Device,
    make: impl FnOnce() -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    static MADE: Mutex<Option<HashMap<(Constant, i32), Tensor>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.get_or_insert_default();
    let key = (name, place(device));
    if let Some(tensor) = made.get(&key) {
        return Ok(tensor.shallow_clone());
    }
    let tensor = make()?;
    made.insert(key, tensor.shallow_clone());
    Ok(tensor)
}

fn place(device: Device) -> i32 {
    match device {
        Device::Cuda(number) => number as i32,
        Device::Mps => -2,
        Device::Vulkan => -3,
        Device::Cpu => -1,
    }
}

#[cfg(test)]
mod count {
    use std::cell::Cell;

    thread_local! {
        static TRANSFERS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn note() {
        TRANSFERS.with(|transfers| transfers.set(transfers.get() + 1));
    }

    /// How many transfers this thread asks for while `work` runs.
    pub(crate) fn transfers_of<R>(work: impl FnOnce() -> R) -> (usize, R) {
        let before = TRANSFERS.get();
        let result = work();
        (TRANSFERS.get() - before, result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_numbers_arrive_in_one_transfer() {
        let (transfers, found) =
            transfers_of(|| together(&[&[1, -2], &[], &[3]], &[0.5, -1.5], Device::Cpu).unwrap());
        assert_eq!(transfers, 1);
        let lists = found
            .0
            .iter()
            .map(|list| Vec::<i64>::try_from(list).unwrap());
        assert_eq!(lists.collect::<Vec<_>>(), [vec![1, -2], vec![], vec![3]]);
        assert_eq!(Vec::<f32>::try_from(&found.1).unwrap(), [0.5, -1.5]);
        let (lists, numbers) = together(&[&[7]], &[], Device::Cpu).unwrap();
        assert_eq!((lists.len(), numbers.numel()), (1, 0));
    }

    #[test]
    fn a_constant_is_made_once() {
        let make = |value: f32| {
            constant(("test", [1, 2, 3]), Device::Cpu, || {
                to_device(&[value], Device::Cpu)
            })
            .unwrap()
        };
        assert_eq!(make(1.0), make(2.0));
    }
}
