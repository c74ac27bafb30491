//! A step, and what it has found.

use tch::Tensor;

use crate::batch_norm::Moments;
use crate::error::Error;

/// What a batch needs to know of itself; both count from 0.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) epoch: u32,
    /// The batch of the epoch, each drawing random numbers of its own. A step, unless gradients are accumulated.
    pub(super) step: u64,
}

/// What a batch, or a step, has found.
pub(super) struct Learnt {
    /// f64, on the device: the sum of the losses of the batch's pairs, or the loss of a batch of people; of a step's
    /// batches the sum.
    pub(super) loss: Tensor,
    /// Images embedded, both of each pair.
    pub(super) images: usize,
    /// For each trainable tensor of the encoder.
    pub(super) gradients: Vec<Tensor>,
    /// For each head.
    pub(super) of_heads: Vec<Tensor>,
    /// What each batch was normalised by: the running figures follow when the step is taken, so that one that is not leaves no
    /// trace.
    pub(super) normalised_by: Vec<Vec<Moments>>,
}

impl Learnt {
    /// Takes in another batch of the same step: gradients become means over all images, losses sums.
    pub(super) fn join(&mut self, other: &Self) -> Result<(), Error> {
        self.normalised_by.extend_from_slice(&other.normalised_by);
        self.images += other.images;
        self.loss = self.loss.f_add(&other.loss)?;
        let share = other.images as f64 / self.images as f64;
        let means = self.gradients.iter_mut().chain(&mut self.of_heads);
        for (mean, other) in means.zip(other.gradients.iter().chain(&other.of_heads)) {
            *mean = mean.f_lerp(other, share)?;
        }
        Ok(())
    }
}
