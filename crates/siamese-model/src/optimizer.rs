//! Optimizers on plain tensors, with a state that can be saved and restored to the bit.

use siamese_net::OptimizerSpec;
use tch::{Kind, Tensor};

use crate::error::Error;
use crate::slices::{floats, floats_mut, in_rows, is_slice};

mod slices;

use slices::{Adam, Moved};

/// Moves weights by their gradients.
///
/// State: one tensor like each weight for every slot, and the number of steps taken.
#[derive(Debug)]
pub struct Optimizer {
    spec: OptimizerSpec,
    /// `slots[s][p]`: slot `s` of parameter `p`.
    slots: Vec<Vec<Tensor>>,
    steps: u64,
}

impl Optimizer {
    /// An optimizer that has taken no step, for weights of these shapes.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where memory runs out.
    pub fn new(spec: OptimizerSpec, weights: &[Tensor]) -> Result<Self, Error> {
        let slots = (0..slot_names(&spec).len())
            .map(|_| {
                weights
                    .iter()
                    .map(|w| Ok(w.f_zeros_like()?.f_detach()?))
                    .collect()
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            spec,
            slots,
            steps: 0,
        })
    }

    /// One step at learning rate `lr`.
    ///
    /// `gradients` are in the order of `weights`; `decays` says to which of them weight decay applies.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where shapes differ or memory runs out.
    pub fn step(
        &mut self,
        weights: &[Tensor],
        gradients: &[Tensor],
        decays: &[bool],
        lr: f64,
    ) -> Result<(), Error> {
        let decays: Vec<Decays> = decays.iter().copied().map(Decays::from).collect();
        self.step_pieces(weights, gradients, &decays, lr)
    }

