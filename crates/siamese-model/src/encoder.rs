//! The network: tensors laid out by a [`Plan`], and the way through them.

mod forward;
mod memory;
mod pass;
mod take_over;

pub(crate) use pass::Pass;

use std::sync::Arc;

use siamese_net::{DataSpec, EncoderSpec, Plan, initial_stream, initial_values};
use tch::{Device, Kind, Tensor};

use crate::arena::Arena;
use crate::batch_norm::GradientSums;
use crate::error::Error;
use crate::front::Front;
use crate::fused::{Run, fused, plain};
use crate::normalise::normalise_bytes;
use crate::tape::{Gradient, Tape, WayBack};
use forward::{Mode, channels_last};

/// A network from images to embeddings, with what is done to images before it.
#[derive(Debug)]
pub struct Encoder {
    /// The same for all views of the weights.
    layout: Arc<Layout>,
    /// What comes before the layers, where there is something.
    front: Option<Front>,
    /// In the order of the plan's parameters, then of the ready network's.
    tensors: Vec<Tensor>,
    /// Where the layers' tensors lie, on a GPU.
    arena: Option<Arena>,
    device: Device,
}

/// What a network does, without its weights.
#[derive(Debug, Clone)]
struct Layout {
    plan: Plan,
    data: DataSpec,
    /// The plan's operations as the device runs them.
    ops: Vec<Run>,
    /// How many of the first operations do in training what they do in use.
    frozen: usize,
    /// How many after these treat each image on its own and without chance.
    pure: usize,
}

