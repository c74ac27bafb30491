//! Templates.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use pgvector::Vector;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};
use postgres::{GenericClient, Row};

use super::change::{Change, signed, unknown, unsigned};
use super::failure::Failure;
use super::{generations, people};
use crate::records::{ChangeKind, Enrolled, NewGeneration, NewTemplate, PictureDigest, Template};
use crate::store::row::{json, to_json};
use crate::store::rules;

/// Templates that are read at a time.
const AT_ONCE: i64 = 4096;

pub(super) fn enrol(
    change: &mut Change<'_>,
    templates: &[NewTemplate],
    now_ms: i64,
) -> Result<Vec<Enrolled>, Failure> {
    // The very same picture of the person again adds nothing.
    let insert = change.prepare(
        "INSERT INTO template (gallery, id, person, generation, picture, quality, created_ms, vector) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT template_picture DO NOTHING",
    )?;
    let earlier = change.prepare(
        "SELECT id FROM template WHERE gallery = $1 AND person = $2 AND generation = $3 AND picture = $4",
    )?;
    let mut known = Known::default();
    let mut enrolled = Vec::with_capacity(templates.len());
    for new in templates {
        known.check(change, new)?;
        let (person, generation) = (signed(new.person), signed(new.generation));
        let picture = &new.picture.0[..];
        let id = change.last.template + 1;
        let inserted = change.execute(
            &insert,
            &[
                &signed(id),
                &person,
                &generation,
                &picture,
                &to_json(&new.quality)?,
                &now_ms,
                &Vector::from(new.vector.clone()),
            ],
        )?;
        if inserted == 1 {
            change.last.template = id;
            change.log(ChangeKind::TemplateAdded, id, now_ms);
            enrolled.push(Enrolled { id, new: true });
            continue;
        }
        for row in change.query(&earlier, &[&person, &generation, &picture])? {
            let id = unsigned(&row, 0)?;
            enrolled.push(Enrolled { id, new: false });
        }
    }
    // Earlier notes that these pictures cannot be enrolled no longer hold.
    let pictures: Vec<&[u8]> = templates
        .iter()
        .zip(&enrolled)
        .filter(|(_, enrolled)| enrolled.new)
        .map(|(new, _)| &new.picture.0[..])
        .collect();
    change.execute(
        "DELETE FROM rejection WHERE gallery = $1 AND picture = ANY ($2)",
        &[&pictures],
    )?;
    Ok(enrolled)
}

pub(super) fn restore(change: &mut Change<'_>, templates: &[Template]) -> Result<(), Failure> {
    let mut known = Known::default();
    for template in templates {
        known.check(change, &template.given)?;
    }
    let vector = change.prepare("SELECT vector FROM template")?.columns()[0]
        .type_()
        .clone();
    let gallery = change.gallery;
    let rows = change.transaction().copy_in(
        "COPY template (gallery, id, person, generation, picture, quality, created_ms, vector) FROM STDIN BINARY",
    )?;
    let types = [
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BYTEA,
        Type::TEXT,
        Type::INT8,
        vector,
    ];
    let mut rows = BinaryCopyInWriter::new(rows, &types);
    for template in templates {
        let given = &template.given;
        rows.write(&[
            &gallery,
            &signed(template.id),
            &signed(given.person),
            &signed(given.generation),
            &&given.picture.0[..],
            &to_json(&given.quality)?,
            &template.created_ms,
            &Vector::from(given.vector.clone()),
        ])?;
    }
    rows.finish()?;
    Ok(())
}

/// The people and generations that were looked up.
#[derive(Default)]
struct Known {
    generations: HashMap<u64, NewGeneration>,
    person: Option<u64>,
}

impl Known {
    /// Refuses what cannot be a template.
    fn check(&mut self, change: &mut Change<'_>, new: &NewTemplate) -> Result<(), Failure> {
        if self.person != Some(new.person) {
            people::must_exist(change, new.person)?;
            self.person = Some(new.person);
        }
        let made_for = match self.generations.entry(new.generation) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let gallery = change.gallery;
                let found = generations::one(change.client(), gallery, new.generation)?;
                unknown.insert(found.made_for)
            }
        };
        Ok(rules::check_template(new, made_for)?)
    }
}

