//! People.

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{GenericClient, Row};
use uuid::Uuid;

use super::change::{Change, check_text, signed, unknown, unsigned};
use super::failure::Failure;
use crate::error::Error;
use crate::records::{ChangeKind, NewPerson, Person};
use crate::store::row::{json, to_json};
use crate::store::rules;

const COLUMNS: &str = "number, uuid, external_id, name, metadata, expires_ms, created_ms";

pub(super) fn add(
    change: &mut Change<'_>,
    new: &NewPerson,
    now_ms: i64,
) -> Result<Person, Failure> {
    change.last.person += 1;
    let person = Person {
        number: change.last.person,
        uuid: rules::new_uuid(now_ms),
        given: new.clone(),
        created_ms: now_ms,
    };
    insert(change, &person)?;
    change.log(ChangeKind::PersonAdded, person.number, now_ms);
    Ok(person)
}

pub(super) fn restore(change: &mut Change<'_>, people: &[Person]) -> Result<(), Failure> {
    people.iter().try_for_each(|person| insert(change, person))
}

fn insert(change: &mut Change<'_>, person: &Person) -> Result<(), Failure> {
    let new = &person.given;
    check(new)?;
    let inserted = change.execute(
        "INSERT INTO person (gallery, number, uuid, external_id, name, metadata, expires_ms, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[&signed(person.number),
            &person.uuid,
            &new.external_id,
            &new.name,
            &to_json(&new.metadata)?,
            &new.expires_ms,
            &person.created_ms,
        ],
    );
    inserted.map(drop).map_err(|failure| taken(failure, new))
}

pub(super) fn change(
    change: &mut Change<'_>,
    number: u64,
    new: &NewPerson,
    now_ms: i64,
) -> Result<(), Failure> {
    check(new)?;
    let changed = change.execute(
        "UPDATE person SET external_id = $3, name = $4, metadata = $5, expires_ms = $6 WHERE gallery = $1 AND number = $2",
        &[&signed(number),
            &new.external_id,
            &new.name,
            &to_json(&new.metadata)?,
            &new.expires_ms,
        ],
    );
    if changed.map_err(|failure| taken(failure, new))? == 0 {
        return Err(unknown("person", number));
    }
    change.log(ChangeKind::PersonChanged, number, now_ms);
    Ok(())
}

fn check(new: &NewPerson) -> Result<(), Error> {
    rules::check_person(new)?;
    check_text("the external id of a person", &new.external_id)?;
    check_text(
        "the name of a person",
        new.name.as_deref().unwrap_or_default(),
    )
}

fn taken(failure: Failure, new: &NewPerson) -> Failure {
    let broken = match &failure {
        Failure::Sql(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            error.as_db_error().and_then(|error| error.constraint())
        }
        _ => None,
    };
    if broken == Some("person_external_id") {
        return Error::TakenExternalId {
            external_id: new.external_id.clone(),
        }
        .into();
    }
    failure
}

pub(super) fn all(client: &mut impl GenericClient, gallery: i64) -> Result<Vec<Person>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM person WHERE gallery = $1 ORDER BY number");
    client
        .query(&sql, &[&gallery])?
        .iter()
        .map(person)
        .collect()
}

/// The person of whom a column has this value.
pub(super) fn one(
    client: &mut impl GenericClient,
    gallery: i64,
    column: &str,
    value: &(dyn ToSql + Sync),
) -> Result<Option<Person>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM person WHERE gallery = $1 AND {column} = $2");
    let found = client.query_opt(&sql, &[&gallery, value])?;
    found.as_ref().map(person).transpose()
}

fn person(row: &Row) -> Result<Person, Failure> {
    let number = unsigned(row, 0)?;
    Ok(Person {
        number,
        uuid: row.try_get::<_, Uuid>(1)?,
        given: NewPerson {
            external_id: row.try_get(2)?,
            name: row.try_get(3)?,
            metadata: json(row.try_get(4)?, || format!("person {number}, metadata"))?,
            expires_ms: row.try_get(5)?,
        },
        created_ms: row.try_get(6)?,
    })
}

pub(super) fn must_exist(change: &mut Change<'_>, number: u64) -> Result<(), Failure> {
    let found = change.query(
        "SELECT 1 FROM person WHERE gallery = $1 AND number = $2",
        &[&signed(number)],
    )?;
    match found.is_empty() {
        true => Err(unknown("person", number)),
        false => Ok(()),
    }
}

/// Deletes a person. Templates, pictures, rejections and exclusions go with the person, by the schema.
pub(super) fn forget(change: &mut Change<'_>, number: u64, now_ms: i64) -> Result<(), Failure> {
    let deleted = change.execute(
        "DELETE FROM person WHERE gallery = $1 AND number = $2",
        &[&signed(number)],
    )?;
    if deleted == 0 {
        return Err(unknown("person", number));
    }
    change.log(ChangeKind::PersonForgotten, number, now_ms);
    Ok(())
}

pub(super) fn has_expired(
    client: &mut impl GenericClient,
    gallery: i64,
    now_ms: i64,
) -> Result<bool, Failure> {
    let row = client.query_one(
        "SELECT EXISTS (SELECT FROM person WHERE gallery = $1 AND expires_ms <= $2)",
        &[&gallery, &now_ms],
    )?;
    Ok(row.try_get(0)?)
}

pub(super) fn forget_expired(change: &mut Change<'_>, now_ms: i64) -> Result<Vec<u64>, Failure> {
    let expired = change.query(
        "DELETE FROM person WHERE gallery = $1 AND expires_ms <= $2 RETURNING number",
        &[&now_ms],
    )?;
    let mut numbers = Vec::with_capacity(expired.len());
    for row in &expired {
        numbers.push(unsigned(row, 0)?);
    }
    numbers.sort_unstable();
    for &number in &numbers {
        change.log(ChangeKind::PersonForgotten, number, now_ms);
    }
    Ok(numbers)
}
