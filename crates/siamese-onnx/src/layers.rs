//! The layers of one network as nodes.

use siamese_net::{Error, LBP_PATTERNS, Op, Plan, window_count};

use crate::flow::{Flow, Shape, by_channel};
use crate::graph::{Graph, Value};
use crate::lbp;
use crate::norm::Norm;
use crate::pool::{avg_pool, max_pool};
use crate::proto::AttributeProto;
use crate::tensors::{Tensor, Tensors};
use crate::unit::unit;

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
            let mut norm = None;
            if let (Op::Conv { .. } | Op::Dense { .. }, [next, after @ ..]) = (op, after)
                && let Some(found) = Norm::of(next, self.plan, self.tensors)?
            {
                norm = Some(found);
                rest = after;
            }
            x = self.operation(graph, op, norm, x)?;
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
            Op::BatchNorm { .. } => match Norm::of(op, self.plan, self.tensors)? {
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
            Op::Sigmoid => same(graph.node("Sigmoid", &[value], &[])),
            Op::Scale { weight } => {
                let Tensor { name, values, .. } = self.tensors.of_plan(self.plan, *weight)?;
                let factors = by_channel(graph, &name, &values, shape);
                same(graph.node("Mul", &[value, factors], &[]))
            }
            Op::MaxPool {
                kernel,
                stride,
                ceil,
                axes,
            } => max_pool(graph, *kernel, *stride, *ceil, *axes, x),
            Op::AvgPool { kernel, stride } => avg_pool(graph, *kernel, *stride, x),
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
            let padded = side.saturating_add((padding[axis] as usize).saturating_mul(2));
            window_count(padded, kernel[axis] as usize, stride[axis] as usize, false)
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
            shape: Shape::Map([inside[0] * LBP_PATTERNS, cells[0], cells[1]]),
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
