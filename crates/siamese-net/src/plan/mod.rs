//! From a list of layers to shapes, parameters and operations, before anything runs.

mod fit;
mod layout;
mod network;
mod op;
mod param;
mod residual;
mod shape;

pub use network::Plan;
pub use op::Op;
pub use param::{Param, Start, layer_of_tensor};
pub use shape::{LayerRow, Shape};
