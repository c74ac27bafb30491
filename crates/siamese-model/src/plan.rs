//! From a list of layers to shapes, parameters and operations, before anything runs.

use std::fmt;

use crate::conv_pool::ConvPool;
use crate::error::Error;
use crate::recipe::{EncoderSpec, LayerSpec, Padding, PoolAxes, Residual};

/// What flows between two layers, without the batch axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[channels, height, width]`.
    Map([usize; 3]),
    /// `[features]`.
    Vector(usize),
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map([c, h, w]) => write!(f, "{c}x{h}x{w}"),
            Self::Vector(n) => write!(f, "{n}"),
        }
    }
}

/// How a parameter begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Start {
    /// By the recipe's initialiser.
    Weight { fan_in: usize, fan_out: usize },
    /// At one value.
    Constant(f32),
}

/// One tensor of the encoder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ParamSpec {
    /// Unique, for instance `layers.1.weight`; the key in model files.
    pub(crate) name: String,
    pub(crate) shape: Vec<i64>,
    pub(crate) start: Start,
    /// False for running figures, which no gradient reaches.
    pub(crate) trainable: bool,
}

/// One operation; numbers are positions in [`Plan::params`].
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
    /// A convolution, maximum pooling and maybe relu as one; only [`Plan::fused`] makes it.
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
    fn mixes_images(&self) -> bool {
        match self {
            Self::BatchNorm { .. } => true,
            Self::Residual { branch, .. } => branch.iter().any(Self::mixes_images),
            _ => false,
        }
    }
}

/// One line of the table of layers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LayerRow {
    /// Position counted from 1; `3.2` is the second layer inside the third.
    pub index: String,
    /// The layer as a person would say it.
    pub layer: String,
    /// What comes out.
    pub output: Shape,
    /// Trainable numbers in it.
    pub parameters: usize,
}

/// An encoder checked and laid out: every shape and every parameter is known, and nothing has been allocated.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    input: [usize; 3],
    rows: Vec<LayerRow>,
    pub(crate) params: Vec<ParamSpec>,
    pub(crate) ops: Vec<Op>,
    embedding: usize,
}

impl Plan {
    /// Infers every shape.
    ///
    /// # Errors
    /// [`Error::Layer`] for the first layer that cannot take what comes into it, or where the last does not leave a
    /// vector.
    pub fn new(spec: &EncoderSpec) -> Result<Self, Error> {
        let mut builder = Builder {
            rows: Vec::new(),
            params: Vec::new(),
        };
        let input = Shape::Map(spec.input);
        if spec.input.contains(&0) {
            return Err(layer_error("0", "input", input, "no axis may be zero"));
        }
        if let Err(fault) = check_size(input) {
            return Err(fault.into_error("0", "input", input));
        }
        let (mut ops, output) = builder.sequence(&spec.layers, input, "", "layers")?;
        let Shape::Vector(embedding) = output else {
            let reason = "the embedding must be a vector: end with flatten or global_avg_pool";
            return Err(layer_error(
                &spec.layers.len().to_string(),
                "the end",
                output,
                reason,
            ));
        };
        pool_before_relu(&mut ops);
        Ok(Self {
            input: spec.input,
            rows: builder.rows,
            params: builder.params,
            ops,
            embedding,
        })
    }

    /// `[channels, height, width]` of an image.
    #[must_use]
    pub fn input(&self) -> [usize; 3] {
        self.input
    }

    /// The layers with their shapes, in order.
    #[must_use]
    pub fn rows(&self) -> &[LayerRow] {
        &self.rows
    }

    /// Length of an embedding.
    #[must_use]
    pub fn embedding(&self) -> usize {
        self.embedding
    }

    /// The operations for a CPU: where few channels are convolved and then pooled, as one operation.
    pub(crate) fn fused(&self) -> Vec<Op> {
        let mut ops = Vec::with_capacity(self.ops.len());
        let mut rest = self.ops.as_slice();
        while let [first, after @ ..] = rest {
            let (op, used) = self.fuse(rest).unwrap_or_else(|| (first.clone(), 1));
            ops.push(op);
            rest = &after[used - 1..];
        }
        ops
    }

    /// The operation that stands for the first of these, and for how many.
    fn fuse(&self, ops: &[Op]) -> Option<(Op, usize)> {
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
        let &[out_channels, _, height, width] = self.params[*weight].shape.as_slice() else {
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
            Op::ConvPool {
                block,
                weight: *weight,
                bias: *bias,
            },
            used,
        ))
    }

    /// Whether an image's embedding depends on the others of its batch while training: with batch normalisation.
    pub(crate) fn mixes_images(&self) -> bool {
        self.ops.iter().any(Op::mixes_images)
    }

    /// Trainable numbers in all.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| !row.index.contains('.'))
            .map(|row| row.parameters)
            .sum()
    }
}

