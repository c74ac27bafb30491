//! Single images and single subjects.

use serde::{Deserialize, Serialize};
use verification_figures::Evidence;

/// Two images that were compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImagePair {
    /// One side.
    pub a: Picture,
    /// The other.
    pub b: Picture,
    /// Their distance, or similarity.
    pub distance: f64,
    /// The threshold they were decided by.
    pub threshold: f64,
    /// What else is to be said of this pair.
    #[serde(default)]
    pub note: Option<String>,
}

/// An image as it was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Its file, relative to the data set's folder.
    pub file: String,
    /// Its subject's name.
    pub subject: String,
    /// The picture as a PNG file; not part of the JSON document.
    #[serde(skip)]
    pub png: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
}

/// The errors at the thresholds in use that one subject takes part in: those of
/// [`verification_figures::SubjectErrors`], by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectErrors {
    /// The subject's name.
    pub name: String,
    /// Of its genuine comparisons; absent where there are none. Its JSON form is `[errors, comparisons]`.
    #[serde(default, with = "counts")]
    pub false_non_matches: Option<Evidence>,
    /// Of its impostor comparisons; each counts for both subjects. Its JSON form is `[errors, comparisons]`.
    #[serde(default, with = "counts")]
    pub false_matches: Option<Evidence>,
}

/// Evidence as two numbers.
mod counts {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use verification_figures::Evidence;

    // The signatures are serde's.
    pub(super) fn serialize<S: Serializer>(
        evidence: &Option<Evidence>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let counts = evidence.map(|evidence| [evidence.errors, evidence.comparisons]);
        counts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Evidence>, D::Error> {
        let counts = Option::<[u64; 2]>::deserialize(deserializer)?;
        Ok(counts.map(|[errors, comparisons]| Evidence {
            errors,
            comparisons,
        }))
    }
}

/// Embeddings projected on their two main directions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingMap {
    /// What is shown: `fold 7: 5 subjects the network never saw`.
    pub what: String,
    /// Share of the variance that each direction holds.
    pub explained: [f64; 2],
    /// Subjects, by name; points refer to them.
    pub subjects: Vec<String>,
    /// The images.
    pub points: Vec<MapPoint>,
}

/// One embedding on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPoint {
    /// Along the main directions.
    pub at: [f64; 2],
    /// Place in [`EmbeddingMap::subjects`].
    pub subject: u32,
    /// The image's file.
    pub file: String,
}
