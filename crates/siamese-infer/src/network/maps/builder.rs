//! From operations to steps.

use siamese_net::{Error, Op, window_count};

use super::step::{Conv, Step, What};
use crate::layer::{Activation, AvgPool, Lbp, MaxPool};
use crate::network::build::{activation, normalisation_after};
use crate::network::tensors::Tensors;
use map_kernels::Inputs;

/// Turns operations into steps.
pub(super) struct Builder<'a> {
    pub(super) tensors: &'a Tensors<'a>,
    pub(super) steps: Vec<Step>,
    /// Of each value.
    pub(super) shapes: Vec<[usize; 3]>,
    /// Values that are still to be added to what branches make of them.
    pub(super) held: Vec<usize>,
}

impl Builder<'_> {
    /// A step that makes a value of this shape.
    fn push(&mut self, from: usize, what: What, shape: [usize; 3]) -> usize {
        let to = self.shapes.len();
        self.shapes.push(shape);
        self.steps.push(Step { from, to, what });
        to
    }

    /// The value that operations make of one, one after the other.
    pub(super) fn sequence(&mut self, ops: &[Op], mut x: usize) -> Result<usize, Error> {
        let mut rest = ops.iter().peekable();
        while let Some(op) = rest.next() {
            let shape = self.shapes[x];
            x = match op {
                Op::Conv { .. } => {
                    let after = rest.peek().copied();
                    let (conv, normalised) = self.conv(op, x, after)?;
                    if normalised {
                        rest.next();
                    }
                    conv
                }
                Op::Relu => self.relu(x),
                Op::MaxPool {
                    kernel,
                    stride,
                    ceil,
                    axes,
                } => {
                    let pool = MaxPool {
                        kernel: unsigned(*kernel),
                        stride: unsigned(*stride),
                        axes: *axes,
                    };
                    let shape = pool.output(shape, *ceil);
                    self.push(x, What::MaxPool(pool), shape)
                }
                Op::AvgPool { kernel, stride } => {
                    let (kernel, stride) = (unsigned(*kernel), unsigned(*stride));
                    let [channels, height, width] = shape;
                    let shape = [
                        channels,
                        window_count(height, kernel[0], stride[0], false),
                        window_count(width, kernel[1], stride[1], false),
                    ];
                    self.push(x, What::AvgPool(AvgPool { kernel, stride }), shape)
                }
                Op::Lbp { radius, cells } => {
                    let [rows, columns] = unsigned(*cells);
                    let [radius, _] = unsigned([*radius; 2]);
                    let shape = [shape[0] * siamese_net::LBP_PATTERNS, rows, columns];
                    self.push(
                        x,
                        What::Lbp(Box::new(Lbp::new(radius, [rows, columns]))),
                        shape,
                    )
                }
                Op::BatchNorm { .. } => match normalisation_after(Some(op), self.tensors)? {
                    Some(found) => self.push(x, What::Scale(found.as_scale()), shape),
                    None => x,
                },
                Op::Residual { branch, projection } => {
                    let direct = match projection {
                        Some(projection) => self.conv(projection, x, None)?.0,
                        None => x,
                    };
                    self.held.push(direct);
                    self.held.push(x);
                    let through = self.sequence(branch, x)?;
                    self.held.truncate(self.held.len() - 2);
                    self.add(through, direct)
                }
                op => match activation(op, self.tensors)? {
                    Some(activation) => self.push(x, What::Activate(activation), shape),
                    None => x,
                },
            };
        }
        Ok(x)
    }

    /// A convolution, and whether it took in the normalisation after it.
    fn conv(&mut self, op: &Op, x: usize, after: Option<&Op>) -> Result<(usize, bool), Error> {
        let Op::Conv {
            weight,
            bias,
            stride,
            padding,
            ..
        } = op
        else {
            return Ok((x, false));
        };
        let normalisation = normalisation_after(after, self.tensors)?;
        let normalised = normalisation.is_some();
        let [channels, height, width] = self.shapes[x];
        let sides = self.tensors.shape(*weight);
        let side = |axis: usize| sides.get(axis).copied().unwrap_or(1);
        let kernel = [side(2), side(3)];
        let (stride, padding) = (unsigned(*stride), unsigned(*padding));
        let order = Inputs {
            channels,
            area: kernel[0] * kernel[1],
        };
        let conv = Conv {
            weights: self.tensors.weights(*weight, *bias, order, normalisation)?,
            kernel,
            stride,
            padding,
            add: None,
            relu: false,
        };
        let shape = [
            side(0),
            window_count(height + 2 * padding[0], kernel[0], stride[0], false),
            window_count(width + 2 * padding[1], kernel[1], stride[1], false),
        ];
        Ok((self.push(x, What::Conv(conv), shape), normalised))
    }

    /// Negative numbers become 0: at once where a convolution makes them, before a pooling that does not mind.
    fn relu(&mut self, x: usize) -> usize {
        let is_free = |value: usize| !self.held.contains(&value);
        let made_by = |value: usize| self.steps.iter().position(|step| step.to == value);
        let mut maker = made_by(x);
        if let Some(step) = maker.map(|step| &self.steps[step])
            && matches!(step.what, What::MaxPool(_))
            && is_free(x)
            && is_free(step.from)
        {
            maker = made_by(step.from);
        }
        if let Some(step) = maker.map(|step| &mut self.steps[step])
            && is_free(step.to)
            && let What::Conv(conv) = &mut step.what
        {
            conv.relu = true;
            return x;
        }
        self.push(x, What::Activate(Activation::Relu), self.shapes[x])
    }

    /// What a branch made, plus what it made it of: at once where a convolution ends the branch.
    fn add(&mut self, through: usize, direct: usize) -> usize {
        if let Some(step) = self.steps.last_mut()
            && step.to == through
            && through != direct
            && !self.held.contains(&through)
            && let What::Conv(conv) = &mut step.what
            && !conv.relu
            && conv.add.is_none()
        {
            conv.add = Some(direct);
            return through;
        }
        self.push(through, What::Add(direct), self.shapes[through])
    }
}

impl MaxPool {
    /// The shape that comes out.
    fn output(&self, [channels, height, width]: [usize; 3], ceil: bool) -> [usize; 3] {
        let count =
            |size, axis: usize| window_count(size, self.kernel[axis], self.stride[axis], ceil);
        match self.axes {
            siamese_net::PoolAxes::HeightWidth => [channels, count(height, 0), count(width, 1)],
            siamese_net::PoolAxes::ChannelsHeight => [count(channels, 0), count(height, 1), width],
        }
    }
}

fn unsigned(pair: [i64; 2]) -> [usize; 2] {
    pair.map(|n| usize::try_from(n).unwrap_or(0))
}
