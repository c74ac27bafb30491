//! What SQLite says, in words of this crate.

use std::path::Path;

use rusqlite::ErrorCode;

use super::file::PATIENCE;
use crate::error::Error;
use crate::store::row::{self, Said};

pub(super) type Failure = row::Failure<rusqlite::Error>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Said for rusqlite::Error {
    fn failed(self, action: &'static str, path: &Path) -> Error {
        let path = path.to_owned();
        match self.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked {
                path,
                seconds: PATIENCE.as_secs(),
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Damaged {
                path,
                what: self.to_string(),
            },
            _ => Error::Database {
                action,
                path,
                source: Box::new(self),
            },
        }
    }
}