/// With more channels than this libtorch's convolution is the faster one.
const MOST_FUSED_CHANNELS: usize = 16;

/// `relu` then `max_pool` is `max_pool` then `relu`, in value and gradient, on a fraction of the numbers.
fn pool_before_relu(ops: &mut [Op]) {
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

fn layer_error(
    index: &str,
    layer: impl fmt::Display,
    input: Shape,
    reason: impl Into<String>,
) -> Error {
    Error::Layer {
        index: index.to_owned(),
        layer: layer.to_string(),
        input: input.to_string(),
        reason: reason.into(),
    }
}

fn signed(pair: [usize; 2]) -> [i64; 2] {
    pair.map(|n| i64::try_from(n).unwrap_or(i64::MAX))
}

struct Builder {
    rows: Vec<LayerRow>,
    params: Vec<ParamSpec>,
}

impl Builder {
    /// Lays out a list of layers; `number` is the prefix of their positions, `path` that of their parameters.
    fn sequence(
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

    fn param(
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
        self.params.push(ParamSpec {
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
                    Padding::Named(crate::recipe::NamedPadding::Valid) => [0, 0],
                    Padding::Named(crate::recipe::NamedPadding::Same) => {
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

    fn residual(
        &mut self,
        layer: &Residual,
        input: Shape,
        index: &str,
        path: &str,
    ) -> Result<(Op, Shape), Fault> {
        let (branch, output) = self.sequence(
            &layer.residual,
            input,
            &format!("{index}."),
            &format!("{path}.branch"),
        )?;
        let projection = match (layer.projection, input, output) {
            (false, _, _) if input == output => None,
            (false, _, _) => {
                return fault(format!(
                    "its branch makes {output} of it: set projection = true to add them"
                ));
            }
            (true, Shape::Map([c, h, w]), Shape::Map([oc, oh, ow])) => {
                // The stride with which a 1x1 convolution leaves as many rows and columns as the branch.
                let stride = [h.div_ceil(oh), w.div_ceil(ow)];
                if [h.div_ceil(stride[0]), w.div_ceil(stride[1])] != [oh, ow] {
                    return fault(format!(
                        "no stride of a 1x1 projection makes {oh}x{ow} of {h}x{w}"
                    ));
                }
                let start = Start::Weight {
                    fan_in: c,
                    fan_out: oc,
                };
                let weight = self.param(
                    format!("{path}.projection.weight"),
                    &[oc, c, 1, 1],
                    start,
                    true,
                )?;
                Some(Op::Conv {
                    input: [c, h, w],
                    weight,
                    bias: None,
                    stride: signed(stride),
                    padding: [0, 0],
                })
            }
            (true, Shape::Vector(n), Shape::Vector(out)) => {
                let start = Start::Weight {
                    fan_in: n,
                    fan_out: out,
                };
                let weight =
                    self.param(format!("{path}.projection.weight"), &[out, n], start, true)?;
                Some(Op::Dense { weight, bias: None })
            }
            (true, _, _) => {
                return fault(format!(
                    "its branch turns it into {output}, which cannot be added to it"
                ));
            }
        };
        Ok((
            Op::Residual {
                branch,
                projection: projection.map(Box::new),
            },
            output,
        ))
    }
}

/// Largest tensor of an encoder, a guard against mistyped sizes: 4 GiB of f32.
const MAX_ELEMENTS: usize = 1 << 30;

/// Why a layer does not fit: in itself, or a layer inside it that has already been named.
enum Fault {
    Here(String),
    Inside(Error),
}

impl Fault {
    fn into_error(self, index: &str, layer: impl fmt::Display, input: Shape) -> Error {
        match self {
            Self::Here(reason) => layer_error(index, layer, input, reason),
            Self::Inside(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Inside(error)
    }
}

fn fault<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Here(reason.into()))
}

fn map(shape: Shape) -> Result<[usize; 3], Fault> {
    match shape {
        Shape::Map(axes) => Ok(axes),
        Shape::Vector(_) => {
            fault("it needs a map of channels, rows and columns; move it before flatten")
        }
    }
}

/// Refuses what no memory holds, so that every product of axes after this is exact.
fn check_size(shape: Shape) -> Result<(), Fault> {
    let values = match shape {
        Shape::Map([c, h, w]) => c.checked_mul(h).and_then(|n| n.checked_mul(w)),
        Shape::Vector(n) => Some(n),
    };
    if values.is_none_or(|n| n > MAX_ELEMENTS) {
        return fault(format!(
            "{shape} would be over {MAX_ELEMENTS} values for one image"
        ));
    }
    Ok(())
}

/// An axis with zeros on both sides.
fn padded(size: usize, padding: usize) -> usize {
    size.saturating_add(padding.saturating_mul(2))
}

/// How many windows of `kernel` fit into `size` at `stride`.
fn windows(
    size: usize,
    kernel: usize,
    stride: usize,
    ceil: bool,
    axis: &str,
) -> Result<usize, Fault> {
    if kernel == 0 || stride == 0 {
        return fault(format!(
            "kernel {kernel} and stride {stride} must be at least 1"
        ));
    }
    if kernel > size {
        return fault(format!(
            "its window of {kernel} {axis} is larger than the {size} there are"
        ));
    }
    let steps = size - kernel;
    let mut count = if ceil {
        steps.div_ceil(stride)
    } else {
        steps / stride
    } + 1;
    // libtorch's rule: a window that would begin beyond the edge does not count.
    if ceil && (count - 1).saturating_mul(stride) >= size {
        count -= 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    fn rows(name: &str) -> (Vec<(String, usize)>, usize) {
        let recipe = Recipe::builtin::<&str>(name, &[]).unwrap();
        let plan = Plan::new(&recipe.encoder).unwrap();
        (
            plan.rows()
                .iter()
                .map(|r| (r.output.to_string(), r.parameters))
                .collect(),
            plan.parameters(),
        )
    }

    /// Shapes and parameter counts of both readings as the recipe's sources give them.
    #[test]
    fn both_readings_of_the_seed_network_have_the_published_shapes() {
        let (seed, total) = rows("seed");
        assert_eq!(seed[0], ("6x54x44".into(), 60));
        assert_eq!(seed[2], ("6x27x22".into(), 0));
        assert_eq!(seed[4], ("12x25x20".into(), 660));
        assert_eq!(seed[6], ("12x12x10".into(), 0));
        assert_eq!(seed[8], ("1440".into(), 0));
        assert_eq!(seed[9], ("128".into(), 184_448));
        assert_eq!(seed[12], ("50".into(), 6_450));
        assert_eq!(total, 191_618);

        let (literal, total) = rows("seed-literal");
        assert_eq!(literal[2], ("3x27x44".into(), 0));
        assert_eq!(literal[4], ("12x25x42".into(), 336));
        assert_eq!(literal[6], ("12x12x21".into(), 0));
        assert_eq!(literal[8], ("3024".into(), 0));
        assert_eq!(literal[9], ("128".into(), 387_200));
        assert_eq!(total, 394_046);
    }

    #[test]
    fn chopra_2005_has_the_published_shapes() {
        let (rows, _) = rows("chopra2005");
        let shapes: Vec<&str> = rows.iter().map(|(shape, _)| shape.as_str()).collect();
        assert_eq!(shapes[0], "15x50x40");
        assert_eq!(shapes[2], "15x25x20");
        assert_eq!(shapes[3], "45x20x15");
        assert_eq!(shapes[5], "45x5x5");
        assert_eq!(shapes[6], "250x1x1");
        assert_eq!(shapes[9], "50");
    }

    fn refusal(layers: &str) -> String {
        let text = format!("input = [1, 8, 8]\nlayers = [{layers}]");
        let spec: EncoderSpec = toml::from_str(&text).unwrap();
        Plan::new(&spec).unwrap_err().to_string()
    }

    #[test]
    fn a_layer_that_does_not_fit_says_which_what_came_in_and_why() {
        assert_eq!(
            refusal("{ conv = 4, kernel = 3 }, { max_pool = 7 }, 'flatten'"),
            "encoder layer 2 (max_pool 7x7) cannot take 4x6x6: its window of 7 rows is larger than the 6 there are"
        );
        assert!(
            refusal("{ dense = 3 }")
                .contains("layer 1 (dense 3) cannot take 1x8x8: it needs a vector")
        );
        assert!(refusal("'flatten', { conv = 4, kernel = 3 }").contains("layer 2"));
        assert!(refusal("'relu'").contains("the embedding must be a vector"));
        assert!(
            refusal("{ residual = [{ conv = 4, kernel = 9 }] }").contains("layer 1.1 (conv 4 9x9)")
        );
        assert!(refusal("{ residual = [{ conv = 4, kernel = 3 }] }").contains("projection = true"));
        assert!(refusal("'flatten', { dense = 4000000000 }").contains("would hold over"));
    }

    #[test]
    fn a_residual_projection_strides_with_its_branch() {
        let text = "input = [3, 9, 8]\nlayers = [{ residual = [{ conv = 4, kernel = 3, stride = 2, padding = 'same' }, 'relu'], projection = true }, 'global_avg_pool']";
        let plan = Plan::new(&toml::from_str(text).unwrap()).unwrap();
        assert_eq!(plan.rows()[0].output, Shape::Map([4, 5, 4]));
        assert_eq!(plan.parameters(), 4 * 27 + 4 + 12);
    }
}
