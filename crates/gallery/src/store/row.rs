//! Rows of any database: what they are made of, and what is wrong with them.

use crate::error::Error;

/// Why a statement, or what was made of its rows, failed.
pub(super) enum Failure<E> {
    Sql(E),
    /// A row holds what cannot be: its place, and what is wrong there.
    Row(String),
    Other(Error),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// A row that holds what cannot be.
pub(super) struct BadRow(pub(super) String);

impl<E> From<BadRow> for Failure<E> {
    fn from(BadRow(what): BadRow) -> Self {
        Self::Row(what)
    }
}

/// JSON of a column.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    text: &str,
    place: impl FnOnce() -> String,
) -> Result<T, BadRow> {
    serde_json::from_str(text).map_err(|error| BadRow(format!("{}: {error}", place())))
}

/// JSON for a column. The types of this crate that are kept as JSON have only names for keys and finite numbers.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Argument {
        argument: "a value",
        expected: "one that JSON can hold",
        found: error.to_string(),
    })
}
