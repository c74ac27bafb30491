//! A batch shared out among threads.

use std::cell::OnceCell;
use std::ops::Range;

use rayon::prelude::*;
use tch::{Device, Tensor};

use super::step::Step;
use super::together::{MemoryOrder, Together, no_parts};
use crate::batch_norm::{GradientSums, Moments};
use crate::collective::Collective;
use crate::dropout::Masks;
use crate::encoder::{Encoder, Pass};
use crate::error::Error;
use crate::tape::{Gradient, Tape, WayBack};

/// Views of the same weights, one for each part of a batch.
///
/// Parts have a fixed size, not a share of the threads or processes there are, and sums are taken along one tree over the
/// parts, so that the same batch gives the same bytes on any number of threads and processes.
pub(super) struct Shards<'a> {
    encoders: Vec<Encoder>,
    size: usize,
    processes: &'a dyn Collective,
    /// Of gradients.
    order: OnceCell<MemoryOrder>,
}

impl<'a> Shards<'a> {
    /// Parts of `size` for batches of at most `batch` pairs or images on a CPU; on GPUs one part for each process.
    pub(super) fn new(
        encoder: &Encoder,
        processes: &'a dyn Collective,
        whole: usize,
        batch: usize,
        size: usize,
    ) -> Self {
        let size = match encoder.takes_batches_whole() {
            false => size,
            true => whole.div_ceil(processes.size()),
        };
        let count = batch.div_ceil(size.max(1));
        Self {
            encoders: (0..count).map(|_| encoder.share()).collect(),
            size,
            processes,
            order: OnceCell::new(),
        }
    }

    /// Those that compute batches together.
    pub(super) fn processes(&self) -> &'a dyn Collective {
        self.processes
    }

    /// A batch of so many pairs or images, in parts.
    pub(super) fn together(&self, batch: usize) -> Together<'a> {
        Together {
            processes: self.processes,
            parts: batch.div_ceil(self.size.max(1)),
        }
    }

    /// Those of a batch's pairs or images that these parts hold.
    pub(super) fn held(&self, batch: usize, parts: &Range<usize>) -> Range<usize> {
        let place = |part: usize| (part * self.size).min(batch);
        place(parts.start)..place(parts.end)
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

    /// Takes each of this process's parts from pixels to embeddings, all parts of the batch together through each batch
    /// normalisation. `begin` makes the pass of a part, and what `end` needs beside its embeddings; both run on the part's
    /// thread. Gives what `end` gave, and what the batch was normalised by, see [`Encoder::follow`].
    pub(super) fn forward<T: Send, P: Send, R: Send>(
        &self,
        batch: Together<'_>,
        work: impl IntoIterator<Item = T>,
        begin: impl Fn(&Encoder, T) -> Result<(P, Pass), Error> + Sync + Send,
        end: impl Fn(&Encoder, P, (Tensor, Tape)) -> Result<R, Error> + Sync + Send,
    ) -> Result<(Vec<R>, Vec<Moments>), Error> {
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
        let encoder = self.encoders.first().ok_or_else(no_parts)?;
        let mut normalised_by = Vec::new();
        for halt in encoder.halts() {
            let (passes, moments) = halted(parts);
            let length = 1 + 2 * encoder.channels(halt);
            let whole: Moments = batch.join(moments, length)?;
            parts = self.each(passes, |encoder, (part, mut pass)| {
                encoder.go_on(&mut pass, &whole)?;
                halt_or_end(encoder, part, pass)
            })?;
            normalised_by.push(whole);
        }
        Ok((ended(parts), normalised_by))
    }

    /// Begins the way back of a part, from its part of the loss up to the first batch normalisation.
    pub(super) fn turn(encoder: &Encoder, loss: Tensor, tape: Tape) -> Result<Turned, Error> {
        let mut way = encoder.way_back(loss, tape);
        Ok(match encoder.go_back(&mut way, None)? {
            Some(sums) => Under::Way(way, sums),
            None => Under::End(encoder.gradients(way)?),
        })
    }

    /// Takes each of this process's parts back to its pixels, all parts of the batch together through each batch normalisation.
    /// Gives the sums of all parts' gradients, for each trainable tensor of the encoder.
    pub(super) fn backward(
        &self,
        batch: Together<'_>,
        mut parts: Vec<Turned>,
    ) -> Result<Vec<Tensor>, Error> {
        let encoder = self.encoders.first().ok_or_else(no_parts)?;
        for halt in encoder.halts().rev() {
            let (ways, sums) = halted(parts);
            let whole: GradientSums = batch.join(sums, 2 * encoder.channels(halt))?;
            parts = self.each(ways, |encoder, mut way| {
                Ok(match encoder.go_back(&mut way, Some(&whole))? {
                    Some(sums) => Under::Way(way, sums),
                    None => Under::End(encoder.gradients(way)?),
                })
            })?;
        }
        batch.sums(ended(parts), &encoder.trainable(), &self.order)
    }
}

/// A part that waits for the others at a batch normalisation, with what it has for them, or is at its end.
pub(super) enum Under<W, M, E> {
    Way(W, M),
    End(E),
}

/// A part on its way back, or its gradients.
pub(super) type Turned = Under<WayBack, GradientSums, Vec<Gradient>>;

/// What parts wait with at a batch normalisation: they have the same layers, and so halt at the same.
fn halted<W, M, E>(parts: Vec<Under<W, M, E>>) -> (Vec<W>, Vec<M>) {
    let waiting = parts.into_iter().filter_map(|part| match part {
        Under::Way(way, sums) => Some((way, sums)),
        Under::End(_) => None,
    });
    waiting.unzip()
}

/// What parts have ended with.
fn ended<W, M, E>(parts: Vec<Under<W, M, E>>) -> Vec<E> {
    let ended = parts.into_iter().filter_map(|part| match part {
        Under::Way(..) => None,
        Under::End(end) => Some(end),
    });
    ended.collect()
}

#[cfg(test)]
mod tests;
