//! What PostgreSQL says, in words of this crate.

use std::path::Path;

use postgres::error::SqlState;

use super::session::PATIENCE;
use crate::error::Error;
use crate::store::row::{self, Said};

pub(super) type Failure = row::Failure<postgres::Error>;

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Self::Sql(error)
    }
}

impl Failure {
    /// Whether the connection has ended.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Sql(error) if is_lost(error))
    }
}

impl Said for postgres::Error {
    fn failed(self, action: &'static str, path: &Path) -> Error {
        let path = path.to_owned();
        if self.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return Error::Locked {
                path,
                seconds: PATIENCE.as_secs(),
            };
        }
        let is_lost = is_lost(&self);
        let source = told(self);
        match is_lost {
            true => Error::Unreachable { path, source },
            false => Error::Database {
                action,
                path,
                source,
            },
        }
    }
}

/// What the server says, without the details, which may hold the values of a row.
pub(super) fn told(source: postgres::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match source.as_db_error() {
        Some(said) => {
            let code = said.code().code();
            format!("{}: {} (SQLSTATE {code})", said.severity(), said.message()).into()
        }
        None => Box::new(source),
    }
}

/// Whether the connection has ended, or could not be made, for a reason that may pass.
pub(super) fn is_lost(error: &postgres::Error) -> bool {
    let Some(code) = error.code() else {
        let cause = std::error::Error::source(error);
        return error.is_closed() || cause.is_some_and(|cause| cause.is::<std::io::Error>());
    };
    const OF_THE_SERVER: [SqlState; 4] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    // 08: exceptions of the connection. 25P03, 57P05: it was idle for too long.
    OF_THE_SERVER.contains(code)
        || code.code().starts_with("08")
        || matches!(code.code(), "25P03" | "57P05")
}
