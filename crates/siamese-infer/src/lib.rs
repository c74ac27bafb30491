//! Siamese networks on a CPU without libtorch.
mod kernel;
