//! Requests that were done.

use postgres::GenericClient;

use super::change::Change;
use super::failure::Failure;
use crate::records::RequestDigest;
use crate::store::MOST_REQUESTS;

pub(super) fn note(
    change: &mut Change<'_>,
    request: &RequestDigest,
    at_ms: i64,
    until_ms: i64,
) -> Result<(), Failure> {
    change.execute(
        "DELETE FROM done_request WHERE gallery = $1 AND at_ms <= $2",
        &[&until_ms],
    )?;
    change.execute(
        "INSERT INTO done_request (gallery, digest, at_ms) VALUES ($1, $2, $3) \
         ON CONFLICT (gallery, digest) DO UPDATE SET at_ms = excluded.at_ms",
        &[&&request.0[..], &at_ms],
    )?;
    change.execute(
        "DELETE FROM done_request WHERE gallery = $1 AND digest IN \
         (SELECT digest FROM done_request WHERE gallery = $1 ORDER BY at_ms DESC, digest OFFSET $2)",
        &[&(i64::from(MOST_REQUESTS))],
    )?;
    Ok(())
}

pub(super) fn time(
    client: &mut impl GenericClient,
    gallery: i64,
    request: &RequestDigest,
) -> Result<Option<i64>, Failure> {
    let found = client.query_opt(
        "SELECT at_ms FROM done_request WHERE gallery = $1 AND digest = $2",
        &[&gallery, &&request.0[..]],
    )?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}
