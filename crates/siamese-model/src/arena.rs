//! Tensors that lie one after the other in one piece of memory.

use std::ops::Range;
use std::sync::Arc;

use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// Tensors of f32 on a GPU as views of one flat tensor: what is done to all of them alike is one operation, and one launch.
///
/// They lie in three parts: those that training moves and that decay, those that it moves and that do not, and the rest.
#[derive(Debug)]
pub(crate) struct Arena {
    flat: Tensor,
    layout: Arc<Layout>,
}

/// Where each tensor lies.
#[derive(Debug)]
struct Layout {
    /// In the order of the tensors: what is taken of the flat tensor, and its shape.
    places: Vec<(Range<i64>, Vec<i64>)>,
    /// The ends of the three parts.
    ends: [i64; 3],
}

/// Which part a tensor belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Training moves it, and weight decay applies.
    Decaying,
    /// Training moves it.
    Moved,
    Still,
}

impl Arena {
    /// Copies of these, on the device.
    pub(crate) fn new(tensors: &[(Tensor, Part)], device: Device) -> Result<Self, Error> {
        let mut places = vec![(0..0, Vec::new()); tensors.len()];
        let mut ends = [0; 3];
        let mut flat = Vec::with_capacity(tensors.len());
        let mut end = 0;
        for (part, of_part) in [Part::Decaying, Part::Moved, Part::Still]
            .iter()
            .zip(&mut ends)
        {
            for (place, (tensor, own)) in places.iter_mut().zip(tensors) {
                if own == part {
                    let count = tensor.numel() as i64;
                    *place = (end..end + count, tensor.size());
                    end += count;
                    flat.push(tensor.f_detach()?.f_reshape([-1])?);
                }
            }
            *of_part = end;
        }
        let flat = match flat.is_empty() {
            true => Tensor::f_zeros([0], (Kind::Float, device))?,
            false => Tensor::f_cat(&flat, 0)?.f_to_device(device)?,
        };
        Ok(Self {
            flat,
            layout: Arc::new(Layout { places, ends }),
        })
    }

    /// The same memory.
    pub(crate) fn share(&self) -> Self {
        Self {
            flat: self.flat.shallow_clone(),
            layout: Arc::clone(&self.layout),
        }
    }

    /// All of it.
    pub(crate) fn flat(&self) -> &Tensor {
        &self.flat
    }

    /// What training moves.
    pub(crate) fn moved(&self) -> Result<Tensor, Error> {
        Ok(self.flat.f_narrow(0, 0, self.layout.ends[1])?)
    }

    /// How many of its first numbers decay.
    pub(crate) fn decaying(&self) -> i64 {
        self.layout.ends[0]
    }

    /// Each tensor, in the order in which they were given.
    pub(crate) fn tensors(&self) -> Result<Vec<Tensor>, Error> {
        let places = self.layout.places.iter();
        places
            .map(|(range, shape)| view(&self.flat, range, shape))
            .collect()
    }

    /// The tensors that training moves, in the order in which they were given, out of one laid out as [`Arena::moved`].
    pub(crate) fn out_of(&self, moved: &Tensor) -> Result<Vec<Tensor>, Error> {
        self.moved_places()
            .map(|(range, shape)| view(moved, range, shape))
            .collect()
    }

    /// Gradients of the tensors that training moves, in the order in which they were given, laid out as [`Arena::moved`].
    pub(crate) fn gathered(&self, gradients: &[Tensor]) -> Result<Tensor, Error> {
        let starts = self.moved_places().map(|(range, _)| range.start);
        let mut ordered: Vec<_> = starts.zip(gradients).collect();
        ordered.sort_by_key(|(start, _)| *start);
        let flat = ordered.iter().map(|(_, gradient)| match gradient.dim() {
            1 => Ok(gradient.shallow_clone()),
            _ => gradient.f_reshape([-1]),
        });
        Ok(match ordered.is_empty() {
            true => self.flat.f_narrow(0, 0, 0)?,
            false => Tensor::f_cat(&flat.collect::<Result<Vec<_>, _>>()?, 0)?,
        })
    }

    fn moved_places(&self) -> impl Iterator<Item = &(Range<i64>, Vec<i64>)> {
        let end = self.layout.ends[1];
        let places = self.layout.places.iter();
        places.filter(move |(range, _)| range.end <= end)
    }
}

fn view(flat: &Tensor, range: &Range<i64>, shape: &[i64]) -> Result<Tensor, Error> {
    let numbers = flat.f_narrow(0, range.start, range.end - range.start)?;
    Ok(numbers.f_view(shape)?)
}
