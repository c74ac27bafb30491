//! Vectors in memory, and exact search among them.

mod block;
mod codes;
mod kernel;
mod search;
mod selection;
mod top;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use block::{Block, SLOTS};
use kernel::Kernel;

pub use kernel::InstructionSet;
pub(crate) use search::searchable;
pub use search::{Hit, OwnerHit};
pub use selection::Selection;

use crate::error::Error;
use crate::metric::Metric;

/// The most values that a vector may have: sums of products of their codes fit into 32 bits.
const MOST_DIMENSIONS: usize = 65_536;

/// Vectors in memory, each with a number of its own and an owner, and exact search among them.
///
/// Numbers and owners are the caller's. Who needs no owners gives each vector its own number as owner.
///
/// A search first reads each vector as signed bytes, a quarter of the memory. From those follows a bound that the score
/// cannot pass; only vectors whose bound reaches the best found so far are then compared in full. So the result is that of
/// comparing the query with every vector, bit for bit, on any processor and with any number of threads. Searches run on the
/// thread pool of rayon that they are called in.
///
/// Vectors come and go without rebuilding anything. The slot of one that goes is zeroed, and used again.
///
/// ```
/// use gallery::{Metric, VectorIndex};
///
/// let mut index = VectorIndex::new(3, Metric::Cosine)?;
/// index.insert(1, 1, &[1.0, 0.0, 0.0])?;
/// index.insert(2, 2, &[0.0, 1.0, 0.0])?;
/// let hits = index.nearest(&[&[0.9, 0.1, 0.0]], 1, None)?;
/// assert_eq!(hits[0][0].id, 1);
/// # Ok::<(), gallery::Error>(())
/// ```
pub struct VectorIndex {
    dimension: usize,
    metric: Metric,
    kernel: Kernel,
    budget: u64,
    blocks: Vec<Block>,
    slots: HashMap<u64, usize>,
    owners: HashMap<u64, Vec<usize>>,
    free: Vec<usize>,
    /// Slots ever used; those beyond have never held a vector.
    used: usize,
    revision: u64,
}

impl std::fmt::Debug for VectorIndex {
    /// Sizes only: vectors are personal data.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("VectorIndex")
            .field("dimension", &self.dimension)
            .field("metric", &self.metric)
            .field("vectors", &self.len())
            .field("owners", &self.owners.len())
            .finish_non_exhaustive()
    }
}

impl VectorIndex {
    /// An index without vectors, of `dimension` values each.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] unless `dimension` is from 1 to 65,536.
    pub fn new(dimension: usize, metric: Metric) -> Result<Self, Error> {
        if !(1..=MOST_DIMENSIONS).contains(&dimension) {
            return Err(Error::Argument {
                argument: "the dimension of the vectors",
                expected: "1 to 65536",
                found: dimension.to_string(),
            });
        }
        Ok(Self {
            dimension,
            metric,
            kernel: Kernel::new(InstructionSet::best())?,
            budget: u64::MAX,
            blocks: Vec::new(),
            slots: HashMap::new(),
            owners: HashMap::new(),
            free: Vec::new(),
            used: 0,
            revision: 0,
        })
    }

    /// Lets the index take at most so many bytes of memory. What would take more is refused before it is taken.
    #[must_use]
    pub fn with_budget(mut self, bytes: u64) -> Self {
        self.budget = bytes;
        self
    }

    /// Searches with other instructions than the best that the processor has, for tests and measurements.
    ///
    /// # Errors
    ///
    /// [`Error::InstructionSet`] if the processor lacks them.
    pub fn with_instructions(mut self, set: InstructionSet) -> Result<Self, Error> {
        self.kernel = Kernel::new(set)?;
        Ok(self)
    }

    /// Bytes of memory that so many vectors take: 5 for each value and about 150 for the rest of each vector, in steps of
    /// 4,096 vectors.
    #[must_use]
    pub fn bytes_for(dimension: usize, vectors: u64) -> u64 {
        // Two hash tables at their emptiest, and a list for each owner.
        const TABLES: u64 = 112;
        vectors.div_ceil(SLOTS as u64) * (Block::bytes(dimension) + TABLES * SLOTS as u64)
    }

