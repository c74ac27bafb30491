//! A batch shared out among threads.

use rayon::prelude::*;
use tch::{Device, Tensor};

use super::gradient_sum;
use super::step::Step;
use crate::batch_norm::{GradientSums, Moments};
use crate::dropout::Masks;
use crate::encoder::{Encoder, Pass};
use crate::error::Error;
use crate::tape::{Gradient, Tape, WayBack};
use crate::tree;

/// Views of the same weights, one for each part of a batch.
///
/// Parts have a fixed size, not a share of the threads there are, and sums are taken along one tree over the parts, so
/// that the same batch gives the same bytes on any number of threads.
pub(super) struct Shards {
    encoders: Vec<Encoder>,
    size: usize,
}

impl Shards {
    /// Parts of `size` for batches of at most `batch` pairs or images on a CPU; one part on a GPU.
    pub(super) fn new(encoder: &Encoder, whole: usize, batch: usize, size: usize) -> Self {
        let size = match encoder.takes_batches_whole() {
            false => size,
            true => whole,
        };
        let count = batch.div_ceil(size.max(1));
        Self {
            encoders: (0..count).map(|_| encoder.share()).collect(),
            size,
        }
    }

    /// Pairs or images in a part.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// How many parts a whole batch has.
    pub(super) fn count(&self) -> usize {
        self.encoders.len()
    }

    /// Where it is computed.
    pub(super) fn device(&self) -> Device {
        self.encoders.first().map_or(Device::Cpu, Encoder::device)
    }

    /// Dropout masks of the part of this number in a batch of an epoch.
    pub(super) fn masks(&self, seed: u64, step: Step, part: usize) -> Masks {
        let part_of_epoch = step.step * self.count() as u64 + part as u64;
        Masks::new(seed, step.epoch, part_of_epoch, self.device())
    }

    /// Does the work of each part with its own encoder, on a thread of its own; a single part on this thread. Gradients
    /// are recorded.
    pub(super) fn each<T: Send, R: Send>(
        &self,
        work: impl IntoIterator<Item = T>,
        one: impl Fn(&Encoder, T) -> Result<R, Error> + Sync + Send,
    ) -> Result<Vec<R>, Error> {
        // Recording is a state of the thread, and this one may have been doing anything.
        let recorded = |(encoder, item): (Encoder, T)| tch::with_grad(|| one(&encoder, item));
        let encoders = self.encoders.iter().map(Encoder::share);
        let work = encoders.zip(work);
        if self.count() == 1 {
            return work.map(recorded).collect();
        }
        // The parts are the threads: libtorch's own, which wait for each other busily, would only be in the way.
        let single = |item| {
            tch::set_num_threads(1);
            recorded(item)
        };
        let work: Vec<_> = work.collect();
        work.into_par_iter().map(single).collect()
    }

    /// Takes each part from pixels to embeddings, all parts together through each batch normalisation. `begin` makes the
    /// pass of a part, and what `end` needs beside its embeddings; both run on the part's thread.
    pub(super) fn forward<T: Send, P: Send, R: Send>(
        &self,
        work: impl IntoIterator<Item = T>,
        begin: impl Fn(&Encoder, T) -> Result<(P, Pass), Error> + Sync + Send,
        end: impl Fn(&Encoder, P, (Tensor, Tape)) -> Result<R, Error> + Sync + Send,
    ) -> Result<Vec<R>, Error> {
        let halt_or_end = |encoder: &Encoder, part, pass| {
            Ok(match encoder.moments(&pass)? {
                Some(moments) => Under::Way((part, pass), moments),
                None => Under::End(end(encoder, part, encoder.end(pass)?)?),
            })
        };
        let mut parts = self.each(work, |encoder, work| {
            let (part, pass) = begin(encoder, work)?;
            halt_or_end(encoder, part, pass)
        })?;
        loop {
            let (passes, moments) = match halted(parts) {
                Ok(ended) => return Ok(ended),
                Err(halted) => halted,
            };
            let join = |a: Moments, b| Ok::<_, Error>(a.join(&b));
            let whole = tree::join(moments, join)?.ok_or_else(no_parts)?;
            if let (Some(encoder), Some((_, pass))) = (self.encoders.first(), passes.first()) {
                encoder.follow(pass, &whole)?;
            }
            parts = self.each(passes, |encoder, (part, mut pass)| {
                encoder.go_on(&mut pass, &whole)?;
                halt_or_end(encoder, part, pass)
            })?;
        }
    }

    /// Begins the way back of a part, from its part of the loss up to the first batch normalisation.
    pub(super) fn turn(encoder: &Encoder, loss: Tensor, tape: Tape) -> Result<Turned, Error> {
        let mut way = encoder.way_back(loss, tape);
        Ok(match encoder.go_back(&mut way, None)? {
            Some(sums) => Under::Way(way, sums),
            None => Under::End(encoder.gradients(way)?),
        })
    }

    /// Takes each part back to its pixels, all parts together through each batch normalisation. Gives the sums of their
    /// gradients, for each trainable tensor of the encoder.
    pub(super) fn backward(&self, mut parts: Vec<Turned>) -> Result<Vec<Tensor>, Error> {
        loop {
            let (ways, sums) = match halted(parts) {
                Ok(ended) => return self::sums(ended),
                Err(halted) => halted,
            };
            let join = |a: GradientSums, b| Ok::<_, Error>(a.join(&b));
            let whole = tree::join(sums, join)?.ok_or_else(no_parts)?;
            parts = self.each(ways, |encoder, mut way| {
                Ok(match encoder.go_back(&mut way, Some(&whole))? {
                    Some(sums) => Under::Way(way, sums),
                    None => Under::End(encoder.gradients(way)?),
                })
            })?;
        }
    }
}

/// A part that waits for the others at a batch normalisation, with what it has for them, or is at its end.
pub(super) enum Under<W, M, E> {
    Way(W, M),
    End(E),
}

/// A part on its way back, or its gradients.
pub(super) type Turned = Under<WayBack, GradientSums, Vec<Gradient>>;

/// What all parts wait with, or what they ended with: they have the same layers, and so halt at the same.
fn halted<W, M, E>(parts: Vec<Under<W, M, E>>) -> Result<Vec<E>, (Vec<W>, Vec<M>)> {
    let mut ended = Vec::new();
    let mut waiting = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Under::Way(way, sums) => {
                waiting.0.push(way);
                waiting.1.push(sums);
            }
            Under::End(end) => ended.push(end),
        }
    }
    if waiting.0.is_empty() {
        Ok(ended)
    } else {
        Err(waiting)
    }
}

/// The sums of the parts' gradients, place by place, along the tree over the parts; an error without parts.
pub(super) fn sums(parts: impl IntoIterator<Item = Vec<Gradient>>) -> Result<Vec<Tensor>, Error> {
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let places = parts.first().ok_or_else(no_parts)?.len();
    let mut sums = Vec::with_capacity(places);
    for _ in 0..places {
        let place = parts.iter_mut().filter_map(Iterator::next).collect();
        sums.push(gradient_sum::sum(place)?.ok_or_else(no_parts)?);
    }
    Ok(sums)
}

fn no_parts() -> Error {
    Error::Data("a batch is empty".into())
}

#[cfg(test)]
mod tests;
