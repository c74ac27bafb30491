//! Layers as a recipe writes them: a bare name, or a table whose first word names the layer.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::window::{NamedPadding, Padding, PoolAxes, Size};

/// One layer of an encoder.
///
/// In TOML a layer without settings is its name (`"relu"`), one with settings a table that holds the layer's name as
/// a key: `{ conv = 6, kernel = 3 }`, `{ dropout = 0.25 }`, `{ residual = [ ... ], projection = true }`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LayerSpec {
    /// Two-dimensional convolution.
    Conv(Conv),
    /// Histograms of local binary patterns (Ahonen, Hadid and Pietikainen 2006).
    Lbp(Lbp),
    /// Batch normalisation over channels (of a map) or features (of a vector).
    BatchNorm(BatchNorm),
    /// max(x, 0).
    Relu,
    /// x where positive, a learnt multiple of it elsewhere (He et al. 2015), one slope for all.
    Prelu,
    /// Gaussian error linear unit (Hendrycks and Gimpel 2016).
    Gelu,
    /// Hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// Largest value in a window.
    MaxPool(MaxPool),
    /// Mean of a window.
    AvgPool(AvgPool),
    /// Mean over the whole map: `[c, h, w]` to `[c]`.
    GlobalAvgPool,
    /// Drops values at random while training.
    Dropout(Dropout),
    /// `[c, h, w]` to `[c * h * w]`.
    Flatten,
    /// Fully connected.
    Dense(Dense),
    /// Scales the vector to length 1.
    L2Normalise,
    /// Multiplies each feature of a vector by a learnt number of its own.
    Scale(Scale),
    /// Adds the input, or a projection of it, to what a list of layers makes of it (He et al. 2016).
    Residual(Residual),
}

/// Settings of a convolution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv {
    /// Output channels.
    pub conv: usize,
    /// Window.
    pub kernel: Size,
    /// Step.
    #[serde(default = "unit")]
    pub stride: Size,
    /// Zeros around the map.
    #[serde(default = "valid")]
    pub padding: Padding,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub bias: bool,
}

/// Settings of histograms of local binary patterns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lbp {
    /// Pixels from a pixel to its 8 neighbours.
    pub lbp: usize,
    /// Rows and columns of cells, each with a histogram.
    pub cells: Size,
}

/// Settings of a batch normalisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// Added to the variance.
    pub batch_norm: f64,
    /// Share of the new batch in the running figures.
    #[serde(default = "tenth")]
    pub momentum: f64,
}

/// Settings of a maximum pooling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxPool {
    /// Window.
    pub max_pool: Size,
    /// Step; the window where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Size>,
    /// Whether a window that reaches over the edge counts.
    #[serde(default)]
    pub ceil: bool,
    /// Which two axes of `[c, h, w]` are pooled.
    #[serde(default)]
    pub axes: PoolAxes,
}

/// Settings of an average pooling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvgPool {
    /// Window.
    pub avg_pool: Size,
    /// Step; the window where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Size>,
}

/// Settings of a dropout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// Share of values set to zero while training, the rest scaled up to keep the mean.
    pub dropout: f64,
}

/// Settings of a fully connected layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// Output features.
    pub dense: usize,
    /// Whether a bias is added.
    #[serde(default = "yes")]
    pub bias: bool,
}

/// Settings of a learnt scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// What each feature's factor begins with.
    pub scale: f64,
}

/// Settings of a residual block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// The branch.
    pub residual: Vec<LayerSpec>,
    /// Whether the input passes a 1x1 convolution (of a map, striding as the branch does) or a dense layer (of a
    /// vector) before it is added. Needed where the branch changes the shape.
    #[serde(default)]
    pub projection: bool,
}

fn unit() -> Size {
    Size::Square(1)
}
fn valid() -> Padding {
    Padding::Named(NamedPadding::Valid)
}
fn yes() -> bool {
    true
}
fn tenth() -> f64 {
    0.1
}

/// Names of layers that stand alone.
const BARE: &[&str] = &[
    "relu",
    "prelu",
    "gelu",
    "tanh",
    "sigmoid",
    "global_avg_pool",
    "flatten",
    "l2_normalise",
    "batch_norm",
];
/// Names of layers that are written as a table.
const TABLES: &[&str] = &[
    "conv",
    "lbp",
    "dense",
    "max_pool",
    "avg_pool",
    "dropout",
    "batch_norm",
    "scale",
    "residual",
];

impl<'de> Deserialize<'de> for LayerSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LayerVisitor)
    }
}

struct LayerVisitor;