    /// The same, where weight decay may apply to a part of the numbers.
    pub(crate) fn step_pieces(
        &mut self,
        weights: &[Tensor],
        gradients: &[Tensor],
        decays: &[Decays],
        lr: f64,
    ) -> Result<(), Error> {
        self.steps += 1;
        tch::no_grad(|| {
            for (p, (weight, gradient)) in weights.iter().zip(gradients).enumerate() {
                let mut weight = weight.shallow_clone();
                if self.step_slices(p, &weight, gradient, decays[p], lr)? {
                    continue;
                }
                match self.spec {
                    OptimizerSpec::Sgd {
                        momentum,
                        weight_decay,
                        ..
                    } => {
                        let mut gradient = gradient.shallow_clone();
                        if weight_decay != 0.0
                            && let Some(weight) = decays[p].of(&weight)?
                        {
                            let decay = weight.f_mul_scalar(weight_decay)?;
                            gradient = match decays[p] {
                                // Gathered for this step alone.
                                Decays::First(count) => {
                                    let _ = gradient.f_narrow(0, 0, count)?.f_add_(&decay)?;
                                    gradient
                                }
                                _ => gradient.f_add(&decay)?,
                            };
                        }
                        if momentum != 0.0 {
                            gradient = self.slots[0][p]
                                .f_mul_scalar_(momentum)?
                                .f_add_(&gradient)?;
                        }
                        move_by(&mut weight, &gradient, -lr)?;
                    }
                    OptimizerSpec::Rmsprop {
                        rho,
                        epsilon,
                        epsilon_under_root,
                        ..
                    } => {
                        decay_towards(&mut self.slots[0][p], &gradient.f_square()?, rho)?;
                        let mean_square = &self.slots[0][p];
                        let root = match epsilon_under_root {
                            true => mean_square.f_add_scalar(epsilon)?.f_sqrt()?,
                            false => mean_square.f_sqrt()?.f_add_scalar_(epsilon)?,
                        };
                        move_by(&mut weight, &gradient.f_div(&root)?, -lr)?;
                    }
                    OptimizerSpec::Adam { betas, epsilon, .. } => {
                        let direction = self.adam(p, gradient, betas, epsilon)?;
                        move_by(&mut weight, &direction, -lr)?;
                    }
                    OptimizerSpec::Adamw {
                        betas,
                        epsilon,
                        weight_decay,
                        ..
                    } => {
                        if let Some(mut weight) = decays[p].of(&weight)? {
                            let _ = weight.f_mul_scalar_(1.0 - lr * weight_decay)?;
                        }
                        let direction = self.adam(p, gradient, betas, epsilon)?;
                        move_by(&mut weight, &direction, -lr)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Takes the step of parameter `p` in one pass over memory where all lie on the CPU in the same order. Whether it was
    /// taken: RMSprop stays libtorch's, whose square roots are not the nearest numbers, and on which published figures rest.
    fn step_slices(
        &mut self,
        p: usize,
        weight: &Tensor,
        gradient: &Tensor,
        decays: Decays,
        lr: f64,
    ) -> Result<bool, Error> {
        let decays = match decays {
            Decays::All => true,
            Decays::None => false,
            Decays::First(_) => return Ok(false),
        };
        let contiguous = |tensor: &Tensor| tensor.is_contiguous() == weight.is_contiguous();
        if !contiguous(gradient) || !self.slots.iter().all(|slot| contiguous(&slot[p])) {
            return Ok(false);
        }
        let (mut weight, gradient) = (in_rows(weight)?, in_rows(gradient)?);
        let slots = self.slots.iter().map(|slot| in_rows(&slot[p]));
        let mut slots = slots.collect::<Result<Vec<_>, _>>()?;
        // Of other shapes than the weight's there is no step: libtorch says so.
        let shape = weight.size();
        let fits = |tensor: &Tensor| is_slice(tensor) && tensor.size() == shape;
        if ![&weight, &gradient].into_iter().chain(&slots).all(fits) {
            return Ok(false);
        }
        let t = self.steps as f64;
        let mut slots = slots.iter_mut().map(floats_mut);
        let mut slot = || slots.next().transpose().map(Option::unwrap_or_default);
        let moved = Moved {
            first: slot()?,
            second: slot()?,
            gradient: floats(&gradient)?,
            weight: floats_mut(&mut weight)?,
        };
        match self.spec {
            OptimizerSpec::Sgd {
                momentum,
                weight_decay,
                ..
            } => {
                let decay = (weight_decay != 0.0 && decays).then_some(weight_decay as f32);
                let momentum = (momentum != 0.0).then_some(momentum as f32);
                moved.sgd(decay, momentum, -lr as f32);
            }
            OptimizerSpec::Rmsprop { .. } => return Ok(false),
            OptimizerSpec::Adam { betas, epsilon, .. } => {
                moved.adam(Adam::new(betas, epsilon, t, lr), None);
            }
            OptimizerSpec::Adamw {
                betas,
                epsilon,
                weight_decay,
                ..
            } => {
                let decay = decays.then_some((1.0 - lr * weight_decay) as f32);
                moved.adam(Adam::new(betas, epsilon, t, lr), decay);
            }
        }
        Ok(true)
    }

    /// `m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)`.
    fn adam(
        &mut self,
        p: usize,
        gradient: &Tensor,
        betas: [f64; 2],
        epsilon: f64,
    ) -> Result<Tensor, Error> {
        let t = self.steps as f64;
        decay_towards(&mut self.slots[0][p], gradient, betas[0])?;
        decay_towards(&mut self.slots[1][p], &gradient.f_square()?, betas[1])?;
        let root = self.slots[1][p]
            .f_div_scalar(1.0 - betas[1].powf(t))?
            .f_sqrt_()?
            .f_add_scalar_(epsilon)?;
        Ok(self.slots[0][p]
            .f_div(&root)?
            .f_div_scalar_(1.0 - betas[0].powf(t))?)
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The state as tensors named `slot.parameter`, for the parameters named in order.
    pub fn state<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = (String, &'a Tensor)> {
        let slots = slot_names(&self.spec).iter().zip(&self.slots);
        slots.flat_map(move |(slot, tensors)| {
            names
                .iter()
                .zip(tensors)
                .map(move |(name, tensor)| (format!("{slot}.{name}"), tensor))
        })
    }

    /// The names of the slots, each with one tensor for every weight.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&'static str, &[Tensor])> {
        let names = slot_names(&self.spec).iter().copied();
        names.zip(self.slots.iter().map(Vec::as_slice))
    }

    /// Goes on after so many steps.
    pub(crate) fn resume_after(&mut self, steps: u64) {
        self.steps = steps;
    }

    /// Takes over a state that [`Optimizer::state`] gave.
    ///
    /// # Errors
    /// What `find` returns for a tensor that is missing; [`Error::Libtorch`] for one of another shape.
    pub fn restore(
        &mut self,
        names: &[String],
        steps: u64,
        mut find: impl FnMut(&str) -> Result<Tensor, Error>,
    ) -> Result<(), Error> {
        self.steps = steps;
        for (slot, tensors) in slot_names(&self.spec).iter().zip(&mut self.slots) {
            for (name, tensor) in names.iter().zip(tensors) {
                tch::no_grad(|| -> Result<(), Error> {
                    Ok(tensor.f_copy_(&find(&format!("{slot}.{name}"))?)?)
                })?;
            }
        }
        Ok(())
    }
}

/// What weight decay applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decays {
    All,
    None,
    /// So many numbers at the beginning.
    First(i64),
}

impl From<bool> for Decays {
    fn from(all: bool) -> Self {
        match all {
            true => Self::All,
            false => Self::None,
        }
    }
}

impl Decays {
    /// That part of a tensor, in place.
    fn of(self, tensor: &Tensor) -> Result<Option<Tensor>, Error> {
        Ok(match self {
            Self::All => Some(tensor.shallow_clone()),
            Self::None => None,
            Self::First(count) => Some(tensor.f_narrow(0, 0, count)?),
        })
    }
}

/// Names of the tensors that an optimizer keeps for each weight.
fn slot_names(spec: &OptimizerSpec) -> &'static [&'static str] {
    match spec {
        OptimizerSpec::Sgd { .. } => &["momentum"],
        OptimizerSpec::Rmsprop { .. } => &["mean_square"],
        OptimizerSpec::Adam { .. } | OptimizerSpec::Adamw { .. } => {
            &["first_moment", "second_moment"]
        }
    }
}

/// `average = decay * average + (1 - decay) * value`.
fn decay_towards(average: &mut Tensor, value: &Tensor, decay: f64) -> Result<(), Error> {
    let _ = average
        .f_mul_scalar_(decay)?
        .f_add_(&value.f_mul_scalar(1.0 - decay)?)?;
    Ok(())
}

/// `weight += factor * direction`.
fn move_by(weight: &mut Tensor, direction: &Tensor, factor: f64) -> Result<(), Error> {
    let _ = weight.f_add_(&direction.f_mul_scalar(factor)?)?;
    Ok(())
}

/// Scales gradients down so that their common norm is at most `limit`; returns nothing to the host, so it costs no
/// wait for a GPU.
///
/// # Errors
/// [`Error::Libtorch`] where memory runs out.
pub(crate) fn clip(gradients: Vec<&mut Tensor>, limit: f64) -> Result<(), Error> {
    let squares = gradients
        .iter()
        .map(|g| Ok(g.f_square()?.f_sum(Kind::Float)?))
        .collect::<Result<Vec<_>, Error>>()?;
    let norm = Tensor::f_stack(&squares, 0)?.f_sum(Kind::Float)?.f_sqrt()?;
    let factor = norm
        .f_add_scalar(1e-6)?
        .f_reciprocal()?
        .f_mul_scalar(limit)?
        .f_clamp_max(1.0)?;
    for gradient in gradients {
        let _ = gradient.f_mul_(&factor)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
