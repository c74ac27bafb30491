//! The pixels of a data set: held in memory, or decoded when they are wanted.

mod ahead;
mod source;
mod stack;
mod stream;

pub use source::ImageSource;
pub use stack::ImageStack;
pub(crate) use stack::expect;
pub use stream::Streaming;
