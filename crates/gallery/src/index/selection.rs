//! Some of the vectors of an index.

/// Which vectors a search looks at; made by [`VectorIndex::select`](crate::VectorIndex::select).
///
/// One bit for each slot. It belongs to the index as it was: once vectors come or go, select again.
#[derive(Debug, Clone)]
pub struct Selection {
    pub(super) revision: u64,
    bits: Vec<u64>,
    count: usize,
}

impl Selection {
    pub(super) fn none(revision: u64, slots: usize) -> Self {
        Self {
            revision,
            bits: vec![0; slots.div_ceil(64)],
            count: 0,
        }
    }

    pub(super) fn add(&mut self, slot: usize) {
        self.bits[slot / 64] |= 1 << (slot % 64);
        self.count += 1;
    }

    pub(super) fn has(&self, slot: usize) -> bool {
        self.bits[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// How many vectors are selected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
