//! Layers laid out one after the other: their shapes, parameters and operations.

use super::fit::{Fault, MAX_ELEMENTS, check_size, fault, map, padded, windows};
use super::op::Op;
use super::param::{Param, Start};
use super::shape::{LayerRow, Shape};
use crate::alike::LBP_PATTERNS;
use crate::error::Error;
use crate::spec::{LayerSpec, NamedPadding, Padding, PoolAxes};

/// Collects the table of layers and the parameters.
pub(super) struct Builder {
    pub(super) rows: Vec<LayerRow>,
    pub(super) params: Vec<Param>,
}

impl Builder {
    /// Lays out a list of layers; `number` is the prefix of their positions, `path` that of their parameters.
    pub(super) fn sequence(
        &mut self,
        layers: &[LayerSpec],
        input: Shape,
        number: &str,
        path: &str,
    ) -> Result<(Vec<Op>, Shape), Error> {
        let mut shape = input;
        let mut ops = Vec::with_capacity(layers.len());
        for (i, layer) in layers.iter().enumerate() {
            let index = format!("{number}{}", i + 1);
            let row = self.rows.len();
            let first = self.params.len();
            self.rows.push(LayerRow {
                index: index.clone(),
                layer: layer.to_string(),
                output: shape,
                parameters: 0,
            });
            let (op, output) = self
                .layer(layer, shape, &index, &format!("{path}.{}", i + 1))
                .and_then(|(op, output)| check_size(output).map(|()| (op, output)))
                .map_err(|fault| fault.into_error(&index, layer, shape))?;
            let trainable = self.params[first..].iter().filter(|p| p.trainable);
            self.rows[row].parameters = trainable
                .map(|p| usize::try_from(p.shape.iter().product::<i64>()).unwrap_or(usize::MAX))
                .sum();
            self.rows[row].output = output;
            shape = output;
            ops.push(op);
        }
        Ok((ops, shape))
    }

    pub(super) fn param(
        &mut self,
        name: String,
        shape: &[usize],
        start: Start,
        trainable: bool,
    ) -> Result<usize, Fault> {
        let elements = shape
            .iter()
            .try_fold(1usize, |product, n| product.checked_mul(*n));
        if elements.is_none_or(|n| n > MAX_ELEMENTS) {
            return fault(format!(
                "its {name} of {shape:?} would hold over {MAX_ELEMENTS} numbers"
            ));
        }
        let shape = shape.iter().map(|n| *n as i64).collect();
        self.params.push(Param {
            name,
            shape,
            start,
            trainable,
        });
        Ok(self.params.len() - 1)
    }

