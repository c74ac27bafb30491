//! A few thousand slots for vectors, in one piece each of what a search reads.

use super::codes::{Coded, GROUP};
use super::kernel::{Rows, WIDTH};

/// Slots in a block.
pub(super) const SLOTS: usize = 4096;

/// Slots whose bounds are looked at together; a multiple of what the kernels take at a time.
pub(super) const TILE: usize = 256;

/// Slots in one piece. A free slot is all zero, and its bound is minus infinity.
pub(super) struct Block {
    dimension: usize,
    values: Vec<f32>,
    codes: Vec<[i8; WIDTH]>,
    step: Vec<f32>,
    error: Vec<f32>,
    length: Vec<f32>,
    /// Number of the vector and of its owner.
    held: Vec<Option<(u64, u64)>>,
}

impl Block {
    pub(super) fn new(dimension: usize) -> Self {
        Self {
            dimension,
            values: vec![0.0; SLOTS * dimension],
            codes: vec![[0; WIDTH]; SLOTS / GROUP * dimension.div_ceil(4)],
            step: vec![0.0; SLOTS],
            error: vec![f32::NEG_INFINITY; SLOTS],
            length: vec![0.0; SLOTS],
            held: vec![None; SLOTS],
        }
    }

    /// Bytes of memory of one block.
    pub(super) fn bytes(dimension: usize) -> u64 {
        let slot =
            4 * dimension + 4 * dimension.div_ceil(4) + 3 * 4 + size_of::<Option<(u64, u64)>>();
        (slot * SLOTS) as u64
    }

    pub(super) fn vector(&self, slot: usize) -> &[f32] {
        &self.values[slot * self.dimension..][..self.dimension]
    }

    /// Number of the vector in a slot, and of its owner.
    pub(super) fn held(&self, slot: usize) -> Option<(u64, u64)> {
        self.held[slot]
    }

    pub(super) fn fill(&mut self, slot: usize, id: u64, owner: u64, prepared: &[f32]) {
        self.values[slot * self.dimension..][..self.dimension].copy_from_slice(prepared);
        let coded = Coded::of(prepared);
        self.put_codes(slot, &coded.codes);
        self.step[slot] = coded.step;
        self.error[slot] = coded.error;
        self.length[slot] = coded.length;
        self.held[slot] = Some((id, owner));
    }

    /// Zeroes a slot: nothing of the vector stays in memory.
    pub(super) fn clear(&mut self, slot: usize) {
        self.values[slot * self.dimension..][..self.dimension].fill(0.0);
        self.put_codes(slot, &vec![0; self.dimension]);
        self.step[slot] = 0.0;
        self.error[slot] = f32::NEG_INFINITY;
        self.length[slot] = 0.0;
        self.held[slot] = None;
    }

    fn put_codes(&mut self, slot: usize, codes: &[i8]) {
        let (group, row) = (slot / GROUP, slot % GROUP);
        let quads = self.dimension.div_ceil(4);
        for (at, codes) in codes.chunks(4).enumerate() {
            self.codes[group * quads + at][row * 4..][..codes.len()].copy_from_slice(codes);
        }
    }

    /// What the first pass reads of the slots from `first`, [`TILE`] of them.
    pub(super) fn rows(&self, first: usize) -> Rows<'_> {
        let quads = self.dimension.div_ceil(4);
        Rows {
            codes: &self.codes[first / GROUP * quads..][..TILE / GROUP * quads],
            step: &self.step[first..][..TILE],
            error: &self.error[first..][..TILE],
            length: &self.length[first..][..TILE],
        }
    }
}
