//! The log of changes, rejections and exclusions.

use rusqlite::{Connection, params};

use super::failure::Failure;
use super::people;
use crate::records::{Change, ChangeKind, Exclusion, PictureDigest, Rejection};
use crate::store::row::{json, to_json};

pub(super) fn log(
    change: &Connection,
    kind: ChangeKind,
    subject: u64,
    at_ms: i64,
) -> Result<(), Failure> {
    change
        .prepare_cached("INSERT INTO change_log (kind, subject, at_ms) VALUES (?1, ?2, ?3)")?
        .execute(params![to_json(&kind)?, subject, at_ms])?;
    Ok(())
}

pub(super) fn last_change(connection: &Connection) -> Result<u64, Failure> {
    Ok(connection.query_row(
        "SELECT coalesce(max(sequence), 0) FROM change_log",
        [],
        |row| row.get(0),
    )?)
}

pub(super) fn changes_after(
    connection: &Connection,
    sequence: u64,
) -> Result<Vec<Change>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, kind, subject, at_ms FROM change_log WHERE sequence > ?1 ORDER BY 1",
    )?;
    let mut rows = statement.query([sequence])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let sequence = row.get(0)?;
        let kind = json(
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
            || format!("change_log {sequence}, kind"),
        )?;
        changes.push(Change {
            sequence,
            kind,
            subject: row.get(2)?,
            at_ms: row.get(3)?,
        });
    }
    Ok(changes)
}

pub(super) fn reject(change: &Connection, rejection: &Rejection) -> Result<(), Failure> {
    if let Some(person) = rejection.person {
        people::must_exist(change, person)?;
    }
    change.execute(
        "INSERT OR REPLACE INTO rejection (picture, person, reason, at_ms) VALUES (?1, ?2, ?3, ?4)",
        params![
            rejection.picture.0,
            rejection.person,
            rejection.reason,
            rejection.at_ms
        ],
    )?;
    log(
        change,
        ChangeKind::Noted,
        rejection.person.unwrap_or(0),
        rejection.at_ms,
    )
}

pub(super) fn forget_rejections(change: &Connection, now_ms: i64) -> Result<usize, Failure> {
    let deleted = change.execute("DELETE FROM rejection WHERE person IS NULL", [])?;
    log(change, ChangeKind::Noted, 0, now_ms)?;
    Ok(deleted)
}

pub(super) fn rejections(connection: &Connection) -> Result<Vec<Rejection>, Failure> {
    let mut statement = connection
        .prepare("SELECT person, picture, reason, at_ms FROM rejection ORDER BY at_ms, picture")?;
    let rows = statement.query_map([], |row| {
        let picture = PictureDigest(row.get(1)?);
        Ok(Rejection {
            person: row.get(0)?,
            picture,
            reason: row.get(2)?,
            at_ms: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn exclude(change: &Connection, exclusion: &Exclusion) -> Result<(), Failure> {
    people::must_exist(change, exclusion.person)?;
    change.execute(
        "INSERT OR REPLACE INTO exclusion (person, picture, at_ms) VALUES (?1, ?2, ?3)",
        params![exclusion.person, exclusion.picture.0, exclusion.at_ms],
    )?;
    log(change, ChangeKind::Noted, exclusion.person, exclusion.at_ms)
}

pub(super) fn exclusions(connection: &Connection) -> Result<Vec<Exclusion>, Failure> {
    let mut statement = connection
        .prepare("SELECT person, picture, at_ms FROM exclusion ORDER BY at_ms, person, picture")?;
    let rows = statement.query_map([], |row| {
        Ok(Exclusion {
            person: row.get(0)?,
            picture: PictureDigest(row.get(1)?),
            at_ms: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Says which number a table lacks.
pub(super) fn unknown(what: &'static str, which: impl ToString) -> Failure {
    crate::error::Error::Unknown {
        what,
        which: which.to_string(),
    }
    .into()
}
