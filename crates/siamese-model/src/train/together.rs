//! What each of several processes computes of a batch, and how their sums become those of the whole.

use std::cell::OnceCell;
use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::gradient_sum;
use crate::batch_norm::Sums;
use crate::collective::{Collective, zeros};
use crate::error::Error;
use crate::tape::Gradient;
use crate::tree;

/// A batch of so many parts, shared out among processes: each computes some that lie side by side, and sums are taken along the
/// one tree over all parts. So it does not matter who computes which.
#[derive(Clone, Copy)]
pub(super) struct Together<'a> {
    pub(super) processes: &'a dyn Collective,
    /// Of the batch.
    pub(super) parts: usize,
}

impl Together<'_> {
    /// The parts that this process computes; maybe none.
    pub(super) fn own(&self) -> Range<usize> {
        self.share(self.processes.rank())
    }

    /// The parts that a process computes; the first process has some, always.
    pub(super) fn share(&self, rank: usize) -> Range<usize> {
        let from = |rank: usize| (self.parts * rank).div_ceil(self.processes.size());
        from(rank)..from(rank + 1)
    }

    /// The subtrees that a process sums up.
    fn subtrees(&self, rank: usize) -> Vec<Range<usize>> {
        tree::subtrees(self.parts, &self.share(rank))
    }

    /// How many subtrees the process with most of them has.
    fn most_subtrees(&self) -> usize {
        let counts = (0..self.processes.size()).map(|rank| self.subtrees(rank).len());
        counts.max().unwrap_or(0)
    }

    /// Joins one item of each of this process's parts with those of all others. An item travels as `length` numbers.
    pub(super) fn join<T: Sums>(&self, own: Vec<T>, length: usize) -> Result<T, Error> {
        let both = |a: T, b: T| Ok::<_, Error>(a.join(&b));
        let mut own = own.into_iter();
        let mut joined = Vec::new();
        for subtree in self.subtrees(self.processes.rank()) {
            let items = own.by_ref().take(subtree.len());
            joined.extend(tree::join(items, both)?);
        }
        if self.processes.size() == 1 {
            return joined.pop().ok_or_else(no_parts);
        }
        let mut numbers: Vec<f64> = joined.iter().flat_map(T::to_numbers).collect();
        numbers.resize(self.most_subtrees() * length, 0.0);
        let mut given = Vec::new();
        let all = self.processes.gather(&Tensor::f_from_slice(&numbers)?)?;
        for (rank, numbers) in all.iter().enumerate() {
            let numbers = Vec::<f64>::try_from(numbers)?;
            let items = numbers.chunks(length).map(T::from_numbers);
            given.extend(self.subtrees(rank).into_iter().zip(items));
        }
        tree::assemble(self.parts, given, both)?.ok_or_else(no_parts)
    }

    /// Adds up a number of f64 of each of this process's parts with those of all others.
    pub(super) fn sum(&self, own: Vec<Tensor>, device: Device) -> Result<Tensor, Error> {
        let mut own = own.into_iter();
        let mut summed = Vec::new();
        let add = |a: Tensor, b: Tensor| Ok::<_, Error>(a.f_add(&b)?);
        for subtree in self.subtrees(self.processes.rank()) {
            summed.extend(tree::join(own.by_ref().take(subtree.len()), add)?);
        }
        if self.processes.size() == 1 {
            return summed.pop().ok_or_else(no_parts);
        }
        for _ in summed.len()..self.most_subtrees() {
            summed.push(zeros([], Kind::Double, device)?);
        }
        let mut given = Vec::new();
        let all = self.processes.gather(&Tensor::f_stack(&summed, 0)?)?;
        for (rank, sums) in all.iter().enumerate() {
            given.extend(self.subtrees(rank).into_iter().zip(sums.f_unbind(0)?));
        }
        tree::assemble(self.parts, given, add)?.ok_or_else(no_parts)
    }

    /// Adds up the gradients of each of this process's parts with those of all others, place by place. They have the shapes and the
    /// device of `like`, and f32; `order` keeps in which order their numbers lie in memory.
    pub(super) fn sums(
        &self,
        own: Vec<Vec<Gradient>>,
        like: &[Tensor],
        order: &OnceCell<MemoryOrder>,
    ) -> Result<Vec<Tensor>, Error> {
        let mut own = own.into_iter();
        let mut summed = Vec::new();
        for subtree in self.subtrees(self.processes.rank()) {
            summed.push(sums(own.by_ref().take(subtree.len()))?);
        }
        let size = self.processes.size();
        let Some(first) = like.first().filter(|_| size > 1) else {
            return summed.pop().ok_or_else(no_parts);
        };
        let order = match order.get() {
            Some(order) => order,
            None => {
                let found = self.processes.of_first(|| {
                    let first = summed.first().ok_or_else(no_parts)?;
                    Ok(first.iter().map(Tensor::stride).collect())
                })?;
                order.get_or_init(|| found)
            }
        };
        let count: i64 = like.iter().map(|tensor| tensor.numel() as i64).sum();
        let slice = (count as u64).div_ceil(size as u64) as i64;
        let row = slice * size as i64;
        // One row a subtree, one slice of it a process: each adds up its slice of all, and all gather the sums.
        let mut rows = Vec::new();
        for tensors in summed {
            let mut flat = tensors
                .iter()
                .map(|tensor| tensor.f_flatten(0, -1))
                .collect::<Result<Vec<_>, _>>()?;
            flat.push(zeros([row - count], Kind::Float, first.device())?);
            rows.push(Tensor::f_cat(&flat, 0)?);
        }
        for _ in rows.len()..self.most_subtrees() {
            rows.push(zeros([row], Kind::Float, first.device())?);
        }
        let rows = Tensor::f_stack(&rows, 0)?;
        let slices = (0..size).map(|rank| {
            let slice = rows.f_narrow(1, rank as i64 * slice, slice)?;
            slice.f_contiguous()
        });
        let slices = self.processes.exchange(slices.collect::<Result<_, _>>()?)?;
        let mut given = Vec::new();
        for (rank, slices) in slices.iter().enumerate() {
            let slices = slices.f_unbind(0)?;
            given.extend(self.subtrees(rank).into_iter().zip(slices));
        }
        let add = |a: Tensor, b: Tensor| a.f_add(&b);
        let sum = tree::assemble(self.parts, given, add)?.ok_or_else(no_parts)?;
        let whole = Tensor::f_cat(&self.processes.gather(&sum)?, 0)?;
        let mut at = 0;
        let tensors = like.iter().zip(order).map(|(tensor, strides)| {
            let length = tensor.numel() as i64;
            let part = whole.f_narrow(0, at, length)?.f_reshape(tensor.size())?;
            at += length;
            let options = (part.kind(), part.device());
            let mut ordered = Tensor::f_empty_strided(part.size(), strides, options)?;
            ordered.f_copy_(&part)?;
            Ok(ordered)
        });
        tensors.collect()
    }
}

/// The strides of each of a list of tensors. Arithmetic of libtorch may round by them.
pub(super) type MemoryOrder = Vec<Vec<i64>>;

/// The sums of the parts' gradients, place by place, along the tree over the parts; an error without parts.
fn sums(parts: impl IntoIterator<Item = Vec<Gradient>>) -> Result<Vec<Tensor>, Error> {
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let places = parts.first().ok_or_else(no_parts)?.len();
    let mut sums = Vec::with_capacity(places);
    for _ in 0..places {
        let place = parts.iter_mut().filter_map(Iterator::next).collect();
        sums.push(gradient_sum::sum(place)?.ok_or_else(no_parts)?);
    }
    Ok(sums)
}

pub(super) fn no_parts() -> Error {
    Error::Data("a batch is empty".into())
}
