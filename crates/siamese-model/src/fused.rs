//! The operations as a CPU runs them fastest.

use siamese_net::{Op, Plan, PoolAxes};

use crate::batch_norm::{BatchNorm, Pool};
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
    /// Batch normalisation, and maybe maximum pooling and relu after it, by [`BatchNorm`].
    BatchNorm(Normalise),
    /// A residual layer begins: what comes in, or its projection, is kept aside.
    Fork { projection: Option<Op> },
    /// It ends: what was kept last is added.
    Join,
}

/// See [`Op::BatchNorm`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Normalise {
    pub(crate) layer: BatchNorm,
    pub(crate) weight: usize,
    pub(crate) bias: usize,
    pub(crate) mean: usize,
    pub(crate) var: usize,
    pub(crate) momentum: f64,
}

impl Run {
    /// See [`Op::is_pure`]. Of a residual layer that has been taken apart, nothing is.
    pub(crate) fn is_pure(&self) -> bool {
        match self {
            Self::Plain(op) => op.is_pure(),
            Self::ConvPool { .. } => true,
            Self::BatchNorm(_) | Self::Fork { .. } | Self::Join => false,
        }
    }
}

/// Operations as they are, one by one.
pub(crate) fn plain(ops: &[Op]) -> Vec<Run> {
    ops.iter().cloned().map(Run::Plain).collect()
}

/// These of the plan's operations for a CPU: where few channels are convolved and then pooled, and where a batch is
/// normalised, as one operation; residual layers that normalise a batch taken apart.
pub(crate) fn fused(plan: &Plan, mut rest: &[Op]) -> Vec<Run> {
    let mut ops = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        if let Op::Residual { branch, projection } = first
            && first.mixes_images()
        {
            let projection = projection.as_deref().cloned();
            ops.push(Run::Fork { projection });
            ops.extend(fused(plan, branch));
            ops.push(Run::Join);
            rest = after;
            continue;
        }
        let (op, used) = conv_pool(plan, rest)
            .or_else(|| normalise(rest))
            .unwrap_or_else(|| (Run::Plain(first.clone()), 1));
        ops.push(op);
        rest = &after[used - 1..];
    }
    ops
}

/// The batch normalisation that stands for the first of these, and for how many.
fn normalise(ops: &[Op]) -> Option<(Run, usize)> {
    let [
        Op::BatchNorm {
            weight,
            bias,
            mean,
            var,
            momentum,
            epsilon,
        },
        after @ ..,
    ] = ops
    else {
        return None;
    };
    let pool = after.first().and_then(pool);
    let after = &after[usize::from(pool.is_some())..];
    let relu = matches!(after, [Op::Relu, ..]);
    let run = Run::BatchNorm(Normalise {
        layer: BatchNorm {
            epsilon: *epsilon,
            pool,
            relu,
        },
        weight: *weight,
        bias: *bias,
        mean: *mean,
        var: *var,
        momentum: *momentum,
    });
    Some((run, 1 + usize::from(pool.is_some()) + usize::from(relu)))
}

/// Maximum pooling by windows that lie side by side.
fn pool(op: &Op) -> Option<Pool> {
    let Op::MaxPool {
        kernel,
        stride,
        ceil,
        axes: PoolAxes::HeightWidth,
    } = op
    else {
        return None;
    };
    let window = [kernel[0], kernel[1]].map(usize::try_from);
    let [Ok(height), Ok(width)] = window else {
        return None;
    };
    let places = height.checked_mul(width)?;
    (kernel == stride && (1..=255).contains(&places)).then_some(Pool {
        window: [height, width],
        ceil: *ceil,
    })
}

/// The fused block that stands for the first of these, and for how many.
fn conv_pool(plan: &Plan, ops: &[Op]) -> Option<(Run, usize)> {
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
