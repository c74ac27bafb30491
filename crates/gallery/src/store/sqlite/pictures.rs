//! Pictures that were kept.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use super::people;
use crate::records::{KeptPicture, PictureDigest};

pub(super) fn keep(change: &Connection, pictures: &[KeptPicture]) -> Result<(), Failure> {
    let mut statement = change.prepare_cached(
        "INSERT OR REPLACE INTO picture (person, digest, bytes) VALUES (?1, ?2, ?3)",
    )?;
    for kept in pictures {
        people::must_exist(change, kept.person)?;
        statement.execute(params![kept.person, kept.picture.0, kept.bytes])?;
    }
    Ok(())
}

pub(super) fn one(
    connection: &Connection,
    person: u64,
    picture: &PictureDigest,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT bytes FROM picture WHERE person = ?1 AND digest = ?2")?;
    Ok(statement
        .query_row(params![person, picture.0], |row| row.get(0))
        .optional()?)
}

pub(super) fn count(connection: &Connection) -> Result<u64, Failure> {
    Ok(connection.query_row("SELECT count(*) FROM picture", [], |row| row.get(0))?)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<KeptPicture>, Failure> {
    let mut statement =
        connection.prepare("SELECT person, digest, bytes FROM picture ORDER BY person, digest")?;
    let rows = statement.query_map([], |row| {
        Ok(KeptPicture {
            person: row.get(0)?,
            picture: PictureDigest(row.get(1)?),
            bytes: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Deletes those whose last template has gone.
pub(super) fn drop_unused(change: &Connection) -> Result<(), Failure> {
    change.execute(
        "DELETE FROM picture WHERE NOT EXISTS \
         (SELECT 1 FROM template WHERE person = picture.person AND template.picture = digest)",
        [],
    )?;
    Ok(())
}
