//! The way of images through the network, in use and in training.

use siamese_net::{Op, PoolAxes};
use tch::{Device, Kind, Tensor};

use super::Encoder;
use crate::batch_norm::Moments;
use crate::dropout::Masks;
use crate::error::Error;
use crate::fused::{Normalise, Run};
use crate::lbp;
use crate::precision::of_kind;
use crate::slices::floats;
use crate::tape::{self, Tape};

/// Whether chance, batch figures and gradients take part.
pub(super) enum Mode<'a> {
    Evaluate,
    Train {
        masks: &'a mut Masks,
        tape: &'a mut Tape,
    },
}

impl Encoder {
    /// What the layers see of images of f32, in the numbers that they compute in: the images, or what a ready network
    /// makes of them, which computes in f32 always.
    pub(super) fn enter(
        &self,
        images: &Tensor,
        precision: Kind,
        mode: &mut Mode<'_>,
    ) -> Result<Tensor, Error> {
        let Some(front) = &self.front else {
            // Rounded pixels have other patterns.
            let precision = match self.layout.ops.first() {
                Some(Run::Plain(Op::Lbp { .. })) => Kind::Float,
                _ => precision,
            };
            return Ok(of_kind(images, precision)?);
        };
        let vectors = match mode {
            Mode::Train { tape, .. } if front.is_trainable() => {
                tape.uses_all(self.layout.plan.params().len()..self.tensors.len());
                front.forward(images)
            }
            _ => tch::no_grad(|| front.forward(images)),
        };
        Ok(vectors?.f_to_kind(precision)?)
    }

    /// One operation after the other, as in use.
    pub(super) fn run_all(&self, ops: &[Run], mut x: Tensor) -> Result<Tensor, Error> {
        let mut kept = Vec::new();
        for op in ops {
            x = match op {
                Run::BatchNorm(normalise) => self.normalise(normalise, &x)?,
                op => self.run(op, x, &mut kept, &mut Mode::Evaluate)?,
            };
        }
        Ok(x)
    }

    /// An operation that is no batch normalisation of its own; `kept` is what residual layers have kept aside.
    pub(super) fn run(
        &self,
        op: &Run,
        x: Tensor,
        kept: &mut Vec<Tensor>,
        mode: &mut Mode<'_>,
    ) -> Result<Tensor, Error> {
        Ok(match op {
            Run::Plain(op) => self.apply(op, x, mode)?,
            Run::ConvPool {
                block,
                weight,
                bias,
            } => {
                // It computes in f32.
                let kind = x.kind();
                let x = x.f_to_kind(Kind::Float)?;
                let tensor = |i: usize| &self.tensors[i];
                let maps = match mode {
                    Mode::Evaluate => {
                        tape::conv_pool(block, &x, tensor(*weight), bias.map(tensor))?
                    }
                    Mode::Train { tape, .. } => {
                        tape.conv_pool(block, &x, kept, *weight, *bias, &self.tensors)?
                    }
                };
                maps.f_to_kind(kind)?
            }
            Run::Conv {
                conv,
                weight,
                bias,
                plain,
            } => match mode {
                Mode::Train { tape, .. } if x.kind() == Kind::Float => {
                    tape.conv(*conv, &x, kept, *weight, *bias, &self.tensors)?.0
                }
                _ => self.apply(plain, x, mode)?,
            },
            Run::Dense {
                weight,
                bias,
                plain,
            } => match mode {
                Mode::Train { tape, .. } if x.kind() == Kind::Float => {
                    tape.dense(&x, kept, *weight, *bias, &self.tensors)?
                }
                _ => plain.iter().try_fold(x, |x, op| self.apply(op, x, mode))?,
            },
            Run::BatchNorm(normalise) => self.normalise(normalise, &x)?,
            Run::Fork { projection } => {
                kept.push(match projection {
                    Some(projection) => self.apply(projection, x.shallow_clone(), mode)?,
                    None => x.shallow_clone(),
                });
                x
            }
            Run::Join => match kept.pop() {
                Some(kept) => x.f_add(&kept)?,
                None => x,
            },
        })
    }

