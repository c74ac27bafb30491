//! People.

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, ToSql, params};
use uuid::Uuid;

use super::failure::Failure;
use super::notes::{log, unknown};
use crate::error::Error;
use crate::records::{ChangeKind, NewPerson, Person};
use crate::store::row::{json, to_json};
use crate::store::rules;

const COLUMNS: &str = "number, uuid, external_id, name, metadata, expires_ms, created_ms";

pub(super) fn add(change: &Connection, new: &NewPerson, now_ms: i64) -> Result<Person, Failure> {
    let uuid = rules::new_uuid(now_ms);
    insert(change, None, &uuid, new, now_ms)?;
    let number = change.last_insert_rowid().cast_unsigned();
    log(change, ChangeKind::PersonAdded, number, now_ms)?;
    Ok(Person {
        number,
        uuid,
        given: new.clone(),
        created_ms: now_ms,
    })
}

pub(super) fn restore(change: &Connection, people: &[Person]) -> Result<(), Failure> {
    people.iter().try_for_each(|person| {
        insert(
            change,
            Some(person.number),
            &person.uuid,
            &person.given,
            person.created_ms,
        )
    })
}

fn insert(
    change: &Connection,
    number: Option<u64>,
    uuid: &Uuid,
    new: &NewPerson,
    now_ms: i64,
) -> Result<(), Failure> {
    rules::check_person(new)?;
    let metadata = to_json(&new.metadata)?;
    let row = params![
        number,
        uuid.as_bytes(),
        new.external_id,
        new.name,
        metadata,
        new.expires_ms,
        now_ms
    ];
    let mut statement = change.prepare_cached(&format!(
        "INSERT INTO person ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    ))?;
    statement.execute(row).map_err(|error| taken(error, new))?;
    Ok(())
}

pub(super) fn change(
    change: &Connection,
    number: u64,
    new: &NewPerson,
    now_ms: i64,
) -> Result<(), Failure> {
    rules::check_person(new)?;
    let changed = change
        .execute(
            "UPDATE person SET external_id = ?2, name = ?3, metadata = ?4, expires_ms = ?5 WHERE number = ?1",
            params![number, new.external_id, new.name, to_json(&new.metadata)?, new.expires_ms],
        )
        .map_err(|error| taken(error, new))?;
    if changed == 0 {
        return Err(unknown("person", number));
    }
    log(change, ChangeKind::PersonChanged, number, now_ms)
}

/// The only constraint that a new person can break by what the caller gave, since numbers and UUIDs are drawn.
fn taken(error: rusqlite::Error, new: &NewPerson) -> Failure {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        return Error::TakenExternalId {
            external_id: new.external_id.clone(),
        }
        .into();
    }
    error.into()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Person>, Failure> {
    let mut statement =
        connection.prepare(&format!("SELECT {COLUMNS} FROM person ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        people.push(person(row)?);
    }
    Ok(people)
}

pub(super) fn one(
    connection: &Connection,
    condition: &str,
    value: &dyn ToSql,
) -> Result<Option<Person>, Failure> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM person WHERE {condition}"))?;
    let mut rows = statement.query([value])?;
    rows.next()?.map(person).transpose()
}

fn person(row: &Row<'_>) -> Result<Person, Failure> {
    let number: u64 = row.get(0)?;
    let metadata: String = row.get(4)?;
    Ok(Person {
        number,
        uuid: Uuid::from_bytes(row.get(1)?),
        given: NewPerson {
            external_id: row.get(2)?,
            name: row.get(3)?,
            metadata: json(&metadata, || format!("person {number}, metadata"))?,
            expires_ms: row.get(5)?,
        },
        created_ms: row.get(6)?,
    })
}

pub(super) fn must_exist(connection: &Connection, number: u64) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM person WHERE number = ?1")?;
    let found = statement.query_row([number], |_| Ok(())).optional()?;
    found.ok_or_else(|| unknown("person", number))
}

/// Deletes a person. Templates, rejections and exclusions go with the person, by the schema.
pub(super) fn forget(change: &Connection, number: u64, now_ms: i64) -> Result<(), Failure> {
    if change.execute("DELETE FROM person WHERE number = ?1", [number])? == 0 {
        return Err(unknown("person", number));
    }
    log(change, ChangeKind::PersonForgotten, number, now_ms)
}

pub(super) fn forget_expired(change: &Connection, now_ms: i64) -> Result<Vec<u64>, Failure> {
    let mut statement =
        change.prepare("SELECT number FROM person WHERE expires_ms <= ?1 ORDER BY number")?;
    let numbers: Vec<u64> = statement
        .query_map([now_ms], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    numbers
        .iter()
        .try_for_each(|&number| forget(change, number, now_ms))?;
    Ok(numbers)
}
