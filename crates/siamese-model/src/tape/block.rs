//! The blocks at which a recording is cut.

use tch::{Kind, Tensor};

use super::{Gradient, channels_last, channels_second, sides};
use crate::batch_norm::{BatchNorm, Figures, GradientSums, Returning};
use crate::conv::{Backward, Conv, Forward};
use crate::conv_pool::{ConvPool, ConvPoolGradients};
use crate::dense;
use crate::error::Error;
use crate::slices::{filled, floats};

/// What was computed at a cut, and what its gradients need.
pub(super) enum Block {
    ConvPool {
        block: ConvPool,
        weight: usize,
        bias: Option<usize>,
        winners: Vec<u8>,
    },
    Conv {
        conv: Conv,
        weight: usize,
        bias: Option<usize>,
    },
    Dense {
        weight: usize,
        bias: Option<usize>,
        /// What went in, `[n, i]`.
        vectors: Tensor,
    },
    BatchNorm {
        layer: BatchNorm,
        weight: usize,
        bias: usize,
        figures: Figures,
        /// Values of each channel in the whole batch.
        count: f64,
        winners: Vec<u8>,
    },
}

/// What a cut gives on the way back.
pub(super) enum Crossing {
    /// The gradient of what went in, where it is wanted.
    Gradient(Option<Tensor>),
    /// What the whole batch has to sum up first.
    Sums(GradientSums),
}

impl Block {
    /// Goes back through the block, given the gradient of what came out, or at a batch normalisation the first half of the
    /// way. Notes the gradients of weights.
    pub(super) fn backward(
        &self,
        input: &Tensor,
        of_output: &Tensor,
        tensors: &[Tensor],
        found: &mut [Option<Gradient>],
    ) -> Result<Crossing, Error> {
        match self {
            Self::ConvPool {
                block,
                weight: at,
                bias,
                winners,
            } => {
                let weight = &tensors[*at];
                let mut of_weight = vec![0.0; weight.numel()];
                let mut of_bias = bias.map(|bias| vec![0.0; tensors[bias].numel()]);
                let mut of_input = input.requires_grad().then(|| vec![0.0; input.numel()]);
                let gradients = ConvPoolGradients {
                    x: of_input.as_deref_mut(),
                    weight: &mut of_weight,
                    bias: of_bias.as_deref_mut(),
                };
                block.backward(
                    floats(input)?,
                    floats(&weight.f_contiguous()?)?,
                    winners,
                    floats(of_output)?,
                    gradients,
                );
                let of_weight = Tensor::f_from_slice(&of_weight)?.f_reshape(weight.size())?;
                found[*at] = Some(Gradient::Whole(of_weight));
                if let (Some(bias), Some(of_bias)) = (bias, &of_bias) {
                    found[*bias] = Some(Gradient::Whole(Tensor::f_from_slice(of_bias)?));
                }
                let shaped =
                    |values: Vec<f32>| Tensor::f_from_slice(&values)?.f_reshape(input.size());
                Ok(Crossing::Gradient(of_input.map(shaped).transpose()?))
            }
            Self::Conv {
                conv,
                weight: at,
                bias,
            } => {
                let sides = sides(input);
                let weights = rows(&tensors[*at])?;
                let (x, gradient) = (floats(input)?, floats(of_output)?);
                let of_images = input.requires_grad();
                let mut backward = Backward::new(*conv, sides, floats(&weights)?, of_images);
                let images = x.chunks_exact(sides.image());
                let mut images = images.zip(gradient.chunks_exact(conv.output_len(sides)));
                let of_input = if of_images {
                    Some(filled(&input.size(), |out| {
                        for ((x, gradient), out) in images.zip(out.chunks_exact_mut(sides.image()))
                        {
                            backward.image(x, gradient, Some(out));
                        }
                    })?)
                } else {
                    images.by_ref().for_each(|(x, gradient)| {
                        backward.image(x, gradient, None);
                    });
                    None
                };
                note_convolution(backward, &weights, *at, *bias, found)?;
                Ok(Crossing::Gradient(of_input))
            }
            Self::Dense {
                weight,
                bias,
                vectors,
            } => tch::no_grad(|| {
                found[*weight] = Some(Gradient::Product {
                    of_output: of_output.shallow_clone(),
                    input: vectors.shallow_clone(),
                });
                if let Some(bias) = bias {
                    let of_bias =
                        of_output.f_sum_dim_intlist([0i64].as_slice(), false, Kind::Float)?;
                    found[*bias] = Some(Gradient::Whole(of_bias));
                }
                if !input.requires_grad() {
                    return Ok(Crossing::Gradient(None));
                }
                let of_vectors = of_output.f_mm(&tensors[*weight])?;
                let of_input = match input.dim() {
                    4 => {
                        let values = floats(&of_vectors)?;
                        filled(&input.size(), |out| {
                            dense::unflatten(sides(input), values, out)
                        })?
                    }
                    _ => of_vectors,
                };
                Ok(Crossing::Gradient(Some(of_input)))
            }),
            Self::BatchNorm {
                layer,
                weight,
                bias,
                figures,
                winners,
                ..
            } => {
                let part = returning(input, winners, of_output)?;
                let sums = layer.gradient_sums(figures, part);
                note_normalisation(&sums, [*weight, *bias], found)?;
                Ok(Crossing::Sums(sums))
            }
        }
    }

