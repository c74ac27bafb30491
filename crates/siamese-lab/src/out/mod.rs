//! What may be written where. Nothing is replaced that was not asked to be, and only what the same kind of work wrote.

mod file;
mod folder;

pub use file::OutFile;
pub use folder::Work;
