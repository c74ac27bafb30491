//! The tensors of a network as they lie in memory: on a GPU in few pieces, so that what is done to all is few launches.

use siamese_net::Plan;
use tch::Tensor;

use super::Encoder;
use crate::arena::{Arena, Part};
use crate::error::Error;
use crate::optimizer::Decays;

/// Puts the tensors of a plan into one piece of memory.
pub(super) fn together(plan: &Plan, tensors: &mut [Tensor]) -> Result<Arena, Error> {
    let device = tensors.first().map_or(tch::Device::Cpu, Tensor::device);
    let parts: Vec<(Tensor, Part)> = plan
        .params()
        .iter()
        .zip(tensors.iter())
        .map(|(param, tensor)| {
            let part = match (param.trainable, tensor.dim() > 1) {
                (true, true) => Part::Decaying,
                (true, false) => Part::Moved,
                (false, _) => Part::Still,
            };
            (tensor.shallow_clone(), part)
        })
        .collect();
    let arena = Arena::new(&parts, device)?;
    let views = plan.params().iter().zip(arena.tensors()?);
    for (tensor, (param, view)) in tensors.iter_mut().zip(views) {
        *tensor = view.f_detach()?.f_set_requires_grad(param.trainable)?;
    }
    Ok(arena)
}

impl Encoder {
    /// All that training may change, running figures included.
    pub(crate) fn memory(&self) -> Vec<Tensor> {
        match &self.arena {
            Some(arena) => {
                let of_front = self.tensors[self.layout.plan.params().len()..].iter();
                let flat = std::iter::once(arena.flat().shallow_clone());
                flat.chain(of_front.map(Tensor::shallow_clone)).collect()
            }
            None => self.tensors.iter().map(Tensor::shallow_clone).collect(),
        }
    }

    /// What training moves, and how much of it weight decay applies to.
    pub(crate) fn pieces(&self) -> Result<Vec<(Tensor, Decays)>, Error> {
        let each = self.trainable().into_iter().zip(self.trainable_names());
        let each = each.map(|(tensor, (_, decays))| (tensor, Decays::from(decays)));
        let Some(arena) = &self.arena else {
            return Ok(each.collect());
        };
        let mut pieces = vec![(arena.moved()?, Decays::First(arena.decaying()))];
        pieces.extend(each.skip(self.trainable_layers()));
        Ok(pieces)
    }

    /// Gradients for each of [`Encoder::trainable`] as [`Encoder::pieces`] has them.
    pub(crate) fn gathered(&self, mut gradients: Vec<Tensor>) -> Result<Vec<Tensor>, Error> {
        let Some(arena) = &self.arena else {
            return Ok(gradients);
        };
        let of_front = gradients.split_off(self.trainable_layers());
        let mut pieces = vec![arena.gathered(&gradients)?];
        pieces.extend(of_front);
        Ok(pieces)
    }

    /// For each of [`Encoder::trainable`] its own out of tensors like [`Encoder::pieces`].
    pub(crate) fn out_of(&self, pieces: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let (Some(arena), [moved, of_front @ ..]) = (&self.arena, pieces) else {
            return Ok(pieces.iter().map(Tensor::shallow_clone).collect());
        };
        let mut each = arena.out_of(moved)?;
        each.extend(of_front.iter().map(Tensor::shallow_clone));
        Ok(each)
    }

    /// How many tensors of the layers training moves.
    fn trainable_layers(&self) -> usize {
        let params = self.layout.plan.params().iter();
        params.filter(|param| param.trainable).count()
    }
}
