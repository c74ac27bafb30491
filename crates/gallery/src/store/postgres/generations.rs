//! The gallery itself, its generations and their models.

use postgres::{GenericClient, Row};
use verification_figures::Calibration;

use super::change::{Change, check_text, signed, unknown, unsigned};
use super::failure::Failure;
use crate::error::Error;
use crate::records::{ChangeKind, DigestKey, Generation, LastNumbers, NewGeneration};
use crate::store::row::{json, to_json};
use crate::store::rules;

/// What pgvector's type `vector` holds.
const MOST_DIMENSIONS: usize = 16_000;

/// Number and key of digests of the gallery with this name.
pub(super) fn find(
    client: &mut impl GenericClient,
    name: &str,
) -> Result<Option<(i64, DigestKey)>, Failure> {
    let found = client.query_opt(
        "SELECT id, digest_key FROM gallery WHERE name = $1",
        &[&name],
    )?;
    let Some(found) = found else { return Ok(None) };
    let key: Vec<u8> = found.try_get(1)?;
    let key = key
        .try_into()
        .map_err(|_| Failure::Row("gallery, digest_key: expected 32 bytes".to_owned()))?;
    Ok(Some((found.try_get(0)?, DigestKey(key))))
}

/// Puts in the row of a gallery, and returns its number; nothing if the name is taken.
pub(super) fn begin(
    client: &mut impl GenericClient,
    name: &str,
    key: &DigestKey,
    active: u64,
) -> Result<Option<i64>, Failure> {
    let made = client.query_opt(
        "INSERT INTO gallery (name, digest_key, active_generation) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO NOTHING RETURNING id",
        &[&name, &&key.0[..], &signed(active)],
    )?;
    Ok(made.map(|row| row.try_get(0)).transpose()?)
}

pub(super) fn restore(
    change: &mut Change<'_>,
    generations: &[Generation],
    models: &[(String, Vec<u8>)],
) -> Result<(), Failure> {
    for generation in generations {
        insert(change, generation.number, &generation.made_for)?;
        set_calibration(change, generation, generation.calibration.as_ref())?;
    }
    models
        .iter()
        .try_for_each(|(contract, bytes)| put_model(change, contract, bytes))
}

const COLUMNS: &str = "number, contract, dimension, metric, fusion, calibration";

pub(super) fn all(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<Vec<Generation>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM generation WHERE gallery = $1 ORDER BY number");
    client
        .query(&sql, &[&gallery])?
        .iter()
        .map(generation)
        .collect()
}

pub(super) fn one(
    client: &mut impl GenericClient,
    gallery: i64,
    number: u64,
) -> Result<Generation, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM generation WHERE gallery = $1 AND number = $2");
    let found = client.query_opt(&sql, &[&gallery, &signed(number)])?;
    found.map_or_else(
        || Err(unknown("generation", number)),
        |row| generation(&row),
    )
}

pub(super) fn active(client: &mut impl GenericClient, gallery: i64) -> Result<Generation, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM generation JOIN gallery ON gallery = id AND number = active_generation WHERE id = $1"
    );
    let found = client.query_opt(&sql, &[&gallery])?;
    found.map_or_else(
        || Err(unknown("row of its own in the database, number", gallery)),
        |row| generation(&row),
    )
}

fn generation(row: &Row) -> Result<Generation, Failure> {
    let number = unsigned(row, 0)?;
    let place = |column| move || format!("generation {number}, {column}");
    let calibration: Option<&str> = row.try_get(5)?;
    Ok(Generation {
        number,
        made_for: NewGeneration {
            contract: row.try_get(1)?,
            dimension: row.try_get::<_, i32>(2)? as usize,
            metric: json(row.try_get(3)?, place("metric"))?,
            fusion: json(row.try_get(4)?, place("fusion"))?,
        },
        calibration: calibration
            .map(|text| json(text, place("calibration")))
            .transpose()?,
    })
}

pub(super) fn add(
    change: &mut Change<'_>,
    new: &NewGeneration,
    now_ms: i64,
) -> Result<u64, Failure> {
    change.last.generation += 1;
    let number = change.last.generation;
    insert(change, number, new)?;
    change.log(ChangeKind::GenerationAdded, number, now_ms);
    Ok(number)
}

