//! Steps on slices of memory: each number is read and written once.

use multiversion::multiversion;
use rayon::prelude::*;

/// Numbers that a thread takes at a time.
const CHUNK: usize = 1 << 14;

/// A parameter, its gradient and its state, of one length; a slot that the optimizer does not have is empty.
pub(super) struct Moved<'a> {
    pub(super) weight: &'a mut [f32],
    pub(super) gradient: &'a [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
}

/// What is the same for all numbers of an Adam step.
#[derive(Clone, Copy)]
pub(super) struct Adam {
    /// What a moment keeps, and what it takes of the new value.
    first: [f32; 2],
    second: [f32; 2],
    /// What they are divided by, since they began at zero.
    corrections: [f32; 2],
    epsilon: f32,
    factor: f32,
}

impl Adam {
    pub(super) fn new(betas: [f64; 2], epsilon: f64, step: f64, lr: f64) -> Self {
        let shares = |beta: f64| [beta as f32, (1.0 - beta) as f32];
        Self {
            first: shares(betas[0]),
            second: shares(betas[1]),
            corrections: betas.map(|beta| (1.0 - beta.powf(step)) as f32),
            epsilon: epsilon as f32,
            factor: -lr as f32,
        }
    }
}

impl Moved<'_> {
    /// See [`Optimizer::step`](super::Optimizer::step); `decay` is added to the gradient as a share of the weight.
    pub(super) fn sgd(self, decay: Option<f32>, momentum: Option<f32>, factor: f32) {
        let numbers = self.weight.par_chunks_mut(CHUNK);
        let numbers = numbers
            .zip(self.gradient.par_chunks(CHUNK))
            .zip(self.first.par_chunks_mut(CHUNK));
        numbers.for_each(|((weight, gradient), first)| {
            sgd(weight, gradient, first, decay, momentum, factor);
        });
    }

    /// `decay`: what the weight is multiplied by first.
    pub(super) fn adam(self, adam: Adam, decay: Option<f32>) {
        let numbers = self.weight.par_chunks_mut(CHUNK);
        let numbers = numbers
            .zip(self.gradient.par_chunks(CHUNK))
            .zip(self.first.par_chunks_mut(CHUNK))
            .zip(self.second.par_chunks_mut(CHUNK));
        let decay = decay.unwrap_or(1.0);
        numbers.for_each(|(((weight, gradient), first), second)| {
            step_adam(adam, decay, weight, gradient, first, second);
        });
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn sgd(
    weight: &mut [f32],
    gradient: &[f32],
    velocity: &mut [f32],
    decay: Option<f32>,
    momentum: Option<f32>,
    factor: f32,
) {
    for ((weight, gradient), velocity) in weight.iter_mut().zip(gradient).zip(velocity) {
        let mut direction = *gradient;
        if let Some(decay) = decay {
            direction += *weight * decay;
        }
        if let Some(momentum) = momentum {
            *velocity = *velocity * momentum + direction;
            direction = *velocity;
        }
        *weight += direction * factor;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn step_adam(
    adam: Adam,
    decay: f32,
    weight: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let Adam {
        first: [keep, take],
        second: [keep_square, take_square],
        corrections: [correction, square_correction],
        epsilon,
        factor,
    } = adam;
    let numbers = weight.iter_mut().zip(gradient).zip(first).zip(second);
    for (((weight, gradient), first), second) in numbers {
        *first = *first * keep + gradient * take;
        *second = *second * keep_square + (gradient * gradient) * take_square;
        let root = (*second / square_correction).sqrt() + epsilon;
        let direction = *first / root / correction;
        *weight = *weight * decay + direction * factor;
    }
}
