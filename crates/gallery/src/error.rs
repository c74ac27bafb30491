//! The error of this crate.

use std::io;
use std::path::PathBuf;

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

    /// A file or folder could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },

    /// There is no such gallery.
    #[error("there is no gallery at {}; create one first, or check the path", path.display())]
    NoSuchGallery {
        /// Where it was looked for.
        path: PathBuf,
    },

    /// There is a file or folder already.
    #[error("{} exists already and is left as it is; choose another path", path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },

    /// The file is something else.
    #[error("{} is no gallery: {found}, expected {expected}; check the path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it should have been.
        expected: &'static str,
        /// What it is.
        found: String,
    },

    /// The gallery was written by a later version.
    #[error("{} has format {found}, and this version reads up to {known}; use the version that wrote it, or a later one", path.display())]
    FutureFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The latest format that is read.
        known: i64,
    },

    /// The gallery is damaged.
    #[error("{} is damaged: {what}; restore it from a copy", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which part of it, and what is wrong there.
        what: String,
    },

    /// Another program kept the gallery locked.
    #[error("{} is locked by another program for longer than {seconds} s; try again when it has finished", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// For how long this one waited.
        seconds: u64,
    },

    /// It was deleted, but old bytes are still in the journal.
    #[error("it was deleted, but {} is being read by another program, which keeps old bytes in the journal beside it; end that program, then compact the gallery", path.display())]
    StillInJournal {
        /// The file.
        path: PathBuf,
    },

    /// The database refused something.
    #[error("cannot {action} {}", path.display())]
    Database {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the database says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The server that keeps the gallery does not answer.
    #[error("cannot reach {}; look whether the server runs, and whether it accepts connections", path.display())]
    Unreachable {
        /// The address of the database.
        path: PathBuf,
        /// What the system or the server says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The connection ended while a change was being committed, and the server did not come back to say what became of it.
    #[error("the connection to {} ended while the change was being kept, so nobody knows whether it was; look before you repeat it", path.display())]
    Unsure {
        /// The address of the database.
        path: PathBuf,
        /// Why the server could not be asked.
        #[source]
        source: Box<Error>,
    },

    /// There is nothing of this number or name.
    #[error("the gallery has no {what} {which}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its number or name.
        which: String,
    },

    /// Another person has this external id.
    #[error(
        "there is a person with the external id {external_id:?} already; choose another, or enrol for that person"
    )]
    TakenExternalId {
        /// The external id.
        external_id: String,
    },

    /// Vectors of another model.
    #[error(
        "the gallery was made with contract {expected}, and this is {found}; vectors of two models cannot be compared, so use the gallery's model or enrol everybody again with the new one"
    )]
    Contract {
        /// Contract of the gallery.
        expected: String,
        /// Contract given.
        found: String,
    },

    /// The generation that is in use cannot be deleted.
    #[error("generation {number} is the active one; activate another before you delete it")]
    ActiveGeneration {
        /// Its number.
        number: u64,
    },

    /// A calibration contradicts itself.
    #[error("the calibration cannot be right: {what}")]
    Calibration {
        /// What is wrong.
        what: String,
    },

    /// A calibration was made for other scores.
    #[error(
        "the calibration is for {found}, and the gallery compares by {expected}; calibrate again for this gallery"
    )]
    OtherCalibration {
        /// Metric and fusion of the gallery.
        expected: String,
        /// Direction and fusion of the calibration.
        found: String,
    },

    /// An exported folder holds something that cannot be.
    #[error("{}{}: {what}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Import {
        /// The file.
        path: PathBuf,
        /// Line of the file, counted from 1, where it has lines.
        line: Option<usize>,
        /// What is wrong.
        what: String,
    },
}

/// What `verification-figures` refuses is an argument or a calibration.
impl From<verification_figures::Error> for Error {
    fn from(error: verification_figures::Error) -> Self {
        use verification_figures::Error as Figures;
        match error {
            Figures::Argument {
                argument,
                expected,
                found,
            } => Self::Argument {
                argument,
                expected,
                found: found.to_string(),
            },
            Figures::Calibration { what } => Self::Calibration { what },
            other => Self::Calibration {
                what: other.to_string(),
            },
        }
    }
}
