//! Batches of pairs, in a new order each epoch.

use crate::error::Error;
use crate::random::stream;

/// One epoch's batches of pair numbers.
///
/// Shuffled by (seed, epoch), cut into equal batches, the shorter last batch kept, as Keras does:
/// every pair occurs exactly once an epoch. Batches are read by number, so training goes on in the
/// middle of an epoch without repeating its start.
///
/// ```
/// # use pairgen::{Error, PairBatches};
/// let epoch = PairBatches::new(&[0, 1, 2, 3, 4], 2, 42, 0)?;
/// assert_eq!((epoch.len(), epoch.batch(2).len()), (3, 1));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairBatches {
    order: Vec<u32>,
    batch_size: usize,
}

impl PairBatches {
    /// The batches of this epoch (from 0) over these pair numbers.
    ///
    /// # Errors
    /// [`Error::ZeroBatch`] where `batch_size` is 0.
    pub fn new(pairs: &[u32], batch_size: usize, seed: u64, epoch: u64) -> Result<Self, Error> {
        let mut batches = Self::in_order(pairs, batch_size)?;
        stream(seed, "batches/pairs", epoch).shuffle(&mut batches.order);
        Ok(batches)
    }

    /// The same batches without shuffling: for validation and for scoring.
    ///
    /// # Errors
    /// [`Error::ZeroBatch`] where `batch_size` is 0.
    pub fn in_order(pairs: &[u32], batch_size: usize) -> Result<Self, Error> {
        if batch_size == 0 {
            return Err(Error::ZeroBatch {
                name: "the batch size",
            });
        }
        Ok(Self {
            order: pairs.to_vec(),
            batch_size,
        })
    }

    /// The number of batches.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// Whether there is no batch, because there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The pair numbers of batch `i`; empty where `i >= len()`.
    #[must_use]
    pub fn batch(&self, i: usize) -> &[u32] {
        let start = i.saturating_mul(self.batch_size).min(self.order.len());
        let end = start.saturating_add(self.batch_size).min(self.order.len());
        &self.order[start..end]
    }

    /// The batches in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.order.chunks(self.batch_size)
    }
}
