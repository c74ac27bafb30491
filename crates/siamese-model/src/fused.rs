//! The operations as a CPU runs them fastest.

use siamese_net::{Op, Plan, PoolAxes};

use crate::conv_pool::ConvPool;

/// An operation as it is run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Run {
    /// By libtorch.
    Plain(Op),
    /// A convolution, maximum pooling and maybe relu as one, by [`ConvPool`].
    ConvPool {
        block: ConvPool,
        weight: usize,
        bias: Option<usize>,
    },
}

impl Run {
    /// See [`Op::is_pure`].
    pub(crate) fn is_pure(&self) -> bool {
        match self {
            Self::Plain(op) => op.is_pure(),
            Self::ConvPool { .. } => true,
        }
    }
}

/// Operations as they are, one by one.
pub(crate) fn plain(ops: &[Op]) -> Vec<Run> {
    ops.iter().cloned().map(Run::Plain).collect()
}

/// These of the plan's operations for a CPU: where few channels are convolved and then pooled, as one operation.
pub(crate) fn fused(plan: &Plan, mut rest: &[Op]) -> Vec<Run> {
    let mut ops = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        let (op, used) = fuse(plan, rest).unwrap_or_else(|| (Run::Plain(first.clone()), 1));
        ops.push(op);
        rest = &after[used - 1..];
    }
    ops
}

/// The operation that stands for the first of these, and for how many.
fn fuse(plan: &Plan, ops: &[Op]) -> Option<(Run, usize)> {
    let [
        Op::Conv {
            input,
            weight,
            bias,
            stride: [1, 1],
            padding: [0, 0],
        },
        Op::MaxPool {
            kernel: window,
            stride,
            ceil: false,
            axes,
        },
        after @ ..,
    ] = ops
    else {
        return None;
    };
    let &[out_channels, _, height, width] = plan.params()[*weight].shape.as_slice() else {
        return None;
    };
    let unsigned = |n: i64| usize::try_from(n).ok();
    let out_channels = unsigned(out_channels)?;
    if window != stride || input[0].max(out_channels) > MOST_FUSED_CHANNELS {
        return None;
    }
    let [first, second] = [unsigned(window[0])?, unsigned(window[1])?];
    let window = match axes {
        PoolAxes::HeightWidth => [1, first, second],
        PoolAxes::ChannelsHeight => [first, second, 1],
    };
    let relu = matches!(after, [Op::Relu, ..]);
    let kernel = [unsigned(height)?, unsigned(width)?];
    let block = ConvPool::new(*input, out_channels, kernel, window, relu)?;
    let used = if relu { 3 } else { 2 };
    Some((
        Run::ConvPool {
            block,
            weight: *weight,
            bias: *bias,
        },
        used,
    ))
}

/// With more channels than this libtorch's convolution is the faster one.
const MOST_FUSED_CHANNELS: usize = 16;
