//! Two files that show one picture.

use std::fmt;

use near_duplicates::Likeness;
use serde::Serialize;

/// Two files that show one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SamePicture {
    /// A file of the one set, or of the one subject.
    pub a: String,
    /// A file of the other.
    pub b: String,
    /// Whether they are equal in every pixel.
    pub equal: bool,
    /// Correlation of the pictures, laid over each other; 1 where they are equal.
    pub correlation: f64,
}

impl SamePicture {
    /// These two files, which are so alike.
    pub(crate) fn new(a: String, b: String, likeness: Likeness) -> Self {
        Self {
            a,
            b,
            equal: likeness == Likeness::Equal,
            correlation: match likeness {
                Likeness::Equal => 1.0,
                Likeness::Near { correlation, .. } => correlation,
            },
        }
    }
}

impl fmt::Display for SamePicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {} ", self.a, self.b)?;
        match self.equal {
            true => f.write_str("(equal)"),
            false => write!(f, "(correlation {:.4})", self.correlation),
        }
    }
}