/// A part of the templates for which a condition holds, in order of their numbers: those after `after`. An empty one is the end.
pub(super) fn part(
    client: &mut impl GenericClient,
    gallery: i64,
    condition: &str,
    value: u64,
    after: u64,
) -> Result<Vec<Template>, Failure> {
    let sql = format!(
        "SELECT id, person, generation, picture, quality, created_ms, vector FROM template \
         WHERE gallery = $1 AND {condition} AND id > $3 ORDER BY id LIMIT $4"
    );
    let values: [&(dyn ToSql + Sync); 4] = [&gallery, &signed(value), &signed(after), &AT_ONCE];
    client.query(&sql, &values)?.iter().map(template).collect()
}

/// All templates of people in a generation.
pub(super) fn of_people(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: u64,
    people: &[i64],
) -> Result<Vec<Template>, Failure> {
    let found = client.query(
        "SELECT id, person, generation, picture, quality, created_ms, vector FROM template \
         WHERE gallery = $1 AND generation = $2 AND person = ANY ($3)",
        &[&gallery, &signed(generation), &people],
    )?;
    found.iter().map(template).collect()
}

/// All templates for which a condition holds, in order of their numbers.
pub(super) fn all(
    client: &mut impl GenericClient,
    gallery: i64,
    condition: &str,
    value: u64,
) -> Result<Vec<Template>, Failure> {
    let mut all: Vec<Template> = Vec::new();
    loop {
        let after = all.last().map_or(0, |template| template.id);
        let part = part(client, gallery, condition, value, after)?;
        if part.is_empty() {
            return Ok(all);
        }
        all.extend(part);
    }
}

fn template(row: &Row) -> Result<Template, Failure> {
    let id = unsigned(row, 0)?;
    Ok(Template {
        id,
        given: NewTemplate {
            person: unsigned(row, 1)?,
            generation: unsigned(row, 2)?,
            vector: row.try_get::<_, Vector>(6)?.into(),
            picture: digest(row, 3)?,
            quality: json(row.try_get(4)?, || format!("template {id}, quality"))?,
        },
        created_ms: row.try_get(5)?,
    })
}

/// The digest of a picture in a row.
pub(super) fn digest(row: &Row, column: usize) -> Result<PictureDigest, Failure> {
    let bytes: &[u8] = row.try_get(column)?;
    let bytes = bytes
        .try_into()
        .map_err(|_| Failure::Row(format!("a digest of {} bytes, expected 32", bytes.len())))?;
    Ok(PictureDigest(bytes))
}

pub(super) fn count(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: u64,
) -> Result<u64, Failure> {
    let row = client.query_one(
        "SELECT count(*) FROM template WHERE gallery = $1 AND generation = $2",
        &[&gallery, &signed(generation)],
    )?;
    unsigned(&row, 0)
}

pub(super) fn by_person(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: u64,
) -> Result<Vec<(u64, u64)>, Failure> {
    let found = client.query(
        "SELECT person, count(*) FROM template WHERE gallery = $1 AND generation = $2 GROUP BY person ORDER BY person",
        &[&gallery, &signed(generation)],
    )?;
    found
        .iter()
        .map(|row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))
        .collect()
}

/// Who has a template of a picture.
pub(super) fn owners(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: u64,
    picture: &PictureDigest,
) -> Result<Vec<u64>, Failure> {
    let found = client.query(
        "SELECT person FROM template WHERE gallery = $1 AND generation = $2 AND picture = $3 ORDER BY person",
        &[&gallery, &signed(generation), &&picture.0[..]],
    )?;
    found.iter().map(|row| unsigned(row, 0)).collect()
}

pub(super) fn delete(change: &mut Change<'_>, id: u64, now_ms: i64) -> Result<(), Failure> {
    let deleted = change.execute(
        "DELETE FROM template WHERE gallery = $1 AND id = $2",
        &[&signed(id)],
    )?;
    if deleted == 0 {
        return Err(unknown("template", id));
    }
    super::pictures::drop_unused(change)?;
    change.log(ChangeKind::TemplateDeleted, id, now_ms);
    Ok(())
}
