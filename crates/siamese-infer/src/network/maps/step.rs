//! What is done to a map.

use crate::layer::{Activation, AvgPool, Lbp, MaxPool, Scale};
use crate::map::{Map, MapMut};
use map_kernels::Weights;

/// What is done to the value `from`.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Conv(Conv),
    MaxPool(MaxPool),
    AvgPool(AvgPool),
    Lbp(Box<Lbp>),
    Scale(Scale),
    Activate(Activation),
    /// Another value is added.
    Add(usize),
}

/// A convolution, and what is done to its results at once.
#[derive(Debug)]
pub(super) struct Conv {
    pub(super) weights: Weights,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) padding: [usize; 2],
    /// A value that is added.
    pub(super) add: Option<usize>,
    pub(super) relu: bool,
}

impl Step {
    /// Numbers of its weights.
    pub(super) fn weights(&self) -> usize {
        match &self.what {
            What::Conv(conv) => conv.weights.inputs() * conv.weights.outputs(),
            _ => 0,
        }
    }
}

impl What {
    /// One image's map `from` into `to`, by what is no convolution; `map` gives its other maps.
    pub(super) fn apply<'a>(
        &self,
        from: Map<'a>,
        map: impl Fn(usize) -> Map<'a>,
        mut to: MapMut<'_>,
    ) {
        let [_, height, _] = to.shape;
        match self {
            // Of all images together, see `Maps::convolve`.
            Self::Conv(_) => {}
            Self::MaxPool(pool) => pool.apply(from, to),
            Self::AvgPool(pool) => pool.apply(from, to),
            Self::Lbp(lbp) => lbp.apply(from, to),
            Self::Scale(scale) => {
                for y in 0..height {
                    to.row(y).copy_from_slice(from.row(y));
                    scale.apply(to.row(y));
                }
            }
            Self::Activate(activation) => {
                for y in 0..height {
                    to.row(y).copy_from_slice(from.row(y));
                    activation.apply(to.row(y));
                }
            }
            Self::Add(other) => {
                let other = map(*other);
                for y in 0..height {
                    let both = from.row(y).iter().zip(other.row(y));
                    for (out, (a, b)) in to.row(y).iter_mut().zip(both) {
                        *out = a + b;
                    }
                }
            }
        }
    }
}
