//! Requests that were done.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use crate::records::RequestDigest;
use crate::store::MOST_REQUESTS;

pub(super) fn note(
    change: &Connection,
    request: &RequestDigest,
    at_ms: i64,
    until_ms: i64,
) -> Result<(), Failure> {
    change.execute("DELETE FROM done_request WHERE at_ms <= ?1", [until_ms])?;
    change.execute(
        "INSERT INTO done_request (digest, at_ms) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at_ms = ?2",
        params![request.0, at_ms],
    )?;
    change.execute(
        "DELETE FROM done_request WHERE digest IN \
         (SELECT digest FROM done_request ORDER BY at_ms DESC, digest LIMIT -1 OFFSET ?1)",
        [MOST_REQUESTS],
    )?;
    Ok(())
}

pub(super) fn time(
    connection: &Connection,
    request: &RequestDigest,
) -> Result<Option<i64>, Failure> {
    let found = connection.query_row(
        "SELECT at_ms FROM done_request WHERE digest = ?1",
        [request.0],
        |row| row.get(0),
    );
    Ok(found.optional()?)
}
