//! The gallery itself, its generations and their models.

use rusqlite::{Connection, OptionalExtension, Row, params};
use verification_figures::Calibration;

use super::failure::Failure;
use super::notes::{log, unknown};
use crate::error::Error;
use crate::records::{ChangeKind, DigestKey, Generation, NewGeneration};
use crate::store::row::{json, to_json};
use crate::store::rules;

const COLUMNS: &str = "number, contract, dimension, metric, fusion, calibration";

/// Puts in the one row of the gallery.
pub(super) fn begin(change: &Connection, key: &DigestKey, active: u64) -> Result<(), Failure> {
    change.execute(
        "INSERT INTO gallery (one, digest_key, active_generation) VALUES (1, ?1, ?2)",
        params![key.0, active],
    )?;
    Ok(())
}

pub(super) fn restore(
    change: &Connection,
    generations: &[Generation],
    models: &[(String, Vec<u8>)],
) -> Result<(), Failure> {
    for generation in generations {
        insert(change, Some(generation.number), &generation.made_for)?;
        set_calibration(change, generation, generation.calibration.as_ref())?;
    }
    models
        .iter()
        .try_for_each(|(contract, bytes)| put_model(change, contract, bytes))
}

pub(super) fn digest_key(connection: &Connection) -> Result<DigestKey, Failure> {
    Ok(DigestKey(connection.query_row(
        "SELECT digest_key FROM gallery",
        [],
        |row| row.get(0),
    )?))
}

pub(super) fn active(connection: &Connection) -> Result<u64, Failure> {
    Ok(
        connection.query_row("SELECT active_generation FROM gallery", [], |row| {
            row.get(0)
        })?,
    )
}

pub(super) fn all(connection: &Connection) -> Result<Vec<Generation>, Failure> {
    let mut statement =
        connection.prepare(&format!("SELECT {COLUMNS} FROM generation ORDER BY number"))?;
    let mut rows = statement.query([])?;
    let mut generations = Vec::new();
    while let Some(row) = rows.next()? {
        generations.push(generation(row)?);
    }
    Ok(generations)
}

pub(super) fn one(connection: &Connection, number: u64) -> Result<Generation, Failure> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM generation WHERE number = ?1"
    ))?;
    let mut rows = statement.query([number])?;
    rows.next()?
        .map_or_else(|| Err(unknown("generation", number)), generation)
}

fn generation(row: &Row<'_>) -> Result<Generation, Failure> {
    let number: u64 = row.get(0)?;
    let place = |column| move || format!("generation {number}, {column}");
    let text = |column| row.get::<_, String>(column);
    let made_for = NewGeneration {
        contract: row.get(1)?,
        dimension: row.get(2)?,
        metric: json(&text(3)?, place("metric"))?,
        fusion: json(&text(4)?, place("fusion"))?,
    };
    let calibration = row
        .get::<_, Option<String>>(5)?
        .map(|text| json(&text, place("calibration")))
        .transpose()?;
    Ok(Generation {
        number,
        made_for,
        calibration,
    })
}

pub(super) fn add(change: &Connection, new: &NewGeneration, now_ms: i64) -> Result<u64, Failure> {
    insert(change, None, new)?;
    let number = change.last_insert_rowid().cast_unsigned();
    log(change, ChangeKind::GenerationAdded, number, now_ms)?;
    Ok(number)
}

fn insert(change: &Connection, number: Option<u64>, new: &NewGeneration) -> Result<(), Failure> {
    rules::check_generation(new)?;
    change.execute(
        &format!("INSERT INTO generation ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, NULL)"),
        params![
            number,
            new.contract,
            new.dimension,
            to_json(&new.metric)?,
            to_json(&new.fusion)?
        ],
    )?;
    Ok(())
}

pub(super) fn activate(change: &Connection, number: u64, now_ms: i64) -> Result<(), Failure> {
    one(change, number)?;
    change.execute("UPDATE gallery SET active_generation = ?1", [number])?;
    log(change, ChangeKind::GenerationActivated, number, now_ms)
}

pub(super) fn prune(change: &Connection, number: u64, now_ms: i64) -> Result<(), Failure> {
    if active(change)? == number {
        return Err(Error::ActiveGeneration { number }.into());
    }
    one(change, number)?;
    change.execute("DELETE FROM generation WHERE number = ?1", [number])?;
    change.execute(
        "DELETE FROM model WHERE contract NOT IN (SELECT contract FROM generation)",
        [],
    )?;
    super::pictures::drop_unused(change)?;
    log(change, ChangeKind::GenerationPruned, number, now_ms)
}

pub(super) fn calibrate(
    change: &Connection,
    number: u64,
    calibration: Option<&Calibration>,
    now_ms: i64,
) -> Result<(), Failure> {
    set_calibration(change, &one(change, number)?, calibration)?;
    log(change, ChangeKind::Calibrated, number, now_ms)
}

fn set_calibration(
    change: &Connection,
    of: &Generation,
    calibration: Option<&Calibration>,
) -> Result<(), Failure> {
    let text =
        calibration.map(|calibration| to_json(&rules::checked_calibration(calibration, of)?));
    change.execute(
        "UPDATE generation SET calibration = ?2 WHERE number = ?1",
        params![of.number, text.transpose()?],
    )?;
    Ok(())
}

pub(super) fn put_model(change: &Connection, contract: &str, bytes: &[u8]) -> Result<(), Failure> {
    change.execute(
        "INSERT OR REPLACE INTO model (contract, bytes) VALUES (?1, ?2)",
        params![contract, bytes],
    )?;
    Ok(())
}

pub(super) fn model(connection: &Connection, contract: &str) -> Result<Option<Vec<u8>>, Failure> {
    let mut statement = connection.prepare("SELECT bytes FROM model WHERE contract = ?1")?;
    Ok(statement
        .query_row([contract], |row| row.get(0))
        .optional()?)
}

pub(super) fn models(connection: &Connection) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut statement =
        connection.prepare("SELECT contract, bytes FROM model ORDER BY contract")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
