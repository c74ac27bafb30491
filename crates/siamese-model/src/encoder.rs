//! The network: tensors laid out by a [`Plan`], and the way through them.

use tch::{Device, Kind, Tensor};

use crate::dropout::Masks;
use crate::error::Error;
use crate::init;
use crate::plan::{Op, Plan};
use crate::recipe::{EncoderSpec, PoolAxes};

/// A network from images to embeddings.
#[derive(Debug)]
pub struct Encoder {
    plan: Plan,
    /// In the order of `plan.params`.
    tensors: Vec<Tensor>,
    device: Device,
    /// How many of the plan's first operations treat each image on its own and without chance.
    pure: usize,
}

/// Whether chance and batch figures take part.
pub(crate) enum Mode<'a> {
    Evaluate,
    Train(&'a mut Masks),
}

impl Encoder {
    /// A fresh encoder; its weights are drawn from the stream `init` of `seed`, the same on every device.
    ///
    /// # Errors
    /// [`Error::Layer`] for layers that do not fit, [`Error::Libtorch`] where the device cannot hold it.
    pub fn new(spec: &EncoderSpec, seed: u64, device: Device) -> Result<Self, Error> {
        let plan = Plan::new(spec)?;
        let mut rng = pairgen::stream(seed, "init", 0);
        let tensors = plan
            .params
            .iter()
            .map(|param| {
                let values = init::values(param, spec.init, &mut rng);
                Ok(Tensor::f_from_slice(&values)?.f_reshape(&param.shape)?)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Self::assemble(plan, tensors, device)
    }

    /// An encoder with the given tensors, one for each name of [`Encoder::named_tensors`].
    ///
    /// `find` is asked for every tensor by name.
    ///
    /// # Errors
    /// What `find` returns; a message with name, expected and found shape where one does not fit.
    pub(crate) fn with_tensors(
        spec: &EncoderSpec,
        device: Device,
        mut find: impl FnMut(&str) -> Result<Tensor, String>,
    ) -> Result<Self, String> {
        let plan = Plan::new(spec).map_err(|error| error.to_string())?;
        let mut tensors = Vec::with_capacity(plan.params.len());
        for param in &plan.params {
            let tensor = find(&param.name)?;
            if tensor.size() != param.shape {
                return Err(format!(
                    "tensor {} has the shape {:?}, expected {:?}",
                    param.name,
                    tensor.size(),
                    param.shape
                ));
            }
            tensors.push(tensor);
        }
        Self::assemble(plan, tensors, device).map_err(|error| error.to_string())
    }

    fn assemble(plan: Plan, tensors: Vec<Tensor>, device: Device) -> Result<Self, Error> {
        let tensors = plan
            .params
            .iter()
            .zip(tensors)
            .map(|(param, tensor)| {
                let mut tensor = tensor.f_to_device(device)?;
                if tensor.dim() == 4 && device == Device::Cpu {
                    // Channels last in memory: oneDNN's convolutions are about twice as fast that way.
                    tensor = tensor
                        .f_permute([0, 2, 3, 1])?
                        .f_contiguous()?
                        .f_permute([0, 3, 1, 2])?;
                }
                Ok(tensor.f_detach()?.f_set_requires_grad(param.trainable)?)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let pure = plan.ops.iter().take_while(|op| op.is_pure()).count();
        Ok(Self {
            plan,
            tensors,
            device,
            pure,
        })
    }

    /// The layers, shapes and parameter counts.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where the weights lie.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Every tensor with its name, running figures of normalisation included.
    pub fn named_tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.plan
            .params
            .iter()
            .map(|param| param.name.as_str())
            .zip(&self.tensors)
    }

    /// The tensors that training moves.
    pub(crate) fn trainable(&self) -> Vec<Tensor> {
        let moved = self
            .plan
            .params
            .iter()
            .zip(&self.tensors)
            .filter(|(param, _)| param.trainable);
        moved.map(|(_, tensor)| tensor.shallow_clone()).collect()
    }

    /// For each of [`Encoder::trainable`] its name, and whether weight decay applies to it: to weights, not to biases,
    /// slopes and normalisation.
    pub(crate) fn trainable_names(&self) -> Vec<(String, bool)> {
        let moved = self.plan.params.iter().filter(|param| param.trainable);
        moved
            .map(|param| (param.name.clone(), param.shape.len() > 1))
            .collect()
    }

    /// Embeds images `[n, c, h, w]` of f32 on the encoder's device into `[n, d]`, without dropout, with the running
    /// figures of normalisation, and without recording gradients.
    ///
    /// # Errors
    /// [`Error::Libtorch`], for instance out of memory.
    pub fn embed(&self, images: &Tensor) -> Result<Tensor, Error> {
        tch::no_grad(|| self.run(&self.plan.ops, images.shallow_clone(), &mut Mode::Evaluate))
    }

    /// Embeds the images of a training step.
    ///
    /// `images` are the distinct ones; `occurrences` says which of them each row of the result shows. What comes
    /// before the first dropout or batch normalisation gives the same for every occurrence of an image and is computed
    /// once.
    pub(crate) fn embed_training(
        &self,
        images: &Tensor,
        occurrences: &Tensor,
        masks: &mut Masks,
    ) -> Result<Tensor, Error> {
        let mut mode = Mode::Train(masks);
        let (pure, rest) = self.plan.ops.split_at(self.pure);
        let shared = self.run(pure, images.shallow_clone(), &mut mode)?;
        let each = shared.f_index_select(0, occurrences)?;
        self.run(rest, each, &mut mode)
    }

    fn run(&self, ops: &[Op], mut x: Tensor, mode: &mut Mode<'_>) -> Result<Tensor, Error> {
        for op in ops {
            x = self.apply(op, x, mode)?;
        }
        Ok(x)
    }

    fn apply(&self, op: &Op, x: Tensor, mode: &mut Mode<'_>) -> Result<Tensor, Error> {
        let tensor = |i: usize| &self.tensors[i];
        Ok(match op {
            Op::Conv {
                weight,
                bias,
                stride,
                padding,
            } => x.f_conv2d(
                tensor(*weight),
                bias.map(tensor),
                stride,
                padding,
                [1, 1],
                1,
            )?,
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
                matches!(mode, Mode::Train(_)),
                *momentum,
                *epsilon,
                true,
            )?,
            Op::Relu => x.f_relu()?,
            Op::Prelu { slope } => x.f_prelu(tensor(*slope))?,
            Op::Gelu => x.f_gelu("none")?,
            Op::Tanh => x.f_tanh()?,
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
                Mode::Train(masks) => masks.apply(&x, *share)?,
            },
            Op::Flatten => x.f_flatten(1, -1)?,
            Op::Dense { weight, bias } => x.f_linear(tensor(*weight), bias.map(tensor))?,
            Op::L2Normalise => {
                let length =
                    x.f_square()?
                        .f_sum_dim_intlist([1i64].as_slice(), true, Kind::Float)?;
                x.f_div(&length.f_clamp_min(1e-12)?.f_sqrt()?)?
            }
            Op::Residual { branch, projection } => {
                let direct = match projection {
                    Some(projection) => self.apply(projection, x.shallow_clone(), mode)?,
                    None => x.shallow_clone(),
                };
                self.run(branch, x, mode)?.f_add(&direct)?
            }
        })
    }
}
