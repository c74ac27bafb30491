//! What SQLite says, in words of this crate.

use std::path::Path;

use rusqlite::ErrorCode;

use super::file::PATIENCE;
use crate::error::Error;
use crate::store::row;

pub(super) type Failure = row::Failure<rusqlite::Error>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
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
