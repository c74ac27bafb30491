//! Siamese networks on libtorch: encoders, losses, training, embedding, the model file.
//!
//! A [`Recipe`] is the whole experiment in one TOML file. Its encoder is checked as a [`Plan`], every shape inferred,
//! before anything runs; [`train`] then follows it to the last step, and a [`Model`] is what remains: one file that
//! holds all it takes to embed and compare images.
//!
//! This is the one crate that knows libtorch. It reads no image files and prints nothing: pixels come in as an array
//! of bytes, pairs as numbers from [`pairgen`], progress goes to an [`Observer`].
//!
//! ```no_run
//! use std::sync::atomic::AtomicBool;
//!
//! use pairgen::{Catalog, PairSet};
//! use siamese_model::{DeviceChoice, ImageStack, Recipe, TrainOptions, TrainingSet, train};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let recipe = Recipe::builtin("seed", &["train.epochs=2"])?;
//! let device = DeviceChoice::Auto.resolve()?;
//!
//! // Forty people with ten images each; real pixels come from image_stack::decode_stack.
//! let catalog = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
//! let pixels = ndarray::Array3::<u8>::zeros((catalog.len(), 56, 46));
//! let images = ImageStack::new(pixels.view(), device)?;
//! let pairs = PairSet::balanced(&catalog, &catalog.all_subjects(), 1000, 1000, recipe.seed)?;
//! let fit: Vec<u32> = (0..pairs.len() as u32).collect();
//!
//! let people = catalog.all_subjects();
//! let set = TrainingSet {
//!     images: &images,
//!     pairs: &pairs,
//!     fit: &fit,
//!     validation: &[],
//!     catalog: Some(&catalog),
//!     people: &people,
//! };
//! let stop = AtomicBool::new(false);
//! let options = TrainOptions { device, checkpoint: None, stop: &stop };
//! let trained = train(&recipe, &set, &options, None, &mut ())?;
//! assert_eq!(trained.history.len(), 2);
//! # Ok(())
//! # }
//! ```

mod augment;
mod conv_pool;
mod device;
mod distance;
mod dropout;
mod embedder;
mod encoder;
mod error;
mod image_source;
mod image_stack;
mod init;
mod lbp;
mod loss;
mod mixing;
mod model;
mod normalise;
mod optimizer;
mod origin;
mod plan;
mod recipe;
mod schedule;
mod script;
mod stream;
mod tape;
mod tensor_file;
mod train;
mod training_input;
mod whitening;

pub use augment::augment;
pub use conv_pool::{ConvPool, ConvPoolGradients};
pub use device::{
    DeviceChoice, cuda_devices, device_name, libtorch_path, libtorch_version, set_threads,
};
pub use embedder::{Embedder, Member, embed};
pub use encoder::Encoder;
pub use error::Error;
pub use image_source::ImageSource;
pub use image_stack::ImageStack;
pub use loss::{
    MultiSimilarity, SoftmaxMargin, TripletMargin, Triplets, chopra2005, chopra2005_batch,
    contrastive, contrastive_batch, margin_softmax, multi_similarity, nt_xent, proxy_anchor,
    supervised_contrastive, triplet,
};
pub use model::{MODEL_FORMAT, Model, ModelCard, Provenance, Threshold};
pub use optimizer::Optimizer;
pub use origin::Origin;
pub use plan::{LayerRow, Plan, Shape};
pub use recipe::{
    AugmentSpec, AvgPool, BatchNorm, BatchesSpec, ByChannel, Conv, Curve, DataSpec, DecisionSpec,
    Dense, Distance, Dropout, EmbeddingSpec, EncoderSpec, FineTuneSpec, Fusion, Initializer, Keep,
    LayerSpec, LossSpec, LossTerm, MaxPool, NamedPadding, NormaliseSpec, OptimizerSpec, Padding,
    PairBuild, PairsSpec, PoolAxes, Precision, ProtocolSpec, Recipe, Residual, ResizeSpec,
    ScheduleSpec, Size, TooFew, TrainSpec, WhitenSpec,
};
pub use stream::Streaming;
pub use tch::{Device, Tensor};
pub use tensor_file::write_atomically;
pub use train::{
    Checkpoint, EmbeddingHealth, EpochRecord, Event, Finding, FindingKind, Init, Network, Observer,
    Outcome, Reversal, Severity, TrainOptions, Trained, TrainingSet, findings, fine_tune, train,
    train_all,
};
pub use training_input::{preview, preview_mixed};
pub use whitening::Whitening;
