//! The loss of the epoch under way.

use tch::Tensor;

use crate::error::Error;

/// Steps whose losses stay on the device until they are read together: no step waits for the device, and a loss that
/// is no number ends the run within so many steps.
const READ_EVERY: usize = 128;

/// Sum of the losses of the epoch's pairs so far.
#[derive(Debug)]
pub(super) struct RunningLoss {
    /// Counted from 1.
    epoch: u32,
    /// Steps already read, and the sum of their losses.
    read: (u64, f64),
    /// Of each step since, f64 on the device.
    unread: Vec<Tensor>,
}

impl RunningLoss {
    /// At the beginning of an epoch, or after so many of its steps with this sum.
    pub(super) fn new(epoch: u32, steps: u64, sum: f64) -> Self {
        Self {
            epoch,
            read: (steps, sum),
            unread: Vec::new(),
        }
    }

    /// Adds a step's sum of losses.
    pub(super) fn add(&mut self, loss: Tensor) -> Result<(), Error> {
        self.unread.push(loss);
        if self.unread.len() == READ_EVERY {
            self.read = (self.read.0 + READ_EVERY as u64, self.sum()?);
            self.unread.clear();
        }
        Ok(())
    }

    /// The sum; [`Error::NotFinite`] with the first step whose loss is no number.
    pub(super) fn sum(&self) -> Result<f64, Error> {
        let (mut step, mut sum) = self.read;
        if self.unread.is_empty() {
            return Ok(sum);
        }
        // Added here one by one: the same sum however often it was read.
        for value in Vec::<f64>::try_from(&Tensor::f_stack(&self.unread, 0)?)? {
            step += 1;
            if !value.is_finite() {
                return Err(Error::NotFinite {
                    which: "the training loss",
                    value,
                    epoch: self.epoch,
                    step: Some(step),
                });
            }
            sum += value;
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_adding_one_by_one_and_the_first_bad_step_is_named() {
        let value = |step: u64| 1.0 / (step as f64 + 0.3);
        let mut loss = RunningLoss::new(3, 0, 0.0);
        let mut sum = 0.0;
        for step in 1..=300 {
            loss.add(Tensor::from(value(step))).unwrap();
            sum += value(step);
            assert_eq!(loss.sum().unwrap().to_bits(), f64::to_bits(sum));
        }
        for bad in [f64::NAN, f64::INFINITY] {
            let mut loss = RunningLoss::new(3, 300, sum);
            loss.add(Tensor::from(1.0)).unwrap();
            loss.add(Tensor::from(bad)).unwrap();
            loss.add(Tensor::from(f64::NAN)).unwrap();
            let error = loss.sum().unwrap_err();
            let at = matches!(
                error,
                Error::NotFinite {
                    epoch: 3,
                    step: Some(302),
                    ..
                }
            );
            assert!(at, "{error}");
        }
    }

    #[test]
    fn a_bad_step_is_found_before_the_epoch_ends() {
        let mut loss = RunningLoss::new(1, 0, 0.0);
        let step = |_| loss.add(Tensor::from(f64::NAN));
        assert!((0..READ_EVERY).map(step).any(|added| added.is_err()));
    }
}
