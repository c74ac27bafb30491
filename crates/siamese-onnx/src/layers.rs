//! The layers of one network as nodes.

use siamese_net::{Error, Op, Plan, PoolAxes};

use crate::graph::{Graph, Value};
use crate::lbp;
use crate::proto::AttributeProto;
use crate::tensors::{Tensor, Tensors};
use crate::unit::unit;

/// What flows between two layers.
#[derive(Clone, Copy)]
pub(crate) struct Flow {
    pub(crate) value: Value,
    pub(crate) shape: Shape,
}

/// Without the batch axis.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Channels, height, width.
    Map([usize; 3]),
    Vector,
}

impl Shape {
    /// Channels, height and width. A plan lets no vector come where a map is needed.
    fn map(self) -> [usize; 3] {
        match self {
            Self::Map(sides) => sides,
            Self::Vector => [1; 3],
        }
    }
}

/// One network, whose layers are written into the graph.
pub(crate) struct Layers<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) tensors: &'a Tensors<'a>,
}

impl Layers<'_> {
    /// The nodes of one operation after the other.
    ///
    /// # Errors
    /// [`Error::File`] for a missing tensor.
    pub(crate) fn write(&self, graph: &mut Graph, ops: &[Op], x: Flow) -> Result<Flow, Error> {
        let mut x = x;
        let mut rest = ops;
        while let [op, after @ ..] = rest {
            rest = after;
            let norm = match (op, after) {
                (Op::Conv { .. } | Op::Dense { .. }, [norm @ Op::BatchNorm { .. }, after @ ..]) => {
                    rest = after;
                    Some(self.norm(norm)?)
                }
                _ => None,
            };
            x = self.operation(graph, op, norm.flatten(), x)?;
        }
        Ok(x)
    }

    fn operation(
        &self,
        graph: &mut Graph,
        op: &Op,
        norm: Option<Norm>,
        x: Flow,
    ) -> Result<Flow, Error> {
        let Flow { value, shape } = x;
        let same = |value| Flow { value, shape };
        Ok(match op {
            Op::Conv {
                weight,
                bias,
                stride,
                padding,
                ..
            } => self.conv(graph, (*weight, *bias), norm, *stride, *padding, x)?,
            Op::Dense { weight, bias } => {
                let inputs = self.weights(graph, *weight, *bias, norm)?;
                let by_rows = AttributeProto::int("transB", 1);
                Flow {
                    value: graph.node("Gemm", &[&[value], &inputs[..]].concat(), &[by_rows]),
                    shape: Shape::Vector,
                }
            }
            Op::BatchNorm { .. } => match self.norm(op)? {
                Some(norm) => same(norm.write(graph, x)),
                None => x,
            },
            Op::Lbp { radius, cells } => {
                let [c, h, w] = shape.map();
                let radius = *radius as usize;
                let codes = lbp::codes(graph, value, [h, w], radius);
                let inside = [c, h - 2 * radius, w - 2 * radius];
                self.histograms(graph, codes, inside, *cells)
            }
            Op::Relu => same(graph.node("Relu", &[value], &[])),
            Op::Prelu { slope } => {
                let Tensor { name, values, .. } = self.tensors.of_plan(self.plan, *slope)?;
                let slope = by_channel(graph, &name, &values, shape);
                same(graph.node("PRelu", &[value, slope], &[]))
            }
            Op::Gelu => same(gelu(graph, value)),
            Op::Tanh => same(graph.node("Tanh", &[value], &[])),
            Op::MaxPool {
                kernel,
                stride,
                ceil,
                axes,
            } => max_pool(graph, *kernel, *stride, *ceil, *axes, x),
            Op::AvgPool { kernel, stride } => {
                let [c, h, w] = shape.map();
                let attributes = [
                    AttributeProto::ints("kernel_shape", kernel),
                    AttributeProto::ints("strides", stride),
                ];
                let side =
                    |axis: usize, side: usize| windows(side, kernel[axis], stride[axis], false);
                Flow {
                    value: graph.node("AveragePool", &[value], &attributes),
                    shape: Shape::Map([c, side(0, h), side(1, w)]),
                }
            }
            Op::GlobalAvgPool => Flow {
                value: graph.mean(value, &[2, 3], false),
                shape: Shape::Vector,
            },
            Op::Dropout { .. } => x,
            Op::Flatten => Flow {
                value: graph.node("Flatten", &[value], &[]),
                shape: Shape::Vector,
            },
            Op::L2Normalise => same(unit(graph, value)),
            Op::Residual { branch, projection } => {
                let direct = match projection {
                    Some(projection) => self.operation(graph, projection, None, x)?,
                    None => x,
                };
                let through = self.write(graph, branch, x)?;
                Flow {
                    value: graph.node("Add", &[through.value, direct.value], &[]),
                    ..through
                }
            }
        })
    }

    fn conv(
        &self,
        graph: &mut Graph,
        (weight, bias): (usize, Option<usize>),
        norm: Option<Norm>,
        stride: [i64; 2],
        padding: [i64; 2],
        x: Flow,
    ) -> Result<Flow, Error> {
        let shape = &self.plan.params()[weight].shape;
        let kernel = [shape[2], shape[3]];
        let inputs = self.weights(graph, weight, bias, norm)?;
        let attributes = [
            AttributeProto::ints("kernel_shape", &kernel),
            AttributeProto::ints("strides", &stride),
            AttributeProto::ints("pads", &[padding, padding].concat()),
        ];
        let [_, h, w] = x.shape.map();
        let side = |axis: usize, side: usize| {
            let padded = side + 2 * padding[axis] as usize;
            windows(padded, kernel[axis], stride[axis], false)
        };
        Ok(Flow {
            value: graph.node("Conv", &[&[x.value], &inputs[..]].concat(), &attributes),
            shape: Shape::Map([shape[0] as usize, side(0, h), side(1, w)]),
        })
    }

    /// The histograms of local binary patterns of codes without a border.
    pub(crate) fn histograms(
        &self,
        graph: &mut Graph,
        codes: Value,
        inside: [usize; 3],
        cells: [i64; 2],
    ) -> Flow {
        let cells = cells.map(|count| count as usize);
        Flow {
            value: lbp::histograms(graph, codes, inside, cells),
            shape: Shape::Map([inside[0] * siamese_net::LBP_PATTERNS, cells[0], cells[1]]),
        }
    }

    /// Weight and, if there is any, bias as constants, with the normalisation that follows folded into them.
    fn weights(
        &self,
        graph: &mut Graph,
        weight: usize,
        bias: Option<usize>,
        norm: Option<Norm>,
    ) -> Result<Vec<Value>, Error> {
        let mut weight = self.tensors.of_plan(self.plan, weight)?;
        let bias = bias.map(|bias| self.tensors.of_plan(self.plan, bias));
        let mut bias = bias.transpose()?;
        if let Some(Norm {
            name,
            factor,
            shift,
        }) = norm
        {
            let each = weight.values.len() / factor.len().max(1);
            for (row, factor) in weight.values.chunks_exact_mut(each.max(1)).zip(&factor) {
                for value in row {
                    *value = (f64::from(*value) * factor) as f32;
                }
            }
            let before = |channel: usize| {
                bias.as_ref()
                    .map_or(0.0, |bias| f64::from(bias.values[channel]))
            };
            let shifted = factor.iter().zip(&shift).enumerate();
            let values =
                shifted.map(|(channel, (factor, shift))| (before(channel) * factor + shift) as f32);
            bias = Some(Tensor {
                values: values.collect(),
                sides: vec![factor.len()],
                name: format!("{name}shift"),
            });
        }
        let tensors = std::iter::once(weight).chain(bias);
        let constant = |tensor: Tensor| graph.floats(&tensor.name, &tensor.sides, &tensor.values);
        Ok(tensors.map(constant).collect())
    }

    /// A batch normalisation in use; nothing where `op` is another operation.
    fn norm(&self, op: &Op) -> Result<Option<Norm>, Error> {
        let Op::BatchNorm {
            weight,
            bias,
            mean,
            var,
            epsilon,
            ..
        } = op
        else {
            return Ok(None);
        };
        let read = |position: &usize| self.tensors.of_plan(self.plan, *position);
        let (weight, bias, mean, var) = (read(weight)?, read(bias)?, read(mean)?, read(var)?);
        let deviations = var
            .values
            .iter()
            .map(|&var| (f64::from(var) + epsilon).sqrt());
        let factor: Vec<f64> = weight
            .values
            .iter()
            .zip(deviations)
            .map(|(&weight, deviation)| f64::from(weight) / deviation)
            .collect();
        let means = bias.values.iter().zip(&mean.values).zip(&factor);
        let shift =
            means.map(|((&bias, &mean), factor)| f64::from(bias) - f64::from(mean) * factor);
        Ok(Some(Norm {
            name: weight.name.trim_end_matches("weight").to_owned(),
            shift: shift.collect(),
            factor,
        }))
    }
}

