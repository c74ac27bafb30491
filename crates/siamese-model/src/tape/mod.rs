//! The way back through a training pass that libtorch records in pieces.
//!
//! libtorch records what it computes itself. A [`Conv`], a [`ConvPool`], a [`BatchNorm`] and large dense layers are computed
//! here, so at each of them the recording is cut: what goes in ends one piece, what comes out begins the next as a leaf. The way back takes the
//! pieces last to first and crosses every cut with the block's own gradients. At a batch normalisation it waits for the
//! other parts of the batch.

mod back;
mod block;
mod chain;
mod gradient;

pub(crate) use back::WayBack;
pub(crate) use block::conv_pool;
pub(crate) use chain::Normalised;
pub(crate) use gradient::Gradient;

use siamese_net::Op;
use tch::Tensor;

use crate::batch_norm::{BatchNorm, Figures, Moments, Sides};
use crate::conv::Conv;
use crate::conv_pool::ConvPool;
use crate::error::Error;
use crate::slices::{filled, floats};
use block::Block;

/// A training pass, from images to embeddings.
#[derive(Default)]
pub(crate) struct Tape {
    cuts: Vec<Cut>,
    /// Positions of the trainable tensors used since the last cut.
    used: Vec<usize>,
}

/// A block that libtorch has not recorded.
struct Cut {
    block: Block,
    /// What went in, with the piece that made it: a map `[n, h, w, c]`, or vectors `[n, c]`.
    input: Tensor,
    /// What came out, the leaf of the next piece.
    output: Tensor,
    /// What goes past the block and has a gradient, before the cut and, a leaf again, after it.
    past: Vec<[Tensor; 2]>,
    /// Positions of the trainable tensors used in the piece before.
    used_before: Vec<usize>,
}

impl Tape {
    /// Notes the trainable tensors that libtorch is about to use.
    pub(crate) fn uses(&mut self, op: &Op) {
        match op {
            Op::Conv { weight, bias, .. } | Op::Dense { weight, bias } => {
                self.used.push(*weight);
                self.used.extend(bias);
            }
            Op::BatchNorm { weight, bias, .. } => self.used.extend([weight, bias]),
            Op::Prelu { slope } => self.used.push(*slope),
            Op::Scale { weight } => self.used.push(*weight),
            _ => {}
        }
    }

    /// Notes trainable tensors by their positions.
    pub(crate) fn uses_all(&mut self, positions: impl IntoIterator<Item = usize>) {
        self.used.extend(positions);
    }

    /// Runs a block on `x` of `[n, c, h, w]` and cuts the recording, of `kept` too.
    pub(crate) fn conv_pool(
        &mut self,
        block: &ConvPool,
        x: &Tensor,
        kept: &mut [Tensor],
        weight: usize,
        bias: Option<usize>,
        tensors: &[Tensor],
    ) -> Result<Tensor, Error> {
        let input = channels_last(x)?;
        let biases = bias.map(|bias| floats(&tensors[bias])).transpose()?;
        let mut winners = Vec::new();
        let output =
            block::forward_conv_pool(block, &input, &tensors[weight], biases, Some(&mut winners))?;
        let block = Block::ConvPool {
            block: *block,
            weight,
            bias,
            winners,
        };
        self.cut(block, input, output, kept)
    }

    /// Convolves `x` of `[n, c, h, w]` and cuts the recording, of `kept` too. Also gives the moments of what comes out.
    pub(crate) fn conv(
        &mut self,
        conv: Conv,
        x: &Tensor,
        kept: &mut [Tensor],
        weight: usize,
        bias: Option<usize>,
        tensors: &[Tensor],
    ) -> Result<(Tensor, Option<Moments>), Error> {
        let input = channels_last(x)?;
        let biases = bias.map(|bias| &tensors[bias]);
        let mut moments = None;
        let output = block::forward_conv(conv, &input, &tensors[weight], biases, |image| {
            chain::join(&mut moments, Moments::of(image, conv.outputs));
        })?;
        let block = Block::Conv { conv, weight, bias };
        Ok((self.cut(block, input, output, kept)?, moments))
    }

