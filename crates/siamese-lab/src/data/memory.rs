//! How much memory decoded images may take.

use bytesize::ByteSize;
use sysinfo::System;

/// Half of the memory that this process could still take; no limit where the system does not tell.
pub fn half_of_what_is_free() -> u64 {
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
pub(super) fn shown(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_what_is_free_is_something() {
        assert!(half_of_what_is_free() > 0);
    }

    #[test]
    fn a_number_of_bytes_has_a_unit() {
        assert_eq!(shown(192), "192 B");
        assert_eq!(shown(1536), "1.5 KiB");
    }
}
