//! Siamese networks on a CPU without libtorch: bytes of pixels in, embeddings out.
//!
//! [`Model::load`] reads a model file that `siamese-model` wrote, and computes all that a recipe can say: every layer and
//! normalisation, images in grey and in colour, their zoomed, shifted and mirrored views, whitening, and several networks side by
//! side. With the feature `onnx` that includes ready ONNX networks, which lie beside the model file and which rten runs.
//! TorchScript programs are refused. A [`Model`] is a
//! [`siamese_net::EmbeddingModel`], so whatever judges models takes it.
//!
//! ```no_run
//! use std::path::Path;
//! use siamese_infer::Model;
//!
//! let model = Model::load(Path::new("model.safetensors"))?;
//! let (a, b) = (ndarray::Array3::zeros((1, 56, 46)), ndarray::Array3::zeros((1, 56, 46)));
//! println!("{:.3}", model.compare(&a, &b)?.distance);
//! # Ok::<(), siamese_net::Error>(())
//! ```
//!
//! # How it computes
//!
//! Maps have their channels last, and a border of zeros where the next convolution pads. So a row of a convolution's
//! window is one run of numbers, and a convolution is a sum of products of such runs with packed weights: no window is
//! copied. A tile of up to 14 windows times 16 outputs, or 12 times 32, stays in registers. Batch normalisation is folded
//! into weights in f64. The kernels are written for AVX-512, AVX2 with FMA and NEON, and chosen when a model is loaded
//! ([`Instructions`]); what has none of these takes safe code.
//!
//! # What is promised
//!
//! - A component of an embedding of length 1 is within 1e-4 of libtorch's, and a distance within 5e-5. Tests hold each
//!   layer, normalisation and built-in recipe to 2e-5 and 1e-5.
//! - The same bytes on any number of threads, whatever images are embedded together, and with all instructions that multiply
//!   and add at once.

mod blur;
mod layer;
mod map;
mod member;
mod model;
mod network;
#[cfg(feature = "onnx")]
mod ready;
mod see;
mod views;

pub use map_kernels::Instructions;
pub use model::Model;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
