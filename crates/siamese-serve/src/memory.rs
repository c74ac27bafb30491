//! Memory that several may take at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that are counted as one.
const UNIT: usize = 1024;

/// So much memory, of which shares are taken and given back.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    free: Arc<Semaphore>,
    units: usize,
}

/// Memory that is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    _permit: OwnedSemaphorePermit,
}

impl Memory {
    /// So many bytes, rounded down to whole KiB.
    pub(crate) fn of(bytes: usize) -> Self {
        let units = (bytes / UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(units)),
            units,
        }
    }

    /// Whether there would be room for so many bytes if nobody else had any.
    pub(crate) fn holds(&self, bytes: usize) -> bool {
        bytes.div_ceil(UNIT) <= self.units
    }

    /// A share of so many bytes, unless others have taken too much.
    pub(crate) fn take(&self, bytes: usize) -> Option<Share> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        let permit = self.free.clone().try_acquire_many_owned(units).ok()?;
        Some(Share { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_given_back_and_never_more_than_there_is() {
        let memory = Memory::of(4 * UNIT);
        let some = memory.take(3 * UNIT - 1).unwrap();
        assert!(memory.take(UNIT + 1).is_none());
        let more = memory.take(UNIT).unwrap();
        assert!(memory.take(1).is_none() && memory.take(0).is_some());
        assert!(memory.holds(4 * UNIT) && !memory.holds(4 * UNIT + 1));
        drop((some, more));
        assert!(memory.take(usize::MAX).is_none());
        assert!(memory.take(4 * UNIT).is_some());
    }
}
