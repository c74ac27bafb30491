//! Ready networks as ONNX files: what turns an image into an embedding, trained by somebody else.
//!
//! Such a file may come from anywhere, and it is a program in all but name. So it is read with suspicion before anything
//! makes room for what it asks for:
//!
//! - [`Outline::read`] walks through the file once and copies nothing but names, shapes and short lists. What it counts is
//!   bounded ([`Error::TooLarge`]), every value is made once and before it is used, and the sizes of tensors are those of
//!   their data. Subgraphs, functions and other files are refused.
//! - [`Outline::sizes`] finds the shape of every value for one image, and with it the memory and the multiplications that
//!   it takes. Operators whose shapes it does not know are refused, and so are networks that take more than any of this
//!   kind needs.
//! - `Backbone`, with the feature `run`, then runs the network by [rten](https://docs.rs/rten), which is written in Rust. A
//!   panic in it becomes an error.
//!
//! ```no_run
//! use onnx_backbone::{Interface, Outline};
//!
//! let outline = Outline::read(&std::fs::read("backbone.onnx")?)?;
//! let interface = Interface::of(&outline, [3, 112, 112])?;
//! println!("vectors of {} numbers, {} multiplications", interface.dimension, interface.sizes.work);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "run")]
mod backbone;
#[cfg(feature = "encoder")]
mod encoder;
mod error;
#[cfg(feature = "run")]
mod in_use;
mod interface;
mod limits;
mod outline;
mod shapes;
mod wire;

#[cfg(feature = "run")]
pub use backbone::Backbone;
#[cfg(feature = "encoder")]
pub use encoder::{HeldNetworks, ReadyNetwork};
pub use error::Error;
pub use interface::Interface;
pub use outline::{Attribute, Constant, Element, Node, Outline, Side, ValueInfo};
pub use shapes::Sizes;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
