//! What can go wrong here.

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The report has no JSON form.
    #[error(
        "the report cannot be written as JSON: {source}; this is a defect of the report's data model"
    )]
    Json {
        /// The serializer's reason.
        #[from]
        source: serde_json::Error,
    },
}