    /// Takes maps `[n, c, h, w]` or vectors `[n, i]` through a dense layer and cuts the recording, of `kept` too.
    pub(crate) fn dense(
        &mut self,
        x: &Tensor,
        kept: &mut [Tensor],
        weight: usize,
        bias: Option<usize>,
        tensors: &[Tensor],
    ) -> Result<Tensor, Error> {
        let input = channels_last(x)?;
        let vectors = block::flattened(&input)?;
        let output = tch::no_grad(|| {
            let bias = bias.map(|bias| &tensors[bias]);
            vectors.f_linear(&tensors[weight], bias)
        })?;
        let block = Block::Dense {
            weight,
            bias,
            vectors,
        };
        self.cut(block, input, output, kept)
    }

    /// Normalises `input`, which is as [`channels_last`] gives it, by the figures of the whole batch, and cuts the
    /// recording, of `kept` too. `count` is how many values each channel has in the whole batch.
    pub(crate) fn batch_norm(
        &mut self,
        layer: BatchNorm,
        [weight, bias]: [usize; 2],
        input: Tensor,
        kept: &mut [Tensor],
        figures: &Figures,
        count: f64,
    ) -> Result<Tensor, Error> {
        let (output, winners) = normalised(layer, &input, figures)?;
        let block = Block::BatchNorm {
            layer,
            weight,
            bias,
            figures: figures.clone(),
            count,
            winners,
        };
        self.cut(block, input, output, kept)
    }

    fn cut(
        &mut self,
        block: Block,
        input: Tensor,
        output: Tensor,
        kept: &mut [Tensor],
    ) -> Result<Tensor, Error> {
        let output = output.f_set_requires_grad(true)?;
        let result = channels_second(&output)?;
        let mut past = Vec::new();
        for kept in kept.iter_mut().filter(|kept| kept.requires_grad()) {
            let leaf = kept.f_detach()?.f_set_requires_grad(true)?;
            past.push([std::mem::replace(kept, leaf.shallow_clone()), leaf]);
        }
        self.cuts.push(Cut {
            block,
            input,
            output,
            past,
            used_before: std::mem::take(&mut self.used),
        });
        Ok(result)
    }
}

/// The result for `input` as [`channels_last`] gives it, and what [`BatchNorm::apply`] gives.
pub(crate) fn normalised(
    layer: BatchNorm,
    input: &Tensor,
    figures: &Figures,
) -> Result<(Tensor, Vec<u8>), Error> {
    let sides = sides(input);
    let mut shape = input.size();
    if let [_, height, width, _] = shape.as_mut_slice() {
        [*height, *width] = layer.output(sides).map(|side| side as i64);
    }
    let values = floats(input)?;
    let mut winners = Vec::new();
    let output = filled(&shape, |out| {
        winners = layer.apply(figures, sides, values, out);
    })?;
    Ok((output, winners))
}

/// `[n, c, h, w]` as `[n, h, w, c]`, row-major; `[n, c]` as it is.
pub(crate) fn channels_last(x: &Tensor) -> Result<Tensor, Error> {
    Ok(match x.dim() {
        4 => x.f_permute([0, 2, 3, 1])?.f_contiguous()?,
        _ => x.f_contiguous()?,
    })
}

/// `[n, h, w, c]` as `[n, c, h, w]`, in the same memory; `[n, c]` as it is.
pub(crate) fn channels_second(x: &Tensor) -> Result<Tensor, Error> {
    Ok(match x.dim() {
        4 => x.f_permute([0, 3, 1, 2])?,
        _ => x.shallow_clone(),
    })
}

/// Of `[n, h, w, c]` or `[n, c]`.
fn sides(input: &Tensor) -> Sides {
    let size = input.size();
    let side = |axis: usize| size.get(axis).map_or(1, |&side| side as usize);
    let channels = side(size.len().saturating_sub(1));
    let [height, width] = match size.len() {
        4 => [side(1), side(2)],
        _ => [1, 1],
    };
    Sides {
        images: side(0),
        height,
        width,
        channels,
    }
}