/// `x factor + shift` by channel, or by feature of a vector.
struct Norm {
    name: String,
    factor: Vec<f64>,
    shift: Vec<f64>,
}

impl Norm {
    fn write(&self, graph: &mut Graph, x: Flow) -> Value {
        let mut constant = |name: &str, values: &[f64]| {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            by_channel(graph, &format!("{}{name}", self.name), &values, x.shape)
        };
        let (factor, shift) = (
            constant("factor", &self.factor),
            constant("shift", &self.shift),
        );
        let scaled = graph.node("Mul", &[x.value, factor], &[]);
        graph.node("Add", &[scaled, shift], &[])
    }
}

/// A constant with a value for each channel, or for each feature, of tensors of this shape.
fn by_channel(graph: &mut Graph, name: &str, values: &[f32], shape: Shape) -> Value {
    match shape {
        Shape::Map(_) => graph.floats(name, &[values.len(), 1, 1], values),
        Shape::Vector => graph.floats(name, &[values.len()], values),
    }
}

/// `x (erf(x / sqrt 2) + 1) / 2`: operator set 17 has no name for it.
fn gelu(graph: &mut Graph, x: Value) -> Value {
    let (root, one, half) = (
        graph.number(std::f64::consts::FRAC_1_SQRT_2),
        graph.number(1.0),
        graph.number(0.5),
    );
    let scaled = graph.node("Mul", &[x, root], &[]);
    let erf = graph.node("Erf", &[scaled], &[]);
    let erf = graph.node("Add", &[erf, one], &[]);
    let product = graph.node("Mul", &[x, erf], &[]);
    graph.node("Mul", &[product, half], &[])
}

