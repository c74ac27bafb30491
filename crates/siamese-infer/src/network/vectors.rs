//! The layers after the maps: on vectors, of several images at a time.

use siamese_net::{Error, Op};

use super::build::{activation, normalisation_after};
use super::tensors::Tensors;
use crate::layer::{Activation, Scale, to_unit};
use map_kernels::{Inputs, Instructions, Product, Weights};

/// What is done to vectors, one step after the other.
#[derive(Debug)]
pub(crate) struct Vectors(Vec<Step>);

#[derive(Debug)]
enum Step {
    Dense {
        weights: Weights,
        relu: bool,
    },
    Scale(Scale),
    Activate(Activation),
    /// Of vectors of so many numbers.
    Unit(usize),
    Residual {
        branch: Vectors,
        projection: Option<Weights>,
    },
}

impl Vectors {
    /// Of operations on vectors whose numbers come in this order; see [`wants_channels_first`].
    pub(crate) fn new(ops: &[Op], order: Inputs, tensors: &Tensors<'_>) -> Result<Self, Error> {
        let mut steps = Vec::new();
        let mut order = order;
        let mut i = 0;
        while let Some(op) = ops.get(i) {
            i += 1;
            match op {
                Op::Dense { weight, bias } => {
                    let normalisation = normalisation_after(ops.get(i), tensors)?;
                    i += usize::from(normalisation.is_some());
                    let relu = matches!(ops.get(i), Some(Op::Relu));
                    i += usize::from(relu);
                    let weights = tensors.weights(*weight, *bias, order, normalisation)?;
                    order = Inputs {
                        channels: weights.outputs(),
                        area: 1,
                    };
                    steps.push(Step::Dense { weights, relu });
                }
                Op::L2Normalise => steps.push(Step::Unit(order.channels * order.area)),
                Op::Residual { branch, projection } => {
                    let projection = match projection.as_deref() {
                        Some(Op::Dense { weight, bias }) => {
                            Some(tensors.weights(*weight, *bias, order, None)?)
                        }
                        _ => None,
                    };
                    let outputs = projection.as_ref().map(Weights::outputs);
                    steps.push(Step::Residual {
                        branch: Self::new(branch, order, tensors)?,
                        projection,
                    });
                    if let Some(outputs) = outputs {
                        order = Inputs {
                            channels: outputs,
                            area: 1,
                        };
                    }
                }
                Op::BatchNorm { .. } => {
                    if let Some(found) = normalisation_after(Some(op), tensors)? {
                        steps.push(Step::Scale(found.as_scale()));
                    }
                }
                op => steps.extend(activation(op, tensors)?.map(Step::Activate)),
            }
        }
        Ok(Self(steps))
    }

    /// Vectors, one after the other.
    pub(crate) fn run(&self, mut x: Vec<f32>, by: Instructions) -> Vec<f32> {
        for step in &self.0 {
            match step {
                Step::Dense { weights, relu } => x = multiply(&x, weights, *relu, by),
                Step::Scale(scale) => scale.apply(&mut x),
                Step::Activate(activation) => activation.apply(&mut x),
                Step::Unit(length) => x
                    .chunks_exact_mut(*length)
                    .for_each(|vector| to_unit(vector, 1.0)),
                Step::Residual { branch, projection } => {
                    let direct = match projection {
                        Some(weights) => multiply(&x, weights, false, by),
                        None => x.clone(),
                    };
                    x = branch.run(x, by);
                    x.iter_mut()
                        .zip(direct)
                        .for_each(|(x, direct)| *x += direct);
                }
            }
        }
        x
    }
}

/// Vectors, one after the other, times weights.
pub(crate) fn multiply(x: &[f32], weights: &Weights, relu: bool, by: Instructions) -> Vec<f32> {
    let (inputs, outputs) = (weights.inputs(), weights.outputs());
    let count = x.len() / inputs;
    let mut output = vec![0.0; count * outputs];
    Product {
        input: x,
        width: count,
        height: 1,
        maps: 1,
        step: inputs,
        line: 0,
        map: 0,
        runs: 1,
        run_step: 0,
        output: &mut output,
        output_line: count * outputs,
        output_map: 0,
        add: None,
        relu,
    }
    .compute(weights, by);
    output
}

/// Whether the vectors of a flattened map must lie channel by channel, as in training: not where a product is the first to
/// tell their numbers apart, whose weights can be packed in any order.
pub(super) fn wants_channels_first(ops: &[Op], tensors: &Tensors<'_>) -> Result<bool, Error> {
    for op in ops {
        match op {
            Op::Dense { .. } => return Ok(false),
            Op::L2Normalise | Op::Dropout { .. } => {}
            op => match activation(op, tensors)? {
                Some(activation) if activation.is_same_for_all() => {}
                _ => return Ok(true),
            },
        }
    }
    Ok(true)
}
