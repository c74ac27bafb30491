//! Normalisation and convolution one after the other, image by image: what one writes is in a core's own memory when the
//! other reads it.

use std::mem::MaybeUninit;

use tch::Tensor;

use super::back::Waiting;
use super::block::{Block, note_convolution, note_normalisation, rows};
use super::{Cut, Gradient, Tape, channels_last, sides};
use crate::batch_norm::{BatchNorm, Figures, GradientSums, Moments, Returning, Sides, Sums};
use crate::conv::{Backward, Conv, Forward};
use crate::error::Error;
use crate::slices::{filled, floats, written};

/// Adds the moments of one more image.
pub(super) fn join(all: &mut Option<Moments>, image: Moments) {
    *all = Some(match all.take() {
        Some(all) => all.join(&image),
        None => image,
    });
}

/// A normalisation of a part, by the figures of the whole batch, of so many values in each channel.
pub(crate) struct Normalised<'a> {
    pub(crate) layer: BatchNorm,
    /// Weight and bias.
    pub(crate) at: [usize; 2],
    pub(crate) figures: &'a Figures,
    pub(crate) count: f64,
}

impl Tape {
    /// What [`Tape::batch_norm`] and [`Tape::conv`] do, one after the other.
    pub(crate) fn norm_conv(
        &mut self,
        norm: &Normalised<'_>,
        input: Tensor,
        kept: &mut [Tensor],
        (conv, weight, bias): (Conv, usize, Option<usize>),
        tensors: &[Tensor],
    ) -> Result<(Tensor, Option<Moments>), Error> {
        let Normalised {
            layer,
            at,
            figures,
            count,
        } = *norm;
        let of_norm = sides(&input);
        let [height, width] = layer.output(of_norm);
        let of_conv = Sides {
            height,
            width,
            ..of_norm
        };
        let [rows_out, columns_out] = conv.output(of_conv);
        let shape = |height: usize, width: usize, channels: usize| {
            [of_norm.images, height, width, channels].map(|side| side as i64)
        };
        let weights = rows(&tensors[weight])?;
        let biases = bias.map(|bias| floats(&tensors[bias])).transpose()?;
        let mut forward = Forward::new(conv, of_conv, floats(&weights)?, biases);
        let x = floats(&input)?;
        let (mut winners, mut moments) = (Vec::new(), None);
        let mut convolved = None;
        let normalised = filled(&shape(height, width, of_norm.channels), |normalised| {
            let shape = shape(rows_out, columns_out, conv.outputs);
            convolved = Some(filled(&shape, |out| {
                let images = x.chunks_exact(of_norm.image());
                let results = normalised.chunks_exact_mut(of_conv.image());
                let outs = out.chunks_exact_mut(conv.output_len(of_conv));
                for ((x, normalised), out) in images.zip(results).zip(outs) {
                    let normalised = written(normalised, |normalised| {
                        winners.extend(layer.apply(figures, of_norm.one(), x, normalised));
                    });
                    let image = forward.image(normalised, out);
                    join(&mut moments, Moments::of(image, conv.outputs));
                }
            }));
        })?;
        let convolved = convolved.ok_or_else(|| Error::Data("a batch is empty".into()))??;
        let block = Block::BatchNorm {
            layer,
            weight: at[0],
            bias: at[1],
            figures: figures.clone(),
            count,
            winners,
        };
        let between = channels_last(&self.cut(block, input, normalised, kept)?)?;
        let block = Block::Conv { conv, weight, bias };
        Ok((self.cut(block, between, convolved, kept)?, moments))
    }
}

/// Whether `end` is what came out of this cut, in the same order in memory.
pub(super) fn follows(end: &Tensor, cut: &Cut) -> bool {
    // Another tensor in the same memory would show it in another order.
    end.data_ptr() == cut.output.data_ptr()
        && end.is_contiguous()
        && end.size() == cut.output.size()
}

/// Whether these three cuts, a normalisation, a convolution and the normalisation that waits, follow each other with nothing
/// beside them.
pub(super) fn is_chain(norm: &Cut, conv: &Cut, waiting: &Cut) -> bool {
    matches!(
        (&norm.block, &conv.block, &waiting.block),
        (
            Block::BatchNorm { .. },
            Block::Conv { .. },
            Block::BatchNorm { .. }
        )
    ) && follows(&waiting.input, conv)
        && follows(&conv.input, norm)
        && [conv, waiting].iter().all(|cut| cut.past.is_empty())
}

/// Goes back through the second half of a normalisation, the convolution before it and the first half of the normalisation
/// before that, see [`is_chain`]. Gives what that one waits with, and the sums that it waits for.
pub(super) fn back(
    waiting: Waiting,
    conv: &Cut,
    norm: Cut,
    whole: &GradientSums,
    tensors: &[Tensor],
    found: &mut [Option<Gradient>],
) -> Result<Option<(Waiting, GradientSums)>, Error> {
    let (
        Block::BatchNorm {
            layer: later,
            figures: by,
            count,
            winners: later_winners,
            ..
        },
        Block::Conv {
            conv: convolution,
            weight,
            bias,
        },
        Block::BatchNorm {
            layer,
            figures,
            winners,
            weight: scale,
            bias: shift,
            ..
        },
    ) = (&waiting.cut.block, &conv.block, &norm.block)
    else {
        return Ok(None);
    };
    let [of_later, of_conv, of_norm] = [&waiting.cut, conv, &norm].map(|cut| sides(&cut.input));
    let weights = rows(&tensors[*weight])?;
    let mut backward = Backward::new(*convolution, of_conv, floats(&weights)?, true);
    let convolved = floats(&waiting.cut.input)?;
    let gradients = floats(&waiting.of_output)?;
    let (normalised, x) = (floats(&conv.input)?, floats(&norm.input)?);
    let mut gradient = vec![MaybeUninit::uninit(); of_later.image()];
    let mut all: Option<GradientSums> = None;
    let of_input = filled(&conv.input.size(), |out| {
        let later_len = later.output_len(of_later.one());
        let places = |winners: &'_ [u8], image: usize, len: usize| match winners.is_empty() {
            true => 0..0,
            false => image * len..(image + 1) * len,
        };
        let outs = out.chunks_exact_mut(of_conv.image());
        for (image, out) in outs.enumerate() {
            let part = Returning {
                sides: of_later.one(),
                x: &convolved[image * of_later.image()..][..of_later.image()],
                winners: &later_winners[places(later_winners, image, later_len)],
                gradient: &gradients[image * later_len..][..later_len],
            };
            let gradient = written(&mut gradient, |out| {
                later.gradient(by, part, whole, *count, out);
            });
            let before = &normalised[image * of_conv.image()..][..of_conv.image()];
            let Some(of_normalised) = backward.image(before, gradient, Some(out)) else {
                return;
            };
            let part = Returning {
                sides: of_norm.one(),
                x: &x[image * of_norm.image()..][..of_norm.image()],
                winners: &winners[places(winners, image, of_conv.image())],
                gradient: of_normalised,
            };
            let sums = layer.gradient_sums(figures, part);
            all = Some(match all.take() {
                Some(all) => all.join(&sums),
                None => sums,
            });
        }
    })?;
    note_convolution(backward, &weights, *weight, *bias, found)?;
    let sums = all.ok_or_else(|| Error::Data("a batch is empty".into()))?;
    note_normalisation(&sums, [*scale, *shift], found)?;
    let of_past = norm.past.iter().map(|_| Tensor::new()).collect();
    let waiting = Waiting {
        cut: norm,
        of_output: of_input,
        of_past,
    };
    Ok(Some((waiting, sums)))
}
