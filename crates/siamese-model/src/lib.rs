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
//! use siamese_model::{Alone, DeviceChoice, ImageStack, Learning, Recipe, TrainOptions, TrainingSet, train};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let recipe = Recipe::builtin("seed", &["train.epochs=2"])?;
//! let device = DeviceChoice::Auto.resolve()?;
//!
//! // Forty people with ten images each; real pixels come from image_stack::decode_stack.
//! let catalog = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
//! let pixels = ndarray::Array3::<u8>::zeros((catalog.len(), 56, 46));
//! let images = ImageStack::new(pixels.view())?;
//! let pairs = PairSet::balanced(&catalog, &catalog.all_subjects(), 1000, 1000, recipe.seed)?;
//! let fit: Vec<u32> = (0..pairs.len() as u32).collect();
//!
//! let set = TrainingSet {
//!     images: &images,
//!     pairs: &pairs,
//!     validation: &[],
//!     learning: Learning::Pairs { fit: &fit, catalog: Some(&catalog) },
//! };
//! let stop = AtomicBool::new(false);
//! let options = TrainOptions { device, checkpoint: None, stop: &stop, processes: &Alone };
//! let trained = train(&recipe, &set, &options, None, &mut ())?;
//! assert_eq!(trained.history.len(), 2);
//! # Ok(())
//! # }
//! ```

mod arena;
mod augment;
mod autograd;
mod batch_norm;
mod collective;
mod conv;
mod conv_pool;
mod cosine;
mod dense;
mod device;
mod device_check;
mod distance;
#[cfg(feature = "distributed")]
mod distributed;
mod dropout;
mod embedder;
mod embedding_model;
mod encoder;
mod error;
mod from_trained;
mod front;
mod fused;
mod lbp;
mod loss;
mod made_classes;
mod mixing;
mod model;
mod normalise;
mod optimizer;
mod pixels;
mod precision;
#[cfg(feature = "onnx")]
mod ready;
mod script;
mod slices;
mod tape;
mod tensor_file;
mod train;
mod training_input;
mod tree;
mod upload;
mod whitening;

pub use augment::augment;
pub use collective::{Alone, Collective};
pub use conv_pool::{ConvPool, ConvPoolGradients};
pub use device::{
    DeviceChoice, cuda_devices, device_name, libtorch_path, libtorch_version, set_threads,
};
pub use device_check::{DeviceBounds, DeviceCase, check_device};
pub use distance::TensorDistance;
pub use embedder::{Embedder, Member, embed};
pub use encoder::Encoder;
pub use error::Error;
pub use front::try_programs;
pub use loss::{
    FORGERY, MultiSimilarity, SoftmaxMargin, TripletMargin, chopra2005, chopra2005_batch,
    contrastive, contrastive_batch, logistic, logistic_batch, margin_softmax, multi_similarity,
    nt_xent, proxy_anchor, supervised_contrastive, triplet,
};
pub use model::Model;
pub use optimizer::Optimizer;
pub use pixels::image_tensor;
#[cfg(feature = "distributed")]
pub use siamese_c10d::{self as c10d, Launch, Processes};
pub use siamese_net::{
    AugmentSpec, AvgPool, BatchNorm, BatchesSpec, ByChannel, CHECKPOINT_FORMAT, Calibration,
    ChannelOrder, CheckpointCard, Comparison, Contract, Conv, CudaSpec, Curve, DataSpec, Decided,
    DecisionSpec, Dense, Distance, Dropout, EmbeddingHealth, EmbeddingModel, EmbeddingSpec,
    EncoderSpec, Engine, EpochRecord, Finding, FindingKind, FineTuneSpec, Fingerprints, Fusion,
    ImageSource, ImageStack, Initializer, Keep, LBP_PATTERNS, LayerRow, LayerSpec, Lbp, LossSpec,
    LossTerm, MODEL_FORMAT, MaxPool, ModelCard, ModelFile, ModelParts, NamedPadding, NormaliseSpec,
    Op, OptimizerSpec, Origin, Padding, PairBuild, PairDraw, PairedRows, PairsSpec, Param, Picture,
    Plan, PoolAxes, Precision, ProgramKind, ProtocolSpec, Provenance, Recipe, Residual, ResizeSpec,
    Reversal, Scale, ScheduleSpec, Severity, Shape, Size, Start, Streaming, TensorBytes,
    TensorFile, Tf32, Threshold, TooFew, TrainSpec, Triplets, USUAL_FMR, WhitenSpec,
    checkpoint_recipe, findings, layer_of_tensor, network_prefix, not_finite, oldest_format,
    program_sha256, read_program, whitening_prefix, write_atomically, write_tensors,
};
pub use tch::{Device, Tensor};
pub use train::{
    Checkpoint, Event, Init, Learning, Network, Observer, Outcome, TrainOptions, Trained,
    TrainingSet, fine_tune, train, train_all,
};
pub use training_input::{preview, preview_mixed};
pub use whitening::Whitening;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
