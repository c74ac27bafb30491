//! Memory that several may take at a time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that are counted as one.
const UNIT: usize = 1024;

/// So much memory, of which shares are taken and given back.
#[derive(Debug, Clone)]
pub(crate) struct Memory(Arc<Semaphore>);

/// Memory that is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    _permit: OwnedSemaphorePermit,
}

impl Memory {
    /// So many bytes, rounded down to whole KiB.
    pub(crate) fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(
            (bytes / UNIT).min(Semaphore::MAX_PERMITS),
        )))
    }

    /// A share of so many bytes, unless others have taken too much.
    pub(crate) fn take(&self, bytes: usize) -> Option<Share> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        let permit = self.0.clone().try_acquire_many_owned(units).ok()?;
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
        drop((some, more));
        assert!(memory.take(usize::MAX).is_none());
        assert!(memory.take(4 * UNIT).is_some());
    }
}
