//! The log of changes, rejections and exclusions.

use postgres::{GenericClient, Row};

use super::change::{Change, check_text, signed, unsigned};
use super::failure::Failure;
use super::people;
use super::templates::digest;
use crate::records::{self, ChangeKind, Exclusion, Rejection};
use crate::store::row::json;

pub(super) fn last_change(client: &mut impl GenericClient, gallery: i64) -> Result<u64, Failure> {
    let row = client.query_one(
        "SELECT coalesce(max(sequence), 0) FROM change_log WHERE gallery = $1",
        &[&gallery],
    )?;
    unsigned(&row, 0)
}

pub(super) fn changes_after(
    client: &mut impl GenericClient,
    gallery: i64,
    sequence: u64,
) -> Result<Vec<records::Change>, Failure> {
    let found = client.query(
        "SELECT sequence, kind, subject, at_ms FROM change_log WHERE gallery = $1 AND sequence > $2 ORDER BY sequence",
        &[&gallery, &signed(sequence)],
    )?;
    let change = |row: &Row| {
        let sequence = unsigned(row, 0)?;
        Ok(records::Change {
            sequence,
            kind: json(row.try_get(1)?, || format!("change_log {sequence}, kind"))?,
            subject: unsigned(row, 2)?,
            at_ms: row.try_get(3)?,
        })
    };
    found.iter().map(change).collect()
}

pub(super) fn reject(change: &mut Change<'_>, rejection: &Rejection) -> Result<(), Failure> {
    if let Some(person) = rejection.person {
        people::must_exist(change, person)?;
    }
    check_text("the reason of a rejection", &rejection.reason)?;
    change.execute(
        "INSERT INTO rejection (gallery, picture, person, reason, at_ms) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (gallery, picture) DO UPDATE \
         SET person = excluded.person, reason = excluded.reason, at_ms = excluded.at_ms",
        &[&&rejection.picture.0[..],
            &rejection.person.map(signed),
            &rejection.reason,
            &rejection.at_ms,
        ],
    )?;
    let subject = rejection.person.unwrap_or(0);
    change.log(ChangeKind::Noted, subject, rejection.at_ms);
    Ok(())
}

pub(super) fn forget_rejections(change: &mut Change<'_>, now_ms: i64) -> Result<usize, Failure> {
    let deleted = change.execute(
        "DELETE FROM rejection WHERE gallery = $1 AND person IS NULL",
        &[],
    )?;
    change.log(ChangeKind::Noted, 0, now_ms);
    Ok(deleted as usize)
}

pub(super) fn rejections(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<Vec<Rejection>, Failure> {
    let found = client.query(
        "SELECT person, picture, reason, at_ms FROM rejection WHERE gallery = $1 ORDER BY at_ms, picture",
        &[&gallery],
    )?;
    let rejection = |row: &Row| {
        let person: Option<i64> = row.try_get(0)?;
        Ok(Rejection {
            person: person.map(i64::cast_unsigned),
            picture: digest(row, 1)?,
            reason: row.try_get(2)?,
            at_ms: row.try_get(3)?,
        })
    };
    found.iter().map(rejection).collect()
}

pub(super) fn exclude(change: &mut Change<'_>, exclusion: &Exclusion) -> Result<(), Failure> {
    people::must_exist(change, exclusion.person)?;
    change.execute(
        "INSERT INTO exclusion (gallery, person, picture, at_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (gallery, person, picture) DO UPDATE SET at_ms = excluded.at_ms",
        &[
            &signed(exclusion.person),
            &&exclusion.picture.0[..],
            &exclusion.at_ms,
        ],
    )?;
    change.log(ChangeKind::Noted, exclusion.person, exclusion.at_ms);
    Ok(())
}

pub(super) fn exclusions(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<Vec<Exclusion>, Failure> {
    let found = client.query(
        "SELECT person, picture, at_ms FROM exclusion WHERE gallery = $1 ORDER BY at_ms, person, picture",
        &[&gallery],
    )?;
    let exclusion = |row: &Row| {
        Ok(Exclusion {
            person: unsigned(row, 0)?,
            picture: digest(row, 1)?,
            at_ms: row.try_get(2)?,
        })
    };
    found.iter().map(exclusion).collect()
}