    /// Batch normalisation by the running figures.
    fn normalise(&self, op: &Normalise, x: &Tensor) -> Result<Tensor, Error> {
        let numbers = |i: usize| floats(&self.tensors[i]);
        let figures = op.layer.figures(
            &Moments::running(numbers(op.mean)?, numbers(op.var)?),
            numbers(op.weight)?,
            numbers(op.bias)?,
        );
        let input = tape::channels_last(&x.f_to_kind(Kind::Float)?)?;
        let (output, _) = tape::normalised(op.layer, &input, &figures)?;
        Ok(tape::channels_second(&output)?.f_to_kind(x.kind())?)
    }

    fn apply(&self, op: &Op, x: Tensor, mode: &mut Mode<'_>) -> Result<Tensor, Error> {
        let kind = x.kind();
        let tensor = |i: usize| &self.tensors[i];
        // Of the kind of the input; the tensor itself where it is of that kind.
        let rounded = |i: usize| of_kind(&self.tensors[i], kind);
        if let Mode::Train { tape, .. } = mode {
            tape.uses(op);
        }
        Ok(match op {
            Op::Conv {
                weight,
                bias,
                stride,
                padding,
                ..
            } => {
                let maps = x.f_conv2d(
                    &rounded(*weight)?,
                    bias.map(rounded).transpose()?,
                    stride,
                    padding,
                    [1, 1],
                    1,
                )?;
                // Of one channel libtorch cannot tell how it lies in memory, and takes it for the slower way.
                match self.device == Device::Cpu && x.size()[1] == 1 {
                    true => channels_last(&maps)?,
                    false => maps,
                }
            }
            Op::Lbp { radius, cells } => lbp::histograms(&x, *radius, *cells)?,
            Op::BatchNorm {
                weight,
                bias,
                mean,
                var,
                momentum,
                epsilon,
            } => x.f_batch_norm(
                Some(tensor(*weight)),
                Some(tensor(*bias)),
                Some(tensor(*mean)),
                Some(tensor(*var)),
                matches!(mode, Mode::Train { .. }),
                *momentum,
                *epsilon,
                true,
            )?,
            Op::Relu => x.f_relu()?,
            Op::Prelu { slope } => x.f_prelu(&rounded(*slope)?)?,
            Op::Gelu => x.f_gelu("none")?,
            Op::Tanh => x.f_tanh()?,
            Op::Sigmoid => x.f_sigmoid()?,
            Op::MaxPool {
                kernel,
                stride,
                ceil,
                axes,
            } => {
                let pool = |x: &Tensor| x.f_max_pool2d(kernel, stride, [0, 0], [1, 1], *ceil);
                match axes {
                    PoolAxes::HeightWidth => pool(&x)?,
                    // Columns stand in for channels, so that the pooling runs over channels and rows.
                    PoolAxes::ChannelsHeight => {
                        pool(&x.f_permute([0, 3, 1, 2])?)?.f_permute([0, 2, 3, 1])?
                    }
                }
            }
            Op::AvgPool { kernel, stride } => {
                x.f_avg_pool2d(kernel, stride, [0, 0], false, true, None::<i64>)?
            }
            Op::GlobalAvgPool => x.f_mean_dim([2i64, 3].as_slice(), false, Kind::Float)?,
            Op::Dropout { share } => match mode {
                Mode::Evaluate => x,
                Mode::Train { masks, .. } => masks.apply(&x, *share)?,
            },
            Op::Flatten => x.f_flatten(1, -1)?,
            Op::Dense { weight, bias } => {
                x.f_linear(&rounded(*weight)?, bias.map(rounded).transpose()?)?
            }
            Op::L2Normalise => {
                let x = of_kind(&x, Kind::Float)?;
                let length =
                    x.f_square()?
                        .f_sum_dim_intlist([1i64].as_slice(), true, Kind::Float)?;
                x.f_div(&length.f_clamp_min(1e-12)?.f_sqrt()?)?
            }
            Op::Scale { weight } => x.f_mul(&rounded(*weight)?)?,
            Op::Residual { branch, projection } => {
                let direct = match projection {
                    Some(projection) => self.apply(projection, x.shallow_clone(), mode)?,
                    None => x.shallow_clone(),
                };
                let through = branch.iter().try_fold(x, |x, op| self.apply(op, x, mode))?;
                through.f_add(&direct)?
            }
        })
    }
}

/// The same `[n, c, h, w]` with the channels last in memory: oneDNN's convolutions are about twice as fast that way.
pub(super) fn channels_last(x: &Tensor) -> Result<Tensor, Error> {
    Ok(x.f_permute([0, 2, 3, 1])?
        .f_contiguous()?
        .f_permute([0, 3, 1, 2])?)
}