/// Windows that stick out are filled up at the end, by as much as there are: runtimes differ in how they round up.
fn max_pool(
    graph: &mut Graph,
    kernel: [i64; 2],
    stride: [i64; 2],
    ceil: bool,
    axes: PoolAxes,
    x: Flow,
) -> Flow {
    let [c, h, w] = x.shape.map();
    let over_channels = axes == PoolAxes::ChannelsHeight;
    let sides = if over_channels { [c, h] } else { [h, w] };
    let counts = [0, 1].map(|axis| windows(sides[axis], kernel[axis], stride[axis], ceil));
    let missing = [0, 1].map(|axis| {
        let reach = (counts[axis] as i64 - 1) * stride[axis] + kernel[axis];
        (reach - sides[axis] as i64).max(0)
    });
    let attributes = [
        AttributeProto::ints("kernel_shape", &kernel),
        AttributeProto::ints("strides", &stride),
        AttributeProto::ints("pads", &[0, 0, missing[0], missing[1]]),
    ];
    let pool = |graph: &mut Graph, x| graph.node("MaxPool", &[x], &attributes);
    if !over_channels {
        return Flow {
            value: pool(graph, x.value),
            shape: Shape::Map([c, counts[0], counts[1]]),
        };
    }
    // Columns stand in for channels, so that the windows run over channels and rows.
    let turn = |graph: &mut Graph, x, order: [i64; 4]| {
        graph.node("Transpose", &[x], &[AttributeProto::ints("perm", &order)])
    };
    let turned = turn(graph, x.value, [0, 3, 1, 2]);
    let pooled = pool(graph, turned);
    Flow {
        value: turn(graph, pooled, [0, 2, 3, 1]),
        shape: Shape::Map([counts[0], counts[1], w]),
    }
}

/// How many windows there are on a side that is large enough for one. One that sticks out counts with `ceil`, as far as it
/// begins inside.
fn windows(side: usize, kernel: i64, stride: i64, ceil: bool) -> usize {
    let (kernel, stride) = (kernel as usize, stride as usize);
    let steps = side.saturating_sub(kernel);
    match ceil {
        true => steps.div_ceil(stride).min((side - 1) / stride) + 1,
        false => steps / stride + 1,
    }
}