fn insert(change: &mut Change<'_>, number: u64, new: &NewGeneration) -> Result<(), Failure> {
    rules::check_generation(new)?;
    check_text("the contract of a generation", &new.contract)?;
    if new.dimension > MOST_DIMENSIONS {
        return Err(Error::Argument {
            argument: "the dimension of the vectors",
            expected: "at most 16,000, which is what pgvector keeps; keep this gallery in a file",
            found: new.dimension.to_string(),
        }
        .into());
    }
    change.execute(
        "INSERT INTO generation (gallery, number, contract, dimension, metric, fusion) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&signed(number),
            &new.contract,
            &(new.dimension as i32),
            &to_json(&new.metric)?,
            &to_json(&new.fusion)?,
        ],
    )?;
    Ok(())
}

pub(super) fn activate(change: &mut Change<'_>, number: u64, now_ms: i64) -> Result<(), Failure> {
    let gallery = change.gallery;
    one(change.client(), gallery, number)?;
    change.execute(
        "UPDATE gallery SET active_generation = $2 WHERE id = $1",
        &[&signed(number)],
    )?;
    change.log(ChangeKind::GenerationActivated, number, now_ms);
    Ok(())
}

pub(super) fn prune(change: &mut Change<'_>, number: u64, now_ms: i64) -> Result<(), Failure> {
    let gallery = change.gallery;
    if active(change.client(), gallery)?.number == number {
        return Err(Error::ActiveGeneration { number }.into());
    }
    let deleted = change.execute(
        "DELETE FROM generation WHERE gallery = $1 AND number = $2",
        &[&signed(number)],
    )?;
    if deleted == 0 {
        return Err(unknown("generation", number));
    }
    change.execute(
        "DELETE FROM model WHERE gallery = $1 AND contract NOT IN (SELECT contract FROM generation WHERE gallery = $1)",
        &[],
    )?;
    super::pictures::drop_unused(change)?;
    change.log(ChangeKind::GenerationPruned, number, now_ms);
    Ok(())
}

pub(super) fn calibrate(
    change: &mut Change<'_>,
    number: u64,
    calibration: Option<&Calibration>,
    now_ms: i64,
) -> Result<(), Failure> {
    let gallery = change.gallery;
    let of = one(change.client(), gallery, number)?;
    set_calibration(change, &of, calibration)?;
    change.log(ChangeKind::Calibrated, number, now_ms);
    Ok(())
}

fn set_calibration(
    change: &mut Change<'_>,
    of: &Generation,
    calibration: Option<&Calibration>,
) -> Result<(), Failure> {
    let text = calibration
        .map(|calibration| to_json(&rules::checked_calibration(calibration, of)?))
        .transpose()?;
    change.execute(
        "UPDATE generation SET calibration = $3 WHERE gallery = $1 AND number = $2",
        &[&signed(of.number), &text],
    )?;
    Ok(())
}

pub(super) fn put_model(
    change: &mut Change<'_>,
    contract: &str,
    bytes: &[u8],
) -> Result<(), Failure> {
    change.execute(
        "INSERT INTO model (gallery, contract, bytes) VALUES ($1, $2, $3) \
         ON CONFLICT (gallery, contract) DO UPDATE SET bytes = excluded.bytes",
        &[&contract, &bytes],
    )?;
    Ok(())
}

pub(super) fn model(
    client: &mut impl GenericClient,
    gallery: i64,
    contract: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let found = client.query_opt(
        "SELECT bytes FROM model WHERE gallery = $1 AND contract = $2",
        &[&gallery, &contract],
    )?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

pub(super) fn models(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let found = client.query(
        "SELECT contract, bytes FROM model WHERE gallery = $1 ORDER BY contract COLLATE \"C\"",
        &[&gallery],
    )?;
    let model = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
    found.iter().map(model).collect()
}

pub(super) fn last_numbers(
    client: &mut impl GenericClient,
    gallery: i64,
) -> Result<LastNumbers, Failure> {
    let row = client.query_one(
        "SELECT last_person, last_template, last_generation FROM gallery WHERE id = $1",
        &[&gallery],
    )?;
    Ok(LastNumbers {
        person: unsigned(&row, 0)?,
        template: unsigned(&row, 1)?,
        generation: unsigned(&row, 2)?,
    })
}
