//! How much memory decoded images may take.

use bytesize::ByteSize;
use clap::Args;
use sysinfo::System;

#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct MemoryArgs {
    /// Memory that decoded images may take, for instance 2GiB; what does not fit is decoded anew whenever it is used,
    /// to the same results [default: half of what is free]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
}

impl MemoryArgs {
    /// In bytes.
    pub(crate) fn bytes(self) -> u64 {
        self.memory
            .map_or_else(half_of_what_is_free, |size| size.as_u64())
    }
}

/// Half of the memory that this process could still take; no limit where the system does not tell.
fn half_of_what_is_free() -> u64 {
    let Ok(mut system) = System::new() else {
        return u64::MAX;
    };
    system.refresh_memory();
    let machine = match system.available_memory() {
        0 => u64::MAX,
        available => available,
    };
    // A container may be allowed less than the machine has.
    let container = system.cgroup_limits();
    let container = container.map(|limits| limits.total_memory.saturating_sub(limits.rss));
    machine.min(container.unwrap_or(u64::MAX)) / 2
}

/// A number of bytes for people.
pub(crate) fn shown(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
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
        assert_eq!(shown(192), "192 B");
        assert_eq!(shown(1536), "1.5 KiB");
    }

    #[test]
    fn half_of_what_is_free_is_something() {
        assert!(MemoryArgs::default().bytes() > 0);
    }
}
