//! The tests of `siamese-model`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accumulation;
mod batch_losses;
mod colour;
mod device_check;
mod embedder;
mod embedding_model;
mod engine;
mod fine_tune;
mod health;
mod keep;
mod mixing;
mod model_file;
mod normalise;
mod onnx;
mod people;
mod precision;
mod pytorch_numbers;
mod side_by_side;
mod small;
mod streaming;
mod together;
mod torchscript;
mod training;
mod training_sets;
