//! Model files of siamese as ONNX graphs, which any runtime of that format runs.
//!
//! Everything is in the graph: scaling and normalisation of the pixels, local binary patterns, the mirrored, shifted and zoomed views
//! of an image, the networks of an ensemble, whitening. Bytes of images come in, `[n, channels, height, width]`, and what is
//! compared comes out, `[n, d]` of f32: unit vectors wherever the recipe has a section `embedding` or several networks, and
//! otherwise the encoder's own vectors. They are those of `siamese embed`, but for rounding, and of the same
//! [`Contract`](siamese_net::Contract).
//!
//! Decoding and resizing stay outside. [`OnnxModel::DOCUMENT`] in the file's metadata says how they are done.
//!
//! ```no_run
//! use siamese_onnx::OnnxModel;
//!
//! let model = OnnxModel::export("model.safetensors".as_ref())?;
//! siamese_net::write_atomically("model.onnx".as_ref(), &model.bytes)?;
//! # Ok::<(), siamese_net::Error>(())
//! ```

mod document;
mod embedding;
mod export;
mod flow;
mod graph;
mod histogram;
mod layers;
mod lbp;
mod norm;
mod normalise;
mod pool;
mod proto;
#[cfg(test)]
#[path = "../tests/it/small.rs"]
mod small;
mod tensors;
mod unit;
mod views;

pub use export::OnnxModel;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
