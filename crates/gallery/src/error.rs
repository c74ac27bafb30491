//! The error of this crate.

/// Why something could not be done with a gallery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector has another length than the vectors it belongs to.
    #[error(
        "the vector has {found} values, expected {expected}: it was made by another model, or by another layer of it"
    )]
    Dimension {
        /// Values in each vector of the gallery.
        expected: usize,
        /// Values found.
        found: usize,
    },

    /// A vector holds NaN or an infinity.
    #[error(
        "value {index} of the vector is {value}; an embedding must be finite, so find out what the model was given"
    )]
    NotFinite {
        /// Place of the value, counted from zero.
        index: usize,
        /// The value.
        value: f32,
    },

    /// A vector that no metric can say anything about: all zero under the cosine, or far too large.
    #[error(
        "the vector has a length of {length:e}, {expected}: this is no usable embedding, so leave the picture out"
    )]
    Degenerate {
        /// Its Euclidean length.
        length: f64,
        /// What lengths there may be.
        expected: &'static str,
    },

    /// An argument lies outside its domain.
    #[error("{argument} is {found}, expected {expected}")]
    Argument {
        /// Name of the argument.
        argument: &'static str,
        /// What would have been accepted.
        expected: &'static str,
        /// The value given.
        found: String,
    },

    /// There is a vector under this number already.
    #[error(
        "there is a vector with the number {id} already; remove it first, or take another number"
    )]
    TakenId {
        /// The number.
        id: u64,
    },

    /// The vectors would take more memory than was allowed.
    #[error(
        "{vectors} vectors of {dimension} values need {needed} bytes of memory, and {budget} are allowed; allow more, or split the gallery"
    )]
    Memory {
        /// How many vectors there would be.
        vectors: u64,
        /// Values in each.
        dimension: usize,
        /// Bytes that they take.
        needed: u64,
        /// Bytes allowed.
        budget: u64,
    },

    /// A selection of vectors was made before the index changed.
    #[error("the selection was made before vectors came or went; select again")]
    StaleSelection,

    /// The processor lacks the instructions asked for.
    #[error("this processor has no {wanted}; use InstructionSet::best()")]
    InstructionSet {
        /// Name of the instructions.
        wanted: &'static str,
    },
}