    /// Refuses `more` vectors that the budget has no room for. To be called before they are loaded.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`].
    pub fn check_room_for(&self, more: u64) -> Result<(), Error> {
        let vectors = self.len() as u64 + more;
        let needed = Self::bytes_for(self.dimension, vectors);
        if needed > self.budget {
            return Err(Error::Memory {
                vectors,
                dimension: self.dimension,
                needed,
                budget: self.budget,
            });
        }
        Ok(())
    }

    /// Values in each vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How vectors are compared.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// How many vectors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How many owners have a vector.
    #[must_use]
    pub fn owners(&self) -> usize {
        self.owners.len()
    }

    /// The fewest and the most vectors that an owner has who has one; zeros where there is none.
    #[must_use]
    pub fn fewest_and_most(&self) -> (usize, usize) {
        let counts = || self.owners.values().map(Vec::len);
        (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
    }

    /// Whether there is a vector of this number.
    #[must_use]
    pub fn contains(&self, id: u64) -> bool {
        self.slots.contains_key(&id)
    }

    /// Adds a vector under a number of its own.
    ///
    /// # Errors
    ///
    /// [`Error::TakenId`], [`Error::Dimension`], [`Error::NotFinite`], [`Error::Degenerate`], [`Error::Memory`]. The index
    /// is then as it was.
    pub fn insert(&mut self, id: u64, owner: u64, vector: &[f32]) -> Result<(), Error> {
        let prepared = self.prepared(vector)?;
        if self.contains(id) {
            return Err(Error::TakenId { id });
        }
        if self.free.is_empty() && self.used == self.blocks.len() * SLOTS {
            self.check_room_for(1)?;
            self.blocks.push(Block::new(self.dimension));
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used - 1
        });
        self.blocks[slot / SLOTS].fill(slot % SLOTS, id, owner, &prepared);
        self.slots.insert(id, slot);
        self.owners.entry(owner).or_default().push(slot);
        self.revision += 1;
        Ok(())
    }

    /// Takes a vector out and zeroes its slot. Says whether it was there.
    pub fn remove(&mut self, id: u64) -> bool {
        let Some(slot) = self.slots.remove(&id) else {
            return false;
        };
        if let Some((_, owner)) = self.blocks[slot / SLOTS].held(slot % SLOTS)
            && let Entry::Occupied(mut slots) = self.owners.entry(owner)
        {
            slots.get_mut().retain(|&other| other != slot);
            if slots.get().is_empty() {
                slots.remove();
            }
        }
        self.blocks[slot / SLOTS].clear(slot % SLOTS);
        self.free.push(slot);
        self.revision += 1;
        true
    }

    /// Takes out all vectors of an owner. Says how many there were.
    pub fn remove_owner(&mut self, owner: u64) -> usize {
        let ids: Vec<u64> = self
            .owners
            .get(&owner)
            .into_iter()
            .flatten()
            .filter_map(|&slot| self.held(slot))
            .map(|(id, _)| id)
            .collect();
        ids.iter().filter(|&&id| self.remove(id)).count()
    }

    /// The vectors for which `wanted(number, owner)` holds.
    #[must_use]
    pub fn select(&self, mut wanted: impl FnMut(u64, u64) -> bool) -> Selection {
        let mut selection = Selection::none(self.revision, self.used);
        for slot in 0..self.used {
            if self.held(slot).is_some_and(|(id, owner)| wanted(id, owner)) {
                selection.add(slot);
            }
        }
        selection
    }

    fn held(&self, slot: usize) -> Option<(u64, u64)> {
        self.blocks[slot / SLOTS].held(slot % SLOTS)
    }

    fn vector(&self, slot: usize) -> &[f32] {
        self.blocks[slot / SLOTS].vector(slot % SLOTS)
    }

    /// A vector as it is compared, if it is one of this index.
    fn prepared(&self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        if vector.len() != self.dimension {
            return Err(Error::Dimension {
                expected: self.dimension,
                found: vector.len(),
            });
        }
        self.metric.prepared(vector)
    }
}
