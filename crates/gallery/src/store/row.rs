//! Rows of any database: what they are made of, and what is wrong with them.

use std::path::Path;

use super::Finding;
use crate::error::Error;

/// Why a statement, or what was made of its rows, failed.
pub(super) enum Failure<E> {
    Sql(E),
    /// A row holds what cannot be: its place, and what is wrong there.
    Row(String),
    Other(Error),
}

/// What a database says, in words of this crate.
pub(super) trait Said {
    /// What was to be done at a place, and did not succeed.
    fn failed(self, action: &'static str, path: &Path) -> Error;
}

impl<E: Said> Failure<E> {
    pub(super) fn at(self, action: &'static str, path: &Path) -> Error {
        match self {
            Self::Sql(source) => source.failed(action, path),
            Self::Row(what) => Error::Damaged {
                path: path.to_owned(),
                what,
            },
            Self::Other(error) => error,
        }
    }
}

/// Makes a finding of a row that cannot be read.
pub(super) fn note_unreadable<T, E>(
    found: &mut Vec<Finding>,
    read: Result<T, Failure<E>>,
) -> Result<Option<T>, Failure<E>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Failure::Row(what)) => {
            found.push(Finding {
                place: "a row".to_owned(),
                what,
            });
            Ok(None)
        }
        Err(other) => Err(other),
    }
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
