//! Templates.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::failure::{Failure, json, to_json};
use super::notes::{log, unknown};
use super::{generations, people};
use crate::error::Error;
use crate::records::{ChangeKind, Enrolled, NewGeneration, NewTemplate, PictureDigest, Template};

const COLUMNS: &str = "id, person, generation, picture, quality, created_ms, vector";

pub(super) fn enrol(
    change: &Connection,
    templates: &[NewTemplate],
    now_ms: i64,
) -> Result<Vec<Enrolled>, Failure> {
    let mut known = HashMap::new();
    let mut enrolled = Vec::with_capacity(templates.len());
    for new in templates {
        check(change, &mut known, new)?;
        let earlier: Option<u64> = change
            .prepare_cached(
                "SELECT id FROM template WHERE person = ?1 AND generation = ?2 AND picture = ?3",
            )?
            .query_row(params![new.person, new.generation, new.picture.0], |row| {
                row.get(0)
            })
            .optional()?;
        enrolled.push(match earlier {
            Some(id) => Enrolled { id, new: false },
            None => {
                insert(change, None, new, now_ms)?;
                let id = change.last_insert_rowid().cast_unsigned();
                // An earlier note that the picture cannot be enrolled no longer holds.
                change
                    .prepare_cached("DELETE FROM rejection WHERE picture = ?1")?
                    .execute([new.picture.0])?;
                log(change, ChangeKind::TemplateAdded, id, now_ms)?;
                Enrolled { id, new: true }
            }
        });
    }
    Ok(enrolled)
}

pub(super) fn restore(change: &Connection, templates: &[Template]) -> Result<(), Failure> {
    let mut known = HashMap::new();
    templates.iter().try_for_each(|template| {
        check(change, &mut known, &template.given)?;
        insert(
            change,
            Some(template.id),
            &template.given,
            template.created_ms,
        )
    })
}

/// Refuses what cannot be a template; `known` keeps the generations that were looked up.
fn check(
    change: &Connection,
    known: &mut HashMap<u64, NewGeneration>,
    new: &NewTemplate,
) -> Result<(), Failure> {
    people::must_exist(change, new.person)?;
    let generation = match known.entry(new.generation) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(generations::one(change, new.generation)?.made_for),
    };
    if new.vector.len() != generation.dimension {
        return Err(Error::Dimension {
            expected: generation.dimension,
            found: new.vector.len(),
        }
        .into());
    }
    generation.metric.prepared(&new.vector)?;
    if let Some((name, value)) = new.quality.iter().find(|(_, value)| !value.is_finite()) {
        let found = format!("{value} for {name:?}");
        return Err(Error::Argument {
            argument: "a figure of quality",
            expected: "a finite number",
            found,
        }
        .into());
    }
    Ok(())
}

fn insert(
    change: &Connection,
    id: Option<u64>,
    new: &NewTemplate,
    now_ms: i64,
) -> Result<(), Failure> {
    let vector: Vec<u8> = new
        .vector
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    change
        .prepare_cached(&format!(
            "INSERT INTO template ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        ))?
        .execute(params![
            id,
            new.person,
            new.generation,
            new.picture.0,
            to_json(&new.quality)?,
            now_ms,
            vector
        ])?;
    Ok(())
}

pub(super) fn one(connection: &Connection, id: u64) -> Result<Option<Template>, Failure> {
    let mut found = None;
    each(connection, "id = ?1", id, &mut |template| {
        found = Some(template);
        Ok(())
    })?;
    Ok(found)
}

pub(super) fn each(
    connection: &Connection,
    condition: &str,
    value: u64,
    visit: &mut dyn FnMut(Template) -> Result<(), Error>,
) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM template WHERE {condition} ORDER BY id"
    ))?;
    let mut rows = statement.query([value])?;
    while let Some(row) = rows.next()? {
        visit(template(row)?)?;
    }
    Ok(())
}

fn template(row: &Row<'_>) -> Result<Template, Failure> {
    let id: u64 = row.get(0)?;
    let quality: String = row.get(4)?;
    let (values, rest) = row
        .get_ref(6)?
        .as_blob()
        .map_err(rusqlite::Error::from)?
        .as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Failure::Row(format!(
            "template {id}, vector: its length is no multiple of 4 bytes"
        )));
    }
    Ok(Template {
        id,
        given: NewTemplate {
            person: row.get(1)?,
            generation: row.get(2)?,
            vector: values
                .iter()
                .map(|&bytes| f32::from_le_bytes(bytes))
                .collect(),
            picture: PictureDigest(row.get(3)?),
            quality: json(&quality, || format!("template {id}, quality"))?,
        },
        created_ms: row.get(5)?,
    })
}

pub(super) fn count(connection: &Connection, generation: u64) -> Result<u64, Failure> {
    Ok(connection.query_row(
        "SELECT count(*) FROM template WHERE generation = ?1",
        [generation],
        |row| row.get(0),
    )?)
}

pub(super) fn by_person(
    connection: &Connection,
    generation: u64,
) -> Result<Vec<(u64, u64)>, Failure> {
    let mut statement = connection.prepare(
        "SELECT person, count(*) FROM template WHERE generation = ?1 GROUP BY person ORDER BY person",
    )?;
    let rows = statement.query_map([generation], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who has a template of a picture.
pub(super) fn owners(
    connection: &Connection,
    generation: u64,
    picture: &PictureDigest,
) -> Result<Vec<u64>, Failure> {
    let mut statement = connection.prepare_cached(
        "SELECT person FROM template WHERE picture = ?1 AND generation = ?2 ORDER BY person",
    )?;
    let rows = statement.query_map(params![picture.0, generation], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn delete(change: &Connection, id: u64, now_ms: i64) -> Result<(), Failure> {
    if change.execute("DELETE FROM template WHERE id = ?1", [id])? == 0 {
        return Err(unknown("template", id));
    }
    super::pictures::drop_unused(change)?;
    log(change, ChangeKind::TemplateDeleted, id, now_ms)
}
