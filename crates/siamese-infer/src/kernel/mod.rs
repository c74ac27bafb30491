//! Products of runs of pixels with weights, in the instructions that the processor has.

mod instructions;
mod product;
mod safe;
mod vector;
mod weights;

pub use instructions::Instructions;
pub(crate) use product::{Added, Product};
pub(crate) use weights::{Inputs, Weights};

#[cfg(test)]
mod tests;
