//! What a network does, step by step.

use crate::spec::PoolAxes;

/// One operation on a batch; `weight`, `bias` and the like are positions in [`Plan::params`](super::Plan::params).
///
/// Maps are `[n, channels, height, width]`, vectors `[n, features]`. Pairs are of height and width.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Cross-correlation of a map with `weight`, plus `bias`.
    Conv {
        /// `[channels, height, width]` of what comes in.
        input: [usize; 3],
        /// `[out, in, height, width]`.
        weight: usize,
        /// `[out]`.
        bias: Option<usize>,
        /// Pixels from one window to the next.
        stride: [i64; 2],
        /// Zeros on both sides.
        padding: [i64; 2],
    },
    /// Histograms of local binary patterns, `[n, channels * 59, rows, columns]`; see [`LBP_PATTERNS`](crate::LBP_PATTERNS).
    Lbp {
        /// Of the circle of neighbours, in pixels.
        radius: i64,
        /// Rows and columns of cells.
        cells: [i64; 2],
    },
    /// `(x - mean) / sqrt(var + epsilon) * weight + bias` by channel; in training by the batch's own mean and variance.
    BatchNorm {
        /// Scale, `[channels]`.
        weight: usize,
        /// Shift, `[channels]`.
        bias: usize,
        /// Running mean, `[channels]`.
        mean: usize,
        /// Running variance, `[channels]`.
        var: usize,
        /// Share of a batch's figures in the running ones.
        momentum: f64,
        /// Added to the variance.
        epsilon: f64,
    },
    /// `max(x, 0)`.
    Relu,
    /// `x` where it is positive, `slope x` elsewhere.
    Prelu {
        /// `[1]` or `[channels]`.
        slope: usize,
    },
    /// `x Phi(x)`, with the exact normal distribution.
    Gelu,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The largest value of each window.
    MaxPool {
        /// Size of a window.
        kernel: [i64; 2],
        /// From one window to the next.
        stride: [i64; 2],
        /// Whether windows that stick out count, as far as they begin inside.
        ceil: bool,
        /// Which axes the windows run over.
        axes: PoolAxes,
    },
    /// The mean of each window.
    AvgPool {
        /// Size of a window.
        kernel: [i64; 2],
        /// From one window to the next.
        stride: [i64; 2],
    },
    /// The mean of each channel: a map becomes a vector.
    GlobalAvgPool,
    /// In training each value is zero with this probability, and the others are divided by `1 - share`; nothing in use.
    Dropout {
        /// 0..1.
        share: f64,
    },
    /// A map becomes a vector, channel by channel, row by row.
    Flatten,
    /// `x W^T + bias` of vectors.
    Dense {
        /// `[out, in]`.
        weight: usize,
        /// `[out]`.
        bias: Option<usize>,
    },
    /// Divides a vector by its length, of at least 1e-12.
    L2Normalise,
    /// `x * weight` of vectors, feature by feature.
    Scale {
        /// `[features]`.
        weight: usize,
    },
    /// `branch(x) + x`, or `branch(x) + projection(x)`.
    Residual {
        /// One after the other.
        branch: Vec<Op>,
        /// A 1x1 convolution that brings the input to the branch's shape.
        projection: Option<Box<Op>>,
    },
}

impl Op {
    /// Whether an image's result depends on that image alone, so that two occurrences in a batch can share it.
    #[must_use]
    pub fn is_pure(&self) -> bool {
        match self {
            Self::Dropout { .. } | Self::BatchNorm { .. } => false,
            Self::Residual { branch, .. } => branch.iter().all(Self::is_pure),
            _ => true,
        }
    }

    /// Whether an image's result depends on the others of its batch while training.
    #[must_use]
    pub fn mixes_images(&self) -> bool {
        match self {
            Self::BatchNorm { .. } => true,
            Self::Residual { branch, .. } => branch.iter().any(Self::mixes_images),
            _ => false,
        }
    }
}

/// `relu` then `max_pool` is `max_pool` then `relu`, in value and gradient, on a fraction of the numbers.
pub(super) fn pool_before_relu(ops: &mut [Op]) {
    for i in 1..ops.len() {
        if matches!((&ops[i - 1], &ops[i]), (Op::Relu, Op::MaxPool { .. })) {
            ops.swap(i - 1, i);
        }
    }
    for op in ops {
        if let Op::Residual { branch, .. } = op {
            pool_before_relu(branch);
        }
    }
}