    fn layer(
        &mut self,
        layer: &LayerSpec,
        input: Shape,
        index: &str,
        path: &str,
    ) -> Result<(Op, Shape), Fault> {
        Ok(match layer {
            LayerSpec::Conv(conv) => {
                let [c, h, w] = map(input)?;
                if conv.conv == 0 {
                    return fault("it has no output channels");
                }
                let [kh, kw] = conv.kernel.pair();
                let [ph, pw] = match conv.padding {
                    Padding::Named(NamedPadding::Valid) => [0, 0],
                    Padding::Named(NamedPadding::Same) => {
                        if kh % 2 == 0 || kw % 2 == 0 {
                            return fault(
                                "padding \"same\" needs an odd kernel; give the padding as a number",
                            );
                        }
                        [kh / 2, kw / 2]
                    }
                    Padding::Explicit(size) => size.pair(),
                };
                let stride = conv.stride.pair();
                let oh = windows(padded(h, ph), kh, stride[0], false, "rows")?;
                let ow = windows(padded(w, pw), kw, stride[1], false, "columns")?;
                // Far beyond what `param` accepts where this saturates.
                let field = kh.saturating_mul(kw);
                let start = Start::Weight {
                    fan_in: c.saturating_mul(field),
                    fan_out: conv.conv.saturating_mul(field),
                };
                let weight = self.param(
                    format!("{path}.weight"),
                    &[conv.conv, c, kh, kw],
                    start,
                    true,
                )?;
                let bias = self.bias(conv.bias, conv.conv, path)?;
                let op = Op::Conv {
                    input: [c, h, w],
                    weight,
                    bias,
                    stride: signed(stride),
                    padding: signed([ph, pw]),
                };
                (op, Shape::Map([conv.conv, oh, ow]))
            }
            LayerSpec::Lbp(lbp) => {
                let [c, h, w] = map(input)?;
                if index != "1" {
                    return fault(
                        "no gradient passes through it, so layers before it would not learn: put it first",
                    );
                }
                if lbp.lbp == 0 {
                    return fault("its radius must be at least 1");
                }
                let border = lbp.lbp.saturating_mul(2);
                if h.min(w) <= border {
                    return fault(format!(
                        "its neighbours lie outside: it needs an image of more than {border} rows and columns"
                    ));
                }
                let cells = lbp.cells.pair();
                for (inside, cells, axis) in [
                    (h - border, cells[0], "rows"),
                    (w - border, cells[1], "columns"),
                ] {
                    if !(1..=inside).contains(&cells) {
                        return fault(format!(
                            "its {cells} {axis} of cells must be 1 to {inside}, the {axis} of pixels without a border of {}",
                            lbp.lbp
                        ));
                    }
                }
                let op = Op::Lbp {
                    radius: i64::try_from(lbp.lbp).unwrap_or(i64::MAX),
                    cells: signed(cells),
                };
                (
                    op,
                    Shape::Map([c.saturating_mul(LBP_PATTERNS), cells[0], cells[1]]),
                )
            }
            LayerSpec::BatchNorm(norm) => {
                let epsilon = norm.batch_norm;
                if !(epsilon > 0.0 && epsilon.is_finite()) {
                    return fault(format!("batch_norm = {epsilon} must be above 0 and finite"));
                }
                if !(0.0..=1.0).contains(&norm.momentum) {
                    return fault(format!(
                        "its momentum {} must be from 0 to 1",
                        norm.momentum
                    ));
                }
                let features = match input {
                    Shape::Map([c, _, _]) => c,
                    Shape::Vector(n) => n,
                };
                let mut one = |name: &str, value, trainable| {
                    self.param(
                        format!("{path}.{name}"),
                        &[features],
                        Start::Constant(value),
                        trainable,
                    )
                };
                let op = Op::BatchNorm {
                    weight: one("weight", 1.0, true)?,
                    bias: one("bias", 0.0, true)?,
                    mean: one("running_mean", 0.0, false)?,
                    var: one("running_var", 1.0, false)?,
                    momentum: norm.momentum,
                    epsilon: norm.batch_norm,
                };
                (op, input)
            }
            LayerSpec::Relu => (Op::Relu, input),
            LayerSpec::Prelu => {
                let slope =
                    self.param(format!("{path}.slope"), &[1], Start::Constant(0.25), true)?;
                (Op::Prelu { slope }, input)
            }
            LayerSpec::Gelu => (Op::Gelu, input),
            LayerSpec::Tanh => (Op::Tanh, input),
            LayerSpec::Sigmoid => (Op::Sigmoid, input),
            LayerSpec::MaxPool(pool) => {
                let [c, h, w] = map(input)?;
                let kernel = pool.max_pool.pair();
                let stride = pool.stride.map_or(kernel, |s| s.pair());
                let output = match pool.axes {
                    PoolAxes::HeightWidth => [
                        c,
                        windows(h, kernel[0], stride[0], pool.ceil, "rows")?,
                        windows(w, kernel[1], stride[1], pool.ceil, "columns")?,
                    ],
                    PoolAxes::ChannelsHeight => [
                        windows(c, kernel[0], stride[0], pool.ceil, "channels")?,
                        windows(h, kernel[1], stride[1], pool.ceil, "rows")?,
                        w,
                    ],
                };
                let op = Op::MaxPool {
                    kernel: signed(kernel),
                    stride: signed(stride),
                    ceil: pool.ceil,
                    axes: pool.axes,
                };
                (op, Shape::Map(output))
            }
            LayerSpec::AvgPool(pool) => {
                let [c, h, w] = map(input)?;
                let kernel = pool.avg_pool.pair();
                let stride = pool.stride.map_or(kernel, |s| s.pair());
                let oh = windows(h, kernel[0], stride[0], false, "rows")?;
                let ow = windows(w, kernel[1], stride[1], false, "columns")?;
                (
                    Op::AvgPool {
                        kernel: signed(kernel),
                        stride: signed(stride),
                    },
                    Shape::Map([c, oh, ow]),
                )
            }
            LayerSpec::GlobalAvgPool => (Op::GlobalAvgPool, Shape::Vector(map(input)?[0])),
            LayerSpec::Dropout(dropout) => {
                let share = dropout.dropout;
                if !(0.0..1.0).contains(&share) {
                    return fault(format!("its share {share} must be in 0 <= share < 1"));
                }
                (Op::Dropout { share }, input)
            }
            LayerSpec::Flatten => (Op::Flatten, Shape::Vector(map(input)?.iter().product())),
            LayerSpec::Dense(dense) => {
                let Shape::Vector(features) = input else {
                    return fault("it needs a vector: put flatten or global_avg_pool before it");
                };
                if dense.dense == 0 {
                    return fault("it has no output features");
                }
                let start = Start::Weight {
                    fan_in: features,
                    fan_out: dense.dense,
                };
                let weight = self.param(
                    format!("{path}.weight"),
                    &[dense.dense, features],
                    start,
                    true,
                )?;
                let bias = self.bias(dense.bias, dense.dense, path)?;
                (Op::Dense { weight, bias }, Shape::Vector(dense.dense))
            }
            LayerSpec::L2Normalise => match input {
                Shape::Vector(_) => (Op::L2Normalise, input),
                Shape::Map(_) => return fault("it needs a vector: put flatten before it"),
            },
            LayerSpec::Scale(scale) => {
                let Shape::Vector(features) = input else {
                    return fault("it needs a vector: put flatten or global_avg_pool before it");
                };
                if !scale.scale.is_finite() || scale.scale == 0.0 {
                    return fault(format!("scale = {} must be finite and not 0", scale.scale));
                }
                let weight = self.param(
                    format!("{path}.weight"),
                    &[features],
                    Start::Constant(scale.scale as f32),
                    true,
                )?;
                (Op::Scale { weight }, input)
            }
            LayerSpec::Residual(residual) => self.residual(residual, input, index, path)?,
        })
    }

    fn bias(&mut self, wanted: bool, features: usize, path: &str) -> Result<Option<usize>, Fault> {
        wanted
            .then(|| {
                self.param(
                    format!("{path}.bias"),
                    &[features],
                    Start::Constant(0.0),
                    true,
                )
            })
            .transpose()
    }
}

pub(super) fn signed(pair: [usize; 2]) -> [i64; 2] {
    pair.map(|n| i64::try_from(n).unwrap_or(i64::MAX))
}
