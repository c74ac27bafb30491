//! The operators that are supported.

use super::arrange;
use super::call::{Call, Known, elements};
use super::combine;
use super::window;

/// ONNX's numbers for kinds of whole numbers.
const I32: i64 = 6;
const I64: i64 = 7;

/// Gives the results of an operation and its work.
type Apply = fn(&Call<'_>) -> Result<(Vec<Known>, u64), String>;

/// Gives the one result of an operation whose work is its numbers.
type One = fn(&Call<'_>) -> Result<Known, String>;

/// An operator that is supported.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    One(One),
    Many(Apply),
}

impl Operator {
    /// The operator of this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "Abs"
            | "BatchNormalization"
            | "Ceil"
            | "Clip"
            | "Cos"
            | "Elu"
            | "Erf"
            | "Exp"
            | "Floor"
            | "Gelu"
            | "HardSigmoid"
            | "HardSwish"
            | "Identity"
            | "InstanceNormalization"
            | "LayerNormalization"
            | "LeakyRelu"
            | "Log"
            | "LogSoftmax"
            | "LpNormalization"
            | "Neg"
            | "Not"
            | "RMSNormalization"
            | "Reciprocal"
            | "Relu"
            | "Round"
            | "ScatterElements"
            | "Sigmoid"
            | "Sign"
            | "Sin"
            | "Softmax"
            | "Softplus"
            | "Softsign"
            | "Sqrt"
            | "Swish"
            | "Tanh"
            | "Cast" => Self::One(same),
            "Dropout" => Self::Many(twice),
            "Add" | "And" | "Div" | "Equal" | "Greater" | "GreaterOrEqual" | "Less"
            | "LessOrEqual" | "Max" | "Mean" | "Min" | "Mod" | "Mul" | "Or" | "PRelu" | "Pow"
            | "Sub" | "Sum" | "Where" | "Xor" => Self::One(combine::broadcast),
            "Gemm" => Self::Many(combine::gemm),
            "MatMul" => Self::Many(combine::matrix_product),
            "Concat" => Self::One(combine::concatenate),
            "Conv" => Self::Many(window::convolution),
            "AveragePool" | "MaxPool" => Self::Many(window::pool),
            "GlobalAveragePool" | "GlobalMaxPool" => Self::Many(window::global_pool),
            "Pad" => Self::One(window::pad),
            "ReduceL1" | "ReduceL2" | "ReduceLogSum" | "ReduceLogSumExp" | "ReduceMax"
            | "ReduceMean" | "ReduceMin" | "ReduceProd" | "ReduceSum" | "ReduceSumSquare" => {
                Self::Many(combine::reduce)
            }
            "ConstantOfShape" => Self::One(arrange::constant_of_shape),
            "Expand" => Self::One(arrange::expand),
            "Flatten" => Self::One(arrange::flatten),
            "Gather" => Self::One(arrange::gather),
            "GatherElements" => Self::One(arrange::gather_elements),
            "Reshape" => Self::One(arrange::reshape),
            "Shape" => Self::One(arrange::shape_of),
            "Slice" => Self::One(arrange::slice),
            "Split" => Self::Many(arrange::split),
            "Squeeze" => Self::One(arrange::squeeze),
            "Transpose" => Self::One(arrange::transpose),
            "Unsqueeze" => Self::One(arrange::unsqueeze),
            _ => return None,
        })
    }

    /// Its results, and how many multiplications or other steps it takes.
    pub(super) fn apply(self, call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
        match self {
            Self::Many(apply) => apply(call),
            Self::One(one) => {
                let made = one(call)?;
                let read = call
                    .inputs
                    .iter()
                    .flatten()
                    .map(|input| elements(&input.shape));
                let steps = read.fold(elements(&made.shape), u64::saturating_add);
                Ok((vec![made], steps))
            }
        }
    }
}

/// Each number becomes another.
fn same(call: &Call<'_>) -> Result<Known, String> {
    let input = call.input(0)?;
    // What keeps whole numbers as they are. Numbers of another kind are rounded otherwise in what comes after.
    let kept = match call.node.operator.as_str() {
        "Identity" => true,
        "Cast" => matches!(call.node.int("to", 0)?, I32 | I64),
        _ => false,
    };
    match kept {
        true => Ok(input.clone()),
        false => Ok(Known::of(input.shape.clone())),
    }
}

/// The numbers, and which of them were kept.
fn twice(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let made = Known::of(call.shape(0)?.to_vec());
    let steps = elements(&made.shape);
    Ok((vec![made.clone(), made], steps))
}
