//! The operations as a CPU runs them fastest.

use siamese_net::{Op, Plan, PoolAxes};

use crate::batch_norm::{BatchNorm, Pool};
use crate::conv::Conv;
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
    /// A convolution, in training by [`Conv`] where it is in f32, else as it is.
    Conv {
        conv: Conv,
        weight: usize,
        bias: Option<usize>,
        plain: Op,
    },
    /// Maybe flattening, and a dense layer, in training as one where it is in f32, else as they are.
    Dense {
        weight: usize,
        bias: Option<usize>,
        plain: Vec<Op>,
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
            Self::ConvPool { .. } | Self::Conv { .. } | Self::Dense { .. } => true,
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
///
/// A network that normalises no batches keeps libtorch's convolutions and dense layers, and with them the digits that it has
/// had in every version.
pub(crate) fn fused(plan: &Plan, mut rest: &[Op]) -> Vec<Run> {
    let own = plan.ops().iter().any(Op::mixes_images);
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
            .or_else(|| Some((conv(plan, first)?, 1)).filter(|_| own))
            .or_else(|| dense(plan, rest).filter(|_| own))
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

/// The large dense layer that stands for the first of these, and for how many.
fn dense(plan: &Plan, ops: &[Op]) -> Option<(Run, usize)> {
    let used = 1 + usize::from(matches!(ops, [Op::Flatten, ..]));
    let Some(Op::Dense { weight, bias }) = ops.get(used - 1) else {
        return None;
    };
    let numbers: i64 = plan.params()[*weight].shape.iter().product();
    let run = Run::Dense {
        weight: *weight,
        bias: *bias,
        plain: ops[..used].to_vec(),
    };
    (numbers >= LARGE_DENSE).then_some((run, used))
}

/// From so many weights on it is worth it to write their gradient once.
const LARGE_DENSE: i64 = 1 << 15;

/// The convolution that stands for this one.
fn conv(plan: &Plan, op: &Op) -> Option<Run> {
    let Op::Conv {
        input,
        weight,
        bias,
        stride,
        padding,
    } = op
    else {
        return None;
    };
    let unsigned = |n: i64| usize::try_from(n).ok();
    let both = |sides: [i64; 2]| Some([unsigned(sides[0])?, unsigned(sides[1])?]);
    let &[outputs, _, height, width] = plan.params()[*weight].shape.as_slice() else {
        return None;
    };
    let conv = Conv {
        outputs: unsigned(outputs)?,
        kernel: both([height, width])?,
        stride: both(*stride)?,
        padding: both(*padding)?,
    };
    let [above, left] = conv.padding;
    // On the way back windows that lie apart are mostly zeros; the first layer has no way back.
    let fast = conv.stride == [1, 1] || input[0] <= IMAGE_CHANNELS;
    (fast && above < conv.kernel[0] && left < conv.kernel[1]).then(|| Run::Conv {
        conv,
        weight: *weight,
        bias: *bias,
        plain: op.clone(),
    })
}

/// Channels that an image has at most.
const IMAGE_CHANNELS: usize = 4;

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
