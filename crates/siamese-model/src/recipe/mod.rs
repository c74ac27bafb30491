//! A recipe: one TOML file that is the whole experiment.

mod augment;
mod batches;
mod check;
mod data;
mod embedding;
mod encoder;
mod fine_tune;
mod layer;
mod loss;
mod members;
mod parse;
mod precision;
mod script;

pub use augment::AugmentSpec;
pub use batches::{BatchesSpec, TooFew};
pub use data::{ByChannel, DataSpec, NormaliseSpec, ResizeSpec};
pub use embedding::{EmbeddingSpec, WhitenSpec};
pub use encoder::EncoderSpec;
pub use fine_tune::FineTuneSpec;
pub use layer::{
    AvgPool, BatchNorm, Conv, Dense, Dropout, LayerSpec, MaxPool, NamedPadding, Padding, PoolAxes,
    Residual, Size,
};
pub use loss::{Distance, LossSpec, LossTerm};
pub use precision::Precision;

use serde::{Deserialize, Serialize};

/// The whole experiment: data geometry, protocol, sampling, encoder, loss, optimizer, schedule, seed.
///
/// Read one with [`Recipe::parse`] or [`Recipe::builtin`]; [`Recipe::to_toml`] writes it back with every default
/// spelled out, as it is saved with a run and inside a model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Short name, shown in tables and kept in the model file.
    pub name: String,
    /// One sentence for `siamese recipes`.
    #[serde(default)]
    pub about: String,
    /// Every random draw of the experiment derives from this number.
    #[serde(default)]
    pub seed: u64,
    /// How files become pixels.
    #[serde(default)]
    pub data: DataSpec,
    /// How people, or pairs, are put apart for training, validation and test.
    #[serde(default)]
    pub protocol: ProtocolSpec,
    /// Which pairs are trained on.
    #[serde(default)]
    pub pairs: PairsSpec,
    /// Batches of people instead of pairs; absent: pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batches: Option<BatchesSpec>,
    /// How training images are changed before every step; absent: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentSpec>,
    /// The network that both images of a pair go through.
    pub encoder: EncoderSpec,
    /// What is taken over from the network that training begins with; absent: everything, where there is one. Present, the
    /// recipe needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fine_tune: Option<FineTuneSpec>,
    /// What is minimised.
    pub loss: LossSpec,
    /// How the weights move.
    pub optimizer: OptimizerSpec,
    /// How the learning rate moves.
    #[serde(default)]
    pub schedule: ScheduleSpec,
    /// How long, in which batches.
    pub train: TrainSpec,
    /// What is made of the encoder's output before it is compared, by cosine; absent: it is compared as it is, by the
    /// loss's distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingSpec>,
    /// When two images are said to show the same subject.
    #[serde(default)]
    pub decision: DecisionSpec,
    /// The networks that judge together, each by what it changes in this recipe; empty: one that changes nothing. See
    /// [`Recipe::members`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<toml::Table>,
}

impl Recipe {
    /// `[channels, height, width]` of the images that it takes, as they are read.
    #[must_use]
    pub fn images(&self) -> [usize; 3] {
        self.data.images(self.encoder.input)
    }

    /// What of it has a say in the weights that come of it: without thresholds, and without the maps that are fitted on
    /// finished embeddings. Two recipes train the same networks where these are equal.
    #[must_use]
    pub fn training(&self) -> Self {
        let mut training = self.portable();
        training.decision = DecisionSpec::default();
        if let Some(embedding) = &mut training.embedding {
            embedding.whiten = None;
        }
        for member in &mut training.members {
            if let Some(toml::Value::Table(embedding)) = member.get_mut("embedding") {
                embedding.remove("whiten");
                if embedding.is_empty() {
                    member.remove("embedding");
                }
            }
        }
        training
    }

    /// The distance by which embeddings are compared: the cosine where they are processed or of several networks,
    /// otherwise the loss's.
    #[must_use]
    pub fn distance(&self) -> Distance {
        if self.embedding.is_some() || !self.members.is_empty() {
            Distance::Cosine
        } else {
            self.loss.distance()
        }
    }
}

/// How people, or pairs, are put apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProtocolSpec {
    /// `seed-pairs` (leaks people), or a people-disjoint protocol such as `subjects-8-fold`.
    pub name: String,
    /// Which fold of it, counted from 0.
    pub fold: usize,
    /// `seed-pairs` only: share of all pairs kept for the test.
    pub test: f64,
    /// Share of the remaining pairs that validate. They show people that are also trained on.
    pub validation: f64,
    /// People-disjoint protocols only: this many training people are kept out of training and validate, with every
    /// pair of theirs, instead of a share of the training pairs.
    pub validation_people: usize,
}

impl Default for ProtocolSpec {
    fn default() -> Self {
        Self {
            name: "seed-pairs".into(),
            fold: 0,
            test: 0.25,
            validation: 0.25,
            validation_people: 0,
        }
    }
}

/// Which pairs are trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PairsSpec {
    /// How pairs are drawn.
    pub build: PairBuild,
    /// Genuine pairs to draw, and as many impostor pairs.
    pub per_kind: usize,
}

impl Default for PairsSpec {
    fn default() -> Self {
        Self {
            build: PairBuild::Balanced,
            per_kind: 1000,
        }
    }
}

/// How pairs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairBuild {
    /// As the classic recipe does: genuine pairs with repetition, impostors that share the image number.
    Seed,
    /// At random without repetition.
    Balanced,
}