impl<'de> Visitor<'de> for LayerVisitor {
    type Value = LayerSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a layer: its name, or a table such as { conv = 6, kernel = 3 }")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<LayerSpec, E> {
        Ok(match name {
            "relu" => LayerSpec::Relu,
            "prelu" => LayerSpec::Prelu,
            "gelu" => LayerSpec::Gelu,
            "tanh" => LayerSpec::Tanh,
            "sigmoid" => LayerSpec::Sigmoid,
            "global_avg_pool" => LayerSpec::GlobalAvgPool,
            "flatten" => LayerSpec::Flatten,
            "l2_normalise" => LayerSpec::L2Normalise,
            "batch_norm" => LayerSpec::BatchNorm(BatchNorm {
                batch_norm: 1e-5,
                momentum: tenth(),
            }),
            name if TABLES.contains(&name) => {
                return Err(E::custom(format!(
                    "layer `{name}` needs a value: write it as a table, {{ {name} = ... }}"
                )));
            }
            other => return Err(E::unknown_variant(other, BARE)),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LayerSpec, A::Error> {
        let mut table = toml::Table::new();
        while let Some((key, value)) = map.next_entry::<String, toml::Value>()? {
            table.insert(key, value);
        }
        let named: Vec<&str> = TABLES
            .iter()
            .copied()
            .filter(|name| table.contains_key(*name))
            .collect();
        let kind = match named[..] {
            [kind] => kind,
            [] => {
                // Most likely a misspelt layer: say which names there are.
                let first = table.keys().next().cloned().unwrap_or_default();
                return Err(de::Error::unknown_field(&first, TABLES));
            }
            _ => {
                return Err(de::Error::custom(format!(
                    "one table holds {} layers ({}): give each its own",
                    named.len(),
                    named.join(", ")
                )));
            }
        };
        fn read<T: de::DeserializeOwned, E: de::Error>(table: toml::Table) -> Result<T, E> {
            T::deserialize(toml::Value::Table(table)).map_err(|e| E::custom(e.message()))
        }
        Ok(match kind {
            "conv" => LayerSpec::Conv(read(table)?),
            "lbp" => LayerSpec::Lbp(read(table)?),
            "dense" => LayerSpec::Dense(read(table)?),
            "max_pool" => LayerSpec::MaxPool(read(table)?),
            "avg_pool" => LayerSpec::AvgPool(read(table)?),
            "dropout" => LayerSpec::Dropout(read(table)?),
            "batch_norm" => LayerSpec::BatchNorm(read(table)?),
            "scale" => LayerSpec::Scale(read(table)?),
            _ => LayerSpec::Residual(read(table)?),
        })
    }
}

impl Serialize for LayerSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Conv(layer) => layer.serialize(serializer),
            Self::Lbp(layer) => layer.serialize(serializer),
            Self::BatchNorm(layer) => layer.serialize(serializer),
            Self::MaxPool(layer) => layer.serialize(serializer),
            Self::AvgPool(layer) => layer.serialize(serializer),
            Self::Dropout(layer) => layer.serialize(serializer),
            Self::Dense(layer) => layer.serialize(serializer),
            Self::Scale(layer) => layer.serialize(serializer),
            Self::Residual(layer) => layer.serialize(serializer),
            Self::Relu
            | Self::Prelu
            | Self::Gelu
            | Self::Tanh
            | Self::Sigmoid
            | Self::GlobalAvgPool
            | Self::Flatten
            | Self::L2Normalise => serializer.serialize_str(&self.to_string()),
        }
    }
}

impl fmt::Display for LayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv(layer) => {
                write!(f, "conv {} {}", layer.conv, layer.kernel)?;
                if layer.stride.pair() != [1, 1] {
                    write!(f, " stride {}", layer.stride)?;
                }
                Ok(())
            }
            Self::Lbp(layer) => write!(f, "lbp {} in {} cells", layer.lbp, layer.cells),
            Self::BatchNorm(_) => f.write_str("batch_norm"),
            Self::Relu => f.write_str("relu"),
            Self::Prelu => f.write_str("prelu"),
            Self::Gelu => f.write_str("gelu"),
            Self::Tanh => f.write_str("tanh"),
            Self::Sigmoid => f.write_str("sigmoid"),
            Self::MaxPool(layer) => {
                write!(f, "max_pool {}", layer.max_pool)?;
                if layer.axes == PoolAxes::ChannelsHeight {
                    f.write_str(" over channels and height")?;
                }
                Ok(())
            }
            Self::AvgPool(layer) => write!(f, "avg_pool {}", layer.avg_pool),
            Self::GlobalAvgPool => f.write_str("global_avg_pool"),
            Self::Dropout(layer) => write!(f, "dropout {}", layer.dropout),
            Self::Flatten => f.write_str("flatten"),
            Self::Dense(layer) => write!(f, "dense {}", layer.dense),
            Self::L2Normalise => f.write_str("l2_normalise"),
            Self::Scale(_) => f.write_str("scale"),
            Self::Residual(layer) if layer.projection => {
                write!(f, "residual of {} layers, projected", layer.residual.len())
            }
            Self::Residual(layer) => write!(f, "residual of {} layers", layer.residual.len()),
        }
    }
}
