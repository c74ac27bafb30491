//! Ready networks: TorchScript programs as files, and running them.
//!
//! A program is code, so a model file holds none: it names its program by SHA-256, the program lies beside it as a file
//! that somebody has put there, and nothing else is ever run (`docs/model-format.md`).

mod message;
mod probe;
mod program;

pub(crate) use program::Script;
