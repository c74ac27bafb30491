//! The way back through a training pass that libtorch records in pieces.
//!
//! libtorch records what it computes itself. A [`ConvPool`] is computed here, so at each of them the recording is cut:
//! what goes in ends one piece, what comes out begins the next as a leaf. The way back takes the pieces last to first
//! and crosses every cut with the block's own gradients.

use siamese_net::Op;
use tch::{Kind, Tensor};

use crate::autograd;
use crate::conv_pool::{ConvPool, ConvPoolGradients};
use crate::error::Error;

/// A training pass, from images to embeddings.
#[derive(Default)]
pub(crate) struct Tape {
    cuts: Vec<Cut>,
    /// Positions of the trainable tensors used since the last cut.
    used: Vec<usize>,
}

/// A block that libtorch has not recorded.
struct Cut {
    block: ConvPool,
    weight: usize,
    bias: Option<usize>,
    /// What went in, `[n, h, w, c]`, with the piece that made it, and as plain numbers.
    input: Tensor,
    values: Vec<f32>,
    winners: Vec<u8>,
    /// What came out, the leaf of the next piece.
    output: Tensor,
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
            _ => {}
        }
    }

    /// Notes trainable tensors by their positions.
    pub(crate) fn uses_all(&mut self, positions: impl IntoIterator<Item = usize>) {
        self.used.extend(positions);
    }

    /// Runs a block on `x` of `[n, c, h, w]` and cuts the recording.
    pub(crate) fn conv_pool(
        &mut self,
        block: &ConvPool,
        x: Tensor,
        weight: usize,
        bias: Option<usize>,
        tensors: &[Tensor],
    ) -> Result<Tensor, Error> {
        let input = x.f_permute([0, 2, 3, 1])?.f_contiguous()?;
        let values = floats(&input)?;
        let [channels, height, width] = block.output();
        let images = input.size()[0];
        let mut out = vec![0.0; images as usize * channels * height * width];
        let mut winners = vec![0; out.len()];
        let biases = bias.map(|bias| floats(&tensors[bias])).transpose()?;
        block.forward(
            &values,
            &floats(&tensors[weight])?,
            biases.as_deref(),
            &mut out,
            Some(&mut winners),
        );
        let output = Tensor::f_from_slice(&out)?
            .f_reshape([images, height as i64, width as i64, channels as i64])?
            .f_set_requires_grad(true)?;
        let result = output.f_permute([0, 3, 1, 2])?;
        let used_before = std::mem::take(&mut self.used);
        self.cuts.push(Cut {
            block: *block,
            weight,
            bias,
            input,
            values,
            winners,
            output,
            used_before,
        });
        Ok(result)
    }

    /// The gradient of `loss` for every tensor that the pass used; absent for the others.
    pub(crate) fn gradients(
        self,
        loss: Tensor,
        tensors: &[Tensor],
    ) -> Result<Vec<Option<Tensor>>, Error> {
        let mut found: Vec<Option<Tensor>> = tensors.iter().map(|_| None).collect();
        let mut root = loss;
        let mut used = self.used;
        for cut in self.cuts.into_iter().rev() {
            let of_output = piece(&root, &used, tensors, Some(&cut.output), &mut found)?;
            let of_input = cut.backward(of_output.as_ref(), tensors, &mut found)?;
            let Some(of_input) = of_input else {
                return Ok(found);
            };
            // A number whose gradient in the piece before is what has come through the cut.
            root = cut.input.f_mul(&of_input)?.f_sum(Kind::Float)?;
            used = cut.used_before;
        }
        piece(&root, &used, tensors, None, &mut found)?;
        Ok(found)
    }
}

/// Gradients of one piece: for the tensors used in it, and for the leaf that it begins with.
fn piece(
    root: &Tensor,
    used: &[usize],
    tensors: &[Tensor],
    leaf: Option<&Tensor>,
    found: &mut [Option<Tensor>],
) -> Result<Option<Tensor>, Error> {
    let inputs: Vec<&Tensor> = used.iter().map(|&i| &tensors[i]).chain(leaf).collect();
    if inputs.is_empty() {
        return Ok(None);
    }
    let mut gradients = autograd::gradients(root, &inputs)?;
    let of_leaf = leaf.and_then(|_| gradients.pop());
    for (&i, gradient) in used.iter().zip(gradients) {
        // A program need not use all its parameters.
        found[i] = gradient.defined().then_some(gradient);
    }
    Ok(of_leaf)
}

impl Cut {
    /// Gradients of the block's weights, and of its input where a piece before needs it.
    fn backward(
        &self,
        of_output: Option<&Tensor>,
        tensors: &[Tensor],
        found: &mut [Option<Tensor>],
    ) -> Result<Option<Tensor>, Error> {
        let Some(of_output) = of_output else {
            return Ok(None);
        };
        let weight = &tensors[self.weight];
        let mut of_weight = vec![0.0; weight.numel()];
        let mut of_bias = self.bias.map(|bias| vec![0.0; tensors[bias].numel()]);
        let mut of_input = self
            .input
            .requires_grad()
            .then(|| vec![0.0; self.values.len()]);
        let gradients = ConvPoolGradients {
            x: of_input.as_deref_mut(),
            weight: &mut of_weight,
            bias: of_bias.as_deref_mut(),
        };
        self.block.backward(
            &self.values,
            &floats(weight)?,
            &self.winners,
            &floats(of_output)?,
            gradients,
        );
        found[self.weight] = Some(Tensor::f_from_slice(&of_weight)?.f_reshape(weight.size())?);
        if let (Some(bias), Some(of_bias)) = (self.bias, &of_bias) {
            found[bias] = Some(Tensor::f_from_slice(of_bias)?);
        }
        let shaped =
            |values: Vec<f32>| Ok(Tensor::f_from_slice(&values)?.f_reshape(self.input.size())?);
        of_input.map(shaped).transpose()
    }
}

/// Runs a block on `x` of `[n, c, h, w]` without recording anything.
pub(crate) fn conv_pool(
    block: &ConvPool,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, Error> {
    let values = floats(&x.f_permute([0, 2, 3, 1])?)?;
    let [channels, height, width] = block.output();
    let images = x.size()[0];
    let mut out = vec![0.0; images as usize * channels * height * width];
    let bias = bias.map(floats).transpose()?;
    block.forward(&values, &floats(weight)?, bias.as_deref(), &mut out, None);
    let shape = [images, height as i64, width as i64, channels as i64];
    Ok(Tensor::f_from_slice(&out)?
        .f_reshape(shape)?
        .f_permute([0, 3, 1, 2])?)
}

/// The values of a tensor in row-major order.
fn floats(tensor: &Tensor) -> Result<Vec<f32>, Error> {
    let tensor = tensor.f_detach()?.f_contiguous()?;
    let mut values = vec![0.0; tensor.numel()];
    let count = values.len();
    tensor.f_copy_data(&mut values, count)?;
    Ok(values)
}
