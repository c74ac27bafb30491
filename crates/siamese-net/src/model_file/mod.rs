//! Models and checkpoints as files, read and written without the networks in them.

mod card;
mod checkpoint;
mod contract;
mod fingerprints;
mod format;
mod names;
mod networks;
mod provenance;
mod tensors;
mod threshold;

pub use card::{ModelCard, ModelFile, ModelParts};
pub use checkpoint::{CHECKPOINT_FORMAT, CheckpointCard, checkpoint_recipe};
pub use contract::Contract;
pub use fingerprints::Fingerprints;
pub use format::{MODEL_FORMAT, oldest_format};
pub use names::{network_prefix, whitening_prefix};
pub use provenance::{Origin, Provenance};
pub use tensors::{TensorBytes, TensorFile, write_tensors};
pub use threshold::Threshold;
