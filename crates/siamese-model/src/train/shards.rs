//! A batch shared out among threads.

use rayon::prelude::*;
use tch::{Device, Tensor};

use super::step::Step;
use crate::dropout::Masks;
use crate::encoder::Encoder;
use crate::error::Error;

/// Views of the same weights, one for each part of a batch.
///
/// Parts have a fixed size, not a share of the threads there are, and sums are taken in the parts' order, so that the
/// same batch gives the same bytes on any number of threads.
pub(super) struct Shards {
    encoders: Vec<Encoder>,
    size: usize,
}

impl Shards {
    /// Parts of `size` for batches of at most `batch` pairs or images on a CPU. One part on a GPU, and where batch
    /// normalisation needs the batch as a whole.
    pub(super) fn new(encoder: &Encoder, whole: usize, batch: usize, size: usize) -> Self {
        let undivided = encoder.device() != Device::Cpu || encoder.plan().mixes_images();
        let size = if undivided { whole } else { size };
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
}

/// The sums of the parts' tensors, place by place, in the parts' order; an error without parts.
pub(super) fn sums(parts: impl IntoIterator<Item = Vec<Tensor>>) -> Result<Vec<Tensor>, Error> {
    let mut parts = parts.into_iter();
    let Some(mut sums) = parts.next() else {
        return Err(Error::Data("a batch is empty".into()));
    };
    for others in parts {
        for (sum, other) in sums.iter_mut().zip(&others) {
            *sum = sum.f_add(other)?;
        }
    }
    Ok(sums)
}
