//! A recipe: one TOML file that is the whole experiment.

mod bounds;
mod check;
mod check_encoder;
mod check_fine_tune;
mod check_lesson;
mod check_loss;
mod check_optimizer;
mod document;
mod members;
mod nearest;
mod parse;
mod programs;

pub use document::Recipe;