    /// The gradient of what went into a batch normalisation, given the sums over the whole batch.
    pub(super) fn normalised_backward(
        &self,
        input: &Tensor,
        of_output: &Tensor,
        whole: &GradientSums,
    ) -> Result<Option<Tensor>, Error> {
        match self {
            Self::BatchNorm {
                layer,
                figures,
                count,
                winners,
                ..
            } if input.requires_grad() => {
                let part = returning(input, winners, of_output)?;
                let gradient = filled(&input.size(), |out| {
                    layer.gradient(figures, part, whole, *count, out);
                })?;
                Ok(Some(gradient))
            }
            _ => Ok(None),
        }
    }
}

/// Notes the gradients that a way back through a convolution has found.
pub(super) fn note_convolution(
    backward: Backward,
    weights: &Tensor,
    weight: usize,
    bias: Option<usize>,
    found: &mut [Option<Gradient>],
) -> Result<(), Error> {
    let [of_weight, of_bias] = backward.gradients();
    let of_weight = Tensor::f_from_slice(&of_weight)?.f_reshape(weights.size())?;
    found[weight] = Some(Gradient::Whole(channels_second(&of_weight)?));
    if let Some(bias) = bias {
        found[bias] = Some(Gradient::Whole(Tensor::f_from_slice(&of_bias)?));
    }
    Ok(())
}

/// Notes a part's share in the gradients of a normalisation's weight and bias; parts are added up as all gradients of weights
/// are.
pub(super) fn note_normalisation(
    sums: &GradientSums,
    [weight, bias]: [usize; 2],
    found: &mut [Option<Gradient>],
) -> Result<(), Error> {
    for (at, sums) in [(weight, &sums.of_weight), (bias, &sums.of_bias)] {
        let sums: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
        found[at] = Some(Gradient::Whole(Tensor::f_from_slice(&sums)?));
    }
    Ok(())
}

fn returning<'a>(
    input: &'a Tensor,
    winners: &'a [u8],
    of_output: &'a Tensor,
) -> Result<Returning<'a>, Error> {
    Ok(Returning {
        sides: sides(input),
        x: floats(input)?,
        winners,
        gradient: floats(of_output)?,
    })
}

/// The weights of a convolution as `[o, kh, kw, i]`, row-major, which is how the CPU's encoders keep them.
pub(super) fn rows(weight: &Tensor) -> Result<Tensor, Error> {
    Ok(weight.f_detach()?.f_permute([0, 2, 3, 1])?.f_contiguous()?)
}

/// Convolves `[n, h, w, c]`, row-major, and gives `each` every image's result.
pub(super) fn forward_conv(
    conv: Conv,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    mut each: impl FnMut(&[f32]),
) -> Result<Tensor, Error> {
    let sides = sides(input);
    let [height, width] = conv.output(sides);
    let shape = [sides.images, height, width, conv.outputs].map(|side| side as i64);
    let weight = rows(weight)?;
    let bias = bias.map(floats).transpose()?;
    let x = floats(input)?;
    let mut forward = Forward::new(conv, sides, floats(&weight)?, bias);
    filled(&shape, |out| {
        let images = x.chunks_exact(sides.image());
        for (x, out) in images.zip(out.chunks_exact_mut(conv.output_len(sides))) {
            each(forward.image(x, out));
        }
    })
}

/// Maps `[n, h, w, c]` or vectors `[n, i]` as the vectors `[n, i]` that a dense layer takes.
pub(super) fn flattened(input: &Tensor) -> Result<Tensor, Error> {
    let &[n, height, width, channels] = input.size().as_slice() else {
        return Ok(input.f_detach()?);
    };
    let values = floats(input)?;
    filled(&[n, channels * height * width], |out| {
        dense::flatten(sides(input), values, out);
    })
}

/// Runs a block on `[n, h, w, c]`, row-major.
pub(super) fn forward_conv_pool(
    block: &ConvPool,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
    winners: Option<&mut Vec<u8>>,
) -> Result<Tensor, Error> {
    let [channels, height, width] = block.output();
    let images = input.size()[0];
    let mut out = vec![0.0; images as usize * channels * height * width];
    let winners = winners.map(|winners| {
        winners.resize(out.len(), 0);
        winners.as_mut_slice()
    });
    let weight = weight.f_contiguous()?;
    block.forward(floats(input)?, floats(&weight)?, bias, &mut out, winners);
    let shape = [images, height as i64, width as i64, channels as i64];
    Ok(Tensor::f_from_slice(&out)?.f_reshape(shape)?)
}

/// Runs a block on `x` of `[n, c, h, w]` without recording anything.
pub(crate) fn conv_pool(
    block: &ConvPool,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, Error> {
    let bias = bias.map(floats).transpose()?;
    channels_second(&forward_conv_pool(
        block,
        &channels_last(x)?,
        weight,
        bias,
        None,
    )?)
}
