//! Embeddings with the subjects they belong to.

use crate::Error;

/// Borrowed embeddings, one row for each sample, with the subject of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Embeddings<'a> {
    values: &'a [f32],
    dimensions: usize,
    subjects: &'a [u32],
}

impl<'a> Embeddings<'a> {
    /// Takes `values` as a row-major array of shape `[n, dimensions]` and the
    /// subjects of the `n` rows, by any numbering.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::Argument`] for 0 dimensions,
    /// [`Error::LengthMismatch`] if the lengths do not agree, and
    /// [`Error::NotFiniteEmbedding`] for a NaN or infinite component.
    pub fn new(values: &'a [f32], dimensions: usize, subjects: &'a [u32]) -> Result<Self, Error> {
        if dimensions == 0 {
            return Err(Error::Argument {
                argument: "dimensions",
                expected: "at least 1",
                found: 0.0,
            });
        }
        if subjects.is_empty() {
            return Err(Error::Empty);
        }
        if subjects.len().checked_mul(dimensions) != Some(values.len()) {
            return Err(Error::LengthMismatch {
                left: "embedding values",
                left_len: values.len(),
                right: "subjects times dimensions",
                right_len: subjects.len().saturating_mul(dimensions),
            });
        }
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFiniteEmbedding {
                index: place / dimensions,
                dimension: place % dimensions,
                value: values[place],
            });
        }
        Ok(Self {
            values,
            dimensions,
            subjects,
        })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Always false: embeddings without rows cannot be made.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// Components of a row.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The subject of each row.
    #[must_use]
    pub fn subjects(&self) -> &'a [u32] {
        self.subjects
    }

    /// One embedding.
    ///
    /// # Panics
    /// If there is no such row, like an index.
    #[must_use]
    pub fn row(&self, index: usize) -> &'a [f32] {
        &self.values[index * self.dimensions..][..self.dimensions]
    }
}
