//! Siamese networks as data: what a recipe says, what a model file holds, and nothing of libtorch.
//!
//! - A [`Recipe`] is the whole experiment in one TOML file; its sections are the `...Spec` types.
//! - A [`Plan`] is its encoder laid out: every shape, parameter and operation, before anything is allocated.
//! - A [`ModelFile`] is a trained model as a file; [`ModelCard`] is what it says of itself. Reading one executes nothing.
//! - A [`Contract`] says under what embeddings may be compared.
//! - An [`EmbeddingModel`] is a model in use, whatever computes it: what judges models asks no more of one.
//! - An [`ImageStack`] holds the pixels of a data set, or streams them from an [`ImageSource`].
//! - [`EpochRecord`]s are what a training leaves behind; [`findings`] are what is wrong with them.
//!
//! `siamese-model` trains and computes on libtorch with these types. A program that only reads, checks or writes models
//! and recipes needs this crate alone.
//!
//! ```
//! use siamese_net::{Plan, Recipe};
//!
//! let recipe = Recipe::builtin("seed", &["train.epochs=5"])?;
//! let plan = Plan::new(&recipe.encoder)?;
//! assert_eq!(plan.embedding(), 50);
//! assert_eq!(plan.parameters(), 191_618);
//! for row in plan.rows() {
//!     println!("{:>4}  {:<20}  {}", row.index, row.layer, row.output);
//! }
//!
//! // What is wrong with a recipe is said with its place and the nearest word.
//! let error = Recipe::builtin("seed", &["train.epoch=5"]).unwrap_err();
//! assert!(error.to_string().ends_with("Did you mean `epochs`?"));
//! # Ok::<(), siamese_net::Error>(())
//! ```

mod alike;
mod atomic;
mod compare;
mod digest;
mod domain;
mod embedding_model;
mod error;
mod history;
mod initial;
mod model_file;
mod picture;
mod pixels;
mod plan;
mod program;
#[cfg(feature = "images")]
mod reading;
mod recipe;
mod spec;

pub use alike::{
    LBP_PATTERNS, ZOOM_PARTS, gaussian, gaussian_rows, lbp_patterns, window_count, zoom_taps,
};
pub use atomic::{clear_unfinished, is_special, write_atomically};
pub use compare::{Comparison, USUAL_FMR};
pub use domain::Domain;
pub use embedding_model::{EmbeddingModel, Engine, PairedRows};
pub use error::Error;
pub use history::{
    EmbeddingHealth, EpochRecord, Finding, FindingKind, Reversal, Severity, findings, not_finite,
};
pub use initial::{initial_stream, initial_values};
pub use model_file::{
    CHECKPOINT_FORMAT, CheckpointCard, Contract, Fingerprints, MODEL_FORMAT, ModelCard, ModelFile,
    ModelParts, Origin, Provenance, TensorBytes, TensorFile, Threshold, checkpoint_recipe,
    network_prefix, oldest_format, whitening_prefix, write_tensors,
};
pub use picture::Picture;
pub use pixels::{ImageSource, ImageStack, Streaming};
pub use plan::{LayerRow, Op, Param, Plan, Shape, Start, layer_of_tensor};
pub use program::{is_kept_program, program_sha256, read_program};
#[cfg(feature = "images")]
pub use reading::ink;
pub use recipe::Recipe;
pub use spec::{
    AugmentSpec, AvgPool, BackgroundSpec, BatchNorm, BatchesSpec, ByChannel, ChannelOrder, Conv,
    CudaSpec, Curve, DataSpec, DecisionSpec, DecodingSpec, Dense, Distance, Dropout, EmbeddingSpec,
    EncoderSpec, EpisodesSpec, FillSpec, FineTuneSpec, Fusion, Initializer, InkSpec, Keep,
    LayerSpec, Lbp, LossSpec, LossTerm, MadeClasses, MaxPool, NamedPadding, NormaliseSpec,
    OptimizerSpec, Padding, PairBuild, PairDraw, PairsSpec, PoolAxes, Precision, ProgramKind,
    ProtocolSpec, Residual, ResizeSpec, Scale, ScheduleSpec, Size, Tf32, TooFew, TrainSpec,
    Triplets, WhitenSpec, Within,
};

pub use verification_figures::{Calibration, Decided, Outcome};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