/// How weights begin. Biases begin at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initializer {
    /// Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010); Keras' default.
    #[default]
    GlorotUniform,
    /// Normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010).
    GlorotNormal,
    /// Uniform in +-sqrt(6 / fan_in) (He et al. 2015).
    HeUniform,
    /// Normal with variance 2 / fan_in (He et al. 2015).
    HeNormal,
    /// Uniform in +-sqrt(3 / fan_in) (LeCun et al. 1998).
    LecunUniform,
}

/// How the weights move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerSpec {
    /// Stochastic gradient descent.
    Sgd {
        /// Learning rate.
        lr: f64,
        /// Share of the last step that is kept.
        #[serde(default)]
        momentum: f64,
        /// L2 penalty added to the gradient.
        #[serde(default)]
        weight_decay: f64,
    },
    /// `RMSprop` (Tieleman and Hinton 2012) with Keras' defaults.
    Rmsprop {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay of the mean square.
        #[serde(default = "rho")]
        rho: f64,
        /// Added to the root.
        #[serde(default = "keras_epsilon")]
        epsilon: f64,
    },
    /// Adam (Kingma and Ba 2015).
    Adam {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay rates of the two moments.
        #[serde(default = "betas")]
        betas: [f64; 2],
        /// Added to the root.
        #[serde(default = "adam_epsilon")]
        epsilon: f64,
    },
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019). Biases and normalisation are not decayed.
    Adamw {
        /// Learning rate.
        #[serde(default = "milli")]
        lr: f64,
        /// Decay rates of the two moments.
        #[serde(default = "betas")]
        betas: [f64; 2],
        /// Added to the root.
        #[serde(default = "adam_epsilon")]
        epsilon: f64,
        /// Share of the weight that a step of rate 1 takes away.
        #[serde(default = "centi")]
        weight_decay: f64,
    },
}

impl OptimizerSpec {
    /// The base learning rate, which the schedule scales.
    #[must_use]
    pub fn lr(&self) -> f64 {
        match *self {
            Self::Sgd { lr, .. }
            | Self::Rmsprop { lr, .. }
            | Self::Adam { lr, .. }
            | Self::Adamw { lr, .. } => lr,
        }
    }
}

/// How the learning rate moves, as a factor of the base rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSpec {
    /// The curve after the warm-up.
    pub kind: Curve,
    /// Steps over which the rate rises linearly from zero to its base.
    pub warmup_steps: u64,
    /// `step`: epochs between two falls.
    pub every_epochs: u32,
    /// `step`: factor of each fall.
    pub factor: f64,
    /// `cosine` and `one-cycle`: last rate as a share of the base.
    pub final_share: f64,
}

impl Default for ScheduleSpec {
    fn default() -> Self {
        Self {
            kind: Curve::Constant,
            warmup_steps: 0,
            every_epochs: 10,
            factor: 0.1,
            final_share: 0.0,
        }
    }
}

/// Shape of a learning-rate schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Curve {
    /// The base rate throughout.
    Constant,
    /// Falls by `factor` every `every_epochs`.
    Step,
    /// Half a cosine from the base to `final_share` of it (Loshchilov and Hutter 2017).
    Cosine,
    /// Up from 1/25 over the first 30 % of the steps, then down to `final_share`, both as half a cosine (Smith 2018).
    OneCycle,
}

/// How long, in which batches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Passes over the training pairs, or over the training people; 0 uses a [`torchscript`](EncoderSpec::torchscript)
    /// program as it is.
    pub epochs: u32,
    /// Pairs in a step; without a meaning where there are [`batches`](Recipe::batches) of people.
    #[serde(default = "pairs_in_a_step")]
    pub batch: usize,
    /// Batches whose gradients are averaged, each image counting the same, before the weights move once: a step. Only
    /// normalisation and losses over a batch tell it from a batch so many times as large.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub accumulate: u32,
    /// In which numbers the network computes while it is trained.
    #[serde(default, skip_serializing_if = "Precision::is_usual")]
    pub precision: Precision,
    /// The gradient's norm over all parameters is scaled down to this; absent: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// Decay of the running mean of the weights, which becomes the model in place of the weights; absent: no mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    /// Stop after this many epochs without a [better one](Keep::Best); absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u32>,
    /// Which weights become the model.
    #[serde(default)]
    pub keep: Keep,
}

/// Which weights become the model. The others are kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Those of the best epoch: of the lowest equal error rate of the validation pairs where nobody in them is trained on,
    /// the lower loss first among equals; of the lowest validation loss where they show training people; the last where
    /// neither can be found.
    #[default]
    Best,
    /// Those of the last epoch.
    Last,
}

/// When two images are said to show the same subject: distance below the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionSpec {
    /// Fixed threshold; absent: the one at which both error rates are equal on the validation pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Where several images of a person are enrolled: what one comparison with all of them is.
    pub fusion: Fusion,
}

/// How the distances from an image to each enrolled image of a person become one (the sum and the max rule of J. Kittler
/// et al., "On Combining Classifiers", IEEE TPAMI 20(3), 1998).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// Their mean.
    Mean,
    /// The least: it is enough to look like one of the enrolled images, as where they were taken in several sittings.
    #[default]
    Nearest,
}

fn pairs_in_a_step() -> usize {
    128
}
fn one() -> u32 {
    1
}
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_one(count: &u32) -> bool {
    *count == 1
}
fn milli() -> f64 {
    1e-3
}
fn centi() -> f64 {
    1e-2
}
fn rho() -> f64 {
    0.9
}
fn keras_epsilon() -> f64 {
    1e-7
}
fn adam_epsilon() -> f64 {
    1e-8
}
fn betas() -> [f64; 2] {
    [0.9, 0.999]
}
