//! Pictures that were kept.

use postgres::{GenericClient, Row};

use super::change::{Change, signed, unsigned};
use super::failure::Failure;
use super::people;
use super::templates::digest;
use crate::records::{KeptPicture, PictureDigest};

pub(super) fn keep(change: &mut Change<'_>, pictures: &[KeptPicture]) -> Result<(), Failure> {
    for kept in pictures {
        people::must_exist(change, kept.person)?;
        change.execute(
            "INSERT INTO picture (gallery, person, digest, bytes) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (gallery, person, digest) DO UPDATE SET bytes = excluded.bytes",
            &[&signed(kept.person), &&kept.picture.0[..], &kept.bytes],
        )?;
    }
    Ok(())
}

pub(super) fn one(
    client: &mut impl GenericClient,
    gallery: i64,
    person: u64,
    picture: &PictureDigest,
) -> Result<Option<Vec<u8>>, Failure> {
    let found = client.query_opt(
        "SELECT bytes FROM picture WHERE gallery = $1 AND person = $2 AND digest = $3",
        &[&gallery, &signed(person), &&picture.0[..]],
    )?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

pub(super) fn count(client: &mut impl GenericClient, gallery: i64) -> Result<u64, Failure> {
    let row = client.query_one(
        "SELECT count(*) FROM picture WHERE gallery = $1",
        &[&gallery],
    )?;
    unsigned(&row, 0)
}

pub(super) fn all(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<Vec<KeptPicture>, Failure> {
    let found = client.query(
        "SELECT person, digest, bytes FROM picture WHERE gallery = $1 ORDER BY person, digest",
        &[&gallery],
    )?;
    let kept = |row: &Row| {
        Ok(KeptPicture {
            person: unsigned(row, 0)?,
            picture: digest(row, 1)?,
            bytes: row.try_get(2)?,
        })
    };
    found.iter().map(kept).collect()
}

/// Deletes those whose last template has gone.
pub(super) fn drop_unused(change: &mut Change<'_>) -> Result<(), Failure> {
    change.execute(
        "DELETE FROM picture WHERE gallery = $1 AND NOT EXISTS (SELECT FROM template \
         WHERE template.gallery = $1 AND template.person = picture.person AND template.picture = digest)",
        &[],
    )?;
    Ok(())
}
