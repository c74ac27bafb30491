//! Convolutions of maps with their channels last, and their gradients, in the instructions that the processor has.
//!
//! With its channels last a row of a convolution's window is one run of numbers. So a convolution is a sum of [`Product`]s of
//! such runs with packed [`Weights`], the gradient of its map is the same with turned weights, and the gradient of its weights
//! is an [`Outer`] product summed over windows: no window is ever copied. Windows of one run make all three products of
//! matrices.
//!
//! The same input gives the same bytes on all [`Instructions`] that multiply and add at once: AVX-512, AVX2 with FMA, and
//! NEON. The module `vector` has these, and all `unsafe` code; `safe` has what every processor computes, which tests hold them
//! to.
//!
//! ```
//! use map_kernels::{Instructions, Product, Weights};
//!
//! // One map of 1x3 with two channels, windows of two pixels, one output: weights 1, 2, 3 and 4.
//! let map = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
//! let weights = Weights::from_fn(1, 4, &[0.5], |_, input| input as f32 + 1.0);
//! let mut output = [0.0; 2];
//! let product = Product {
//!     input: &map,
//!     width: 2,
//!     height: 1,
//!     maps: 1,
//!     step: 2,
//!     line: 6,
//!     map: 6,
//!     runs: 1,
//!     run_step: 6,
//!     output: &mut output,
//!     output_line: 2,
//!     output_map: 2,
//!     add: None,
//!     relu: false,
//! };
//! product.compute(&weights, Instructions::best());
//! assert_eq!(output, [30.5, 50.5]);
//! ```

mod instructions;
mod outer;
mod product;
mod safe;
mod vector;
mod weights;

pub use instructions::Instructions;
pub use outer::Outer;
pub use product::{Added, Product};
pub use weights::{BLOCK, Inputs, Weights};

#[cfg(test)]
mod tests;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
