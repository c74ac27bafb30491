//! The flag that says how much memory decoded images may take.

use bytesize::ByteSize;
use clap::Args;

#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct MemoryArgs {
    /// Memory for decoded images, for instance 2GiB. Images that do not fit are decoded again when they are used, and
    /// the results are the same [default: half of what is free]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
}

impl MemoryArgs {
    /// In bytes, where it was said.
    pub(crate) fn said(self) -> Option<u64> {
        self.memory.map(|size| size.as_u64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_or_is_a_number_of_bytes() {
        let bytes = |text: &str| text.parse::<ByteSize>().map(|size| size.as_u64());
        assert_eq!(bytes("2GiB"), Ok(2 << 30));
        assert_eq!(bytes("1.5 KiB"), Ok(1536));
        assert_eq!(bytes("3MB"), Ok(3_000_000));
        assert_eq!(bytes("77"), Ok(77));
        assert!(bytes("much").is_err());
    }
}
