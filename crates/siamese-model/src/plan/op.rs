//! What a network does, step by step.

use crate::conv_pool::ConvPool;
use crate::recipe::PoolAxes;

/// One operation; numbers are positions in [`Plan::params`](super::Plan::params).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    Conv {
        /// `[channels, height, width]` of what comes in.
        input: [usize; 3],
        weight: usize,
        bias: Option<usize>,
        stride: [i64; 2],
        padding: [i64; 2],
    },
    Lbp {
        radius: i64,
        cells: [i64; 2],
    },
    /// A convolution, maximum pooling and maybe relu as one; only [`Plan::fused`](super::Plan::fused) makes it.
    ConvPool {
        block: ConvPool,
        weight: usize,
        bias: Option<usize>,
    },
    BatchNorm {
        weight: usize,
        bias: usize,
        mean: usize,
        var: usize,
        momentum: f64,
        epsilon: f64,
    },
    Relu,
    Prelu {
        slope: usize,
    },
    Gelu,
    Tanh,
    MaxPool {
        kernel: [i64; 2],
        stride: [i64; 2],
        ceil: bool,
        axes: PoolAxes,
    },
    AvgPool {
        kernel: [i64; 2],
        stride: [i64; 2],
    },
    GlobalAvgPool,
    Dropout {
        share: f64,
    },
    Flatten,
    Dense {
        weight: usize,
        bias: Option<usize>,
    },
    L2Normalise,
    Residual {
        branch: Vec<Op>,
        projection: Option<Box<Op>>,
    },
}

impl Op {
    /// Whether an image's result depends on that image alone, so that two occurrences in a batch can share it.
    pub(crate) fn is_pure(&self) -> bool {
        match self {
            Self::Dropout { .. } | Self::BatchNorm { .. } => false,
            Self::Residual { branch, .. } => branch.iter().all(Self::is_pure),
            _ => true,
        }
    }

    /// Whether an image's result depends on the others of its batch while training.
    pub(super) fn mixes_images(&self) -> bool {
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