impl Encoder {
    /// A fresh encoder; its weights are drawn from the stream `init` of `seed`, the same on every device. A ready
    /// network comes with its own.
    ///
    /// # Errors
    /// [`Error::Net`] for layers that do not fit, [`Error::Net`] for a ready network that cannot be used,
    /// [`Error::Libtorch`] where the device cannot hold it.
    pub fn new(
        spec: &EncoderSpec,
        data: &DataSpec,
        seed: u64,
        device: Device,
    ) -> Result<Self, Error> {
        let plan = Plan::new(spec)?;
        let mut rng = initial_stream(seed);
        let tensors = plan
            .params()
            .iter()
            .map(|param| {
                let values = initial_values(param, spec.init, &mut rng);
                Ok(Tensor::f_from_slice(&values)?.f_reshape(&param.shape)?)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let front = Front::load(spec, data, device)?;
        Self::assemble(plan, data, front, tensors, device, device != Device::Cpu)
    }

    /// An encoder with the given tensors, one for each name of [`Encoder::named_tensors`].
    ///
    /// `find` is asked for every tensor by name.
    ///
    /// # Errors
    /// What `find` returns; a message with name, expected and found shape where one does not fit.
    pub(crate) fn with_tensors(
        spec: &EncoderSpec,
        data: &DataSpec,
        device: Device,
        mut find: impl FnMut(&str) -> Result<Tensor, String>,
    ) -> Result<Self, String> {
        let plan = Plan::new(spec).map_err(|error| error.to_string())?;
        let mut tensors = Vec::with_capacity(plan.params().len());
        let mut fitting = |name: &str, shape: &[i64]| {
            let tensor = find(name)?;
            if tensor.size() != shape {
                return Err(format!(
                    "tensor {name} has the shape {:?}, expected {shape:?}",
                    tensor.size()
                ));
            }
            Ok(tensor)
        };
        for param in plan.params() {
            tensors.push(fitting(&param.name, &param.shape)?);
        }
        let front = Front::load(spec, data, device).map_err(|error| error.to_string())?;
        for (name, tensor) in front.iter().flat_map(Front::parameters) {
            let saved = fitting(name, &tensor.size())?;
            // In place, since it is the program's own tensor.
            let mut tensor = tensor.shallow_clone();
            tch::no_grad(|| tensor.f_copy_(&saved)).map_err(|error| error.to_string())?;
        }
        Self::assemble(plan, data, front, tensors, device, device != Device::Cpu)
            .map_err(|error| error.to_string())
    }

    /// On a GPU a batch is computed as a `whole`, see [`Encoder::takes_batches_whole`].
    fn assemble(
        plan: Plan,
        data: &DataSpec,
        front: Option<Front>,
        tensors: Vec<Tensor>,
        device: Device,
        whole: bool,
    ) -> Result<Self, Error> {
        let mut tensors = plan
            .params()
            .iter()
            .zip(tensors)
            .map(|(param, tensor)| {
                let mut tensor = tensor.f_to_device(device)?;
                if tensor.dim() == 4 && !whole {
                    tensor = channels_last(&tensor)?;
                }
                Ok(tensor.f_detach()?.f_set_requires_grad(param.trainable)?)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let arena = match whole {
            false => None,
            true => Some(memory::together(&plan, &mut tensors)?),
        };
        let as_run = |ops| match whole {
            false => fused(&plan, ops),
            true => plain(ops),
        };
        let (first, rest) = plan.ops().split_at(plan.frozen());
        let mut ops = as_run(first);
        let frozen = ops.len();
        ops.extend(as_run(rest));
        let pure = ops[frozen..].iter().take_while(|op| op.is_pure()).count();
        let of_front = front.iter().flat_map(Front::parameters);
        tensors.extend(of_front.map(|(_, tensor)| tensor.shallow_clone()));
        Ok(Self {
            layout: Arc::new(Layout {
                plan,
                data: data.clone(),
                ops,
                frozen,
                pure,
            }),
            front,
            tensors,
            arena,
            device,
        })
    }

    /// The same weights in layers that libtorch alone computes, each as the plan has it.
    #[cfg(test)]
    pub(crate) fn by_libtorch(&self) -> Self {
        let (first, rest) = self.plan().ops().split_at(self.plan().frozen());
        let (mut ops, rest) = (plain(first), plain(rest));
        let frozen = ops.len();
        let pure = rest.iter().take_while(|op| op.is_pure()).count();
        ops.extend(rest);
        Self {
            layout: Arc::new(Layout {
                ops,
                frozen,
                pure,
                ..(*self.layout).clone()
            }),
            ..self.share()
        }
    }

    /// The same weights as a GPU has them: in one piece of memory, in layers that libtorch alone computes.
    #[cfg(test)]
    pub(crate) fn into_whole(self) -> Result<Self, Error> {
        let plan = self.layout.plan.clone();
        let data = &self.layout.data;
        Self::assemble(plan, data, self.front, self.tensors, self.device, true)
    }

    /// The same weights, not a copy of them, for another thread.
    pub(crate) fn share(&self) -> Self {
        Self {
            layout: Arc::clone(&self.layout),
            front: self.front.as_ref().map(Front::share),
            tensors: self.tensors.iter().map(Tensor::shallow_clone).collect(),
            arena: self.arena.as_ref().map(Arena::share),
            device: self.device,
        }
    }

    /// A copy of the weights, which from here on change on their own.
    pub(crate) fn copy(&self) -> Result<Self, Error> {
        let of_layers = &self.tensors[..self.layout.plan.params().len()];
        let tensors = of_layers.iter().map(|tensor| {
            let tensor = tensor.f_detach()?;
            // Of the same memory order, as `f_zeros_like` keeps it.
            let mut copy = tensor.f_zeros_like()?;
            copy.f_copy_(&tensor)?;
            Ok(copy)
        });
        let tensors = tensors.collect::<Result<_, Error>>()?;
        let front = self.front.as_ref().map(Front::copy).transpose()?;
        Self::assemble(
            self.layout.plan.clone(),
            &self.layout.data,
            front,
            tensors,
            self.device,
            self.takes_batches_whole(),
        )
    }

    /// What the network sees of images `[n, c, h, w]` of u8: what [`Encoder::embed`] takes.
    ///
    /// # Errors
    /// [`Error::Libtorch`], for instance out of memory.
    pub fn see(&self, bytes: &Tensor) -> Result<Tensor, Error> {
        normalise_bytes(&self.layout.data, bytes)
    }

    /// The layers, shapes and parameter counts.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.layout.plan
    }

    /// Where the weights lie.
    #[must_use]
    pub fn device(&self) -> Device {
        self.device
    }

    /// Whether a batch is one part, in layers that libtorch alone computes: on a GPU.
    pub(crate) fn takes_batches_whole(&self) -> bool {
        self.arena.is_some()
    }

    /// `[channels, height, width]` of the images that [`Encoder::see`] takes.
    #[must_use]
    pub fn images(&self) -> [usize; 3] {
        self.layout.data.images(self.layout.plan.input())
    }

    /// Every tensor that training may change, with its name: of the layers all, running figures of normalisation included,
    /// and of a TorchScript program that is fine-tuned the parameters, as `script.NAME`.
    pub fn named_tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.held().map(|(name, _, tensor)| (name, tensor))
    }

    /// The tensors that training moves.
    pub(crate) fn trainable(&self) -> Vec<Tensor> {
        let moved = self.held().filter(|(_, trainable, _)| *trainable);
        moved.map(|(_, _, tensor)| tensor.shallow_clone()).collect()
    }

    /// For each of [`Encoder::trainable`] its name, and whether weight decay applies to it: to weights, not to biases,
    /// slopes and normalisation.
    pub(crate) fn trainable_names(&self) -> Vec<(String, bool)> {
        let moved = self.held().filter(|(_, trainable, _)| *trainable);
        moved
            .map(|(name, _, tensor)| (name.to_owned(), tensor.dim() > 1))
            .collect()
    }

    /// Name, whether training moves it, and tensor of everything in `tensors`.
    fn held(&self) -> impl Iterator<Item = (&str, bool, &Tensor)> {
        let of_layers = self.layout.plan.params().iter();
        let of_layers = of_layers.map(|param| (param.name.as_str(), param.trainable));
        let of_front = self.front.iter().flat_map(Front::parameters);
        let of_front = of_front.map(|(name, _)| (name.as_str(), true));
        of_layers
            .chain(of_front)
            .zip(&self.tensors)
            .map(|((name, trainable), tensor)| (name, trainable, tensor))
    }

    /// Embeds images `[n, c, h, w]` of f32 on the encoder's device, as [`Encoder::see`] gives them, into `[n, d]`, without
    /// dropout, with the running figures of normalisation, and without recording gradients.
    ///
    /// # Errors
    /// [`Error::Libtorch`], for instance out of memory.
    pub fn embed(&self, images: &Tensor) -> Result<Tensor, Error> {
        tch::no_grad(|| {
            let entered = self.enter(images, Kind::Float, &mut Mode::Evaluate)?;
            self.run_all(&self.layout.ops, entered)
        })
    }

    /// The way back through a pass of this encoder, from `loss`, one number.
    pub(crate) fn way_back(&self, loss: Tensor, tape: Tape) -> WayBack {
        WayBack::new(loss, tape, self.tensors.len())
    }

    /// Goes back to the next batch normalisation, whose sums over the pass it returns, or to the end. `whole` are those of
    /// the last one over the whole batch.
    pub(crate) fn go_back(
        &self,
        way: &mut WayBack,
        whole: Option<&GradientSums>,
    ) -> Result<Option<GradientSums>, Error> {
        way.go_on(whole, &self.tensors)
    }

    /// The gradients that were found on a way back, for each of [`Encoder::trainable`].
    pub(crate) fn gradients(&self, way: WayBack) -> Result<Vec<Gradient>, Error> {
        let moved = self.held().zip(way.into_gradients());
        moved
            .filter(|((_, trainable, _), _)| *trainable)
            .map(|((_, _, tensor), gradient)| match gradient {
                Some(gradient) => Ok(gradient),
                None => Ok(Gradient::Whole(tensor.f_zeros_like()?)),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
