//! What SQLite says, in words of this crate.

use std::path::Path;

use rusqlite::ErrorCode;

use super::file::PATIENCE;
use crate::error::Error;

/// Why a statement, or what was made of its rows, failed.
pub(super) enum Failure {
    Sql(rusqlite::Error),
    /// A row holds what cannot be: its place, and what is wrong there.
    Row(String),
    Other(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Failure {
    pub(super) fn at(self, action: &'static str, path: &Path) -> Error {
        match self {
            Self::Sql(source) => failed(action, path, source),
            Self::Row(what) => Error::Damaged {
                path: path.to_owned(),
                what,
            },
            Self::Other(error) => error,
        }
    }
}

pub(super) fn failed(action: &'static str, path: &Path, source: rusqlite::Error) -> Error {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked {
            path,
            seconds: PATIENCE.as_secs(),
        },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Damaged {
            path,
            what: source.to_string(),
        },
        _ => Error::Database {
            action,
            path,
            source: Box::new(source),
        },
    }
}

/// JSON of a column.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    text: &str,
    place: impl FnOnce() -> String,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Row(format!("{}: {error}", place())))
}

/// JSON for a column. The types of this crate that are kept as JSON have only names for keys and finite numbers.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::Sql(rusqlite::Error::ToSqlConversionFailure(error.into())))
}
