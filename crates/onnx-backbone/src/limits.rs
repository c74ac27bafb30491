//! How much of everything is taken. Large networks stay below a tenth of each.

/// Bytes of a file: what protocol buffers hold, by their own rule.
pub(crate) const FILE_BYTES: u64 = i32::MAX as u64;

/// Operations of a graph. Its runtime plans by recursion, so this bounds the stack, too.
pub(crate) const NODES: u64 = 4096;

/// Constants, and declarations of values.
pub(crate) const TENSORS: u64 = 16_384;

/// Inputs, outputs or attributes of an operation, sides of a tensor, entries of the metadata.
pub(crate) const ENTRIES: u64 = 256;

/// Bytes of a name.
pub(crate) const NAME_BYTES: u64 = 1024;

/// Numbers in a list that is an attribute.
pub(crate) const LIST: u64 = 4096;

/// Sides of a value.
pub(crate) const RANK: usize = 8;

/// Numbers in a value: 256 MiB of f32.
pub(crate) const VALUE: u64 = 1 << 26;

/// Numbers in all values that are computed for one image: 2 GiB of f32, were all held at once.
pub(crate) const ALL_VALUES: u64 = 1 << 29;

/// Multiplications for one image: a minute or two of one core.
pub(crate) const WORK: u64 = 1 << 40;
