//! The schema of a database: made, recognised, and brought to the current format.

use std::path::Path;

use postgres::error::SqlState;
use postgres::{Client, GenericClient};

use super::failure::{Failure, told};
use crate::error::Error;
use crate::store::row::Said;

/// The schema, one step after the other. A database of format n has had the first n.
const FORMATS: [&str; 2] = [include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// Whoever makes or changes the schema holds this lock: "gall".
const LOCK: &str = "SELECT pg_advisory_xact_lock(1734437996)";

/// Brings a database that holds galleries to the current format.
///
/// # Errors
/// [`Error::NoSuchGallery`] if it holds none, [`Error::FutureFormat`], [`Error::Database`].
pub(super) fn bring_up(client: &mut Client, path: &Path) -> Result<(), Error> {
    let known = FORMATS.len() as i64;
    match format(client).map_err(|failure| failure.at("open", path))? {
        None => Err(Error::NoSuchGallery {
            path: path.to_owned(),
        }),
        Some(found) if found > known => Err(Error::FutureFormat {
            path: path.to_owned(),
            found,
            known,
        }),
        Some(found) if found == known => Ok(()),
        Some(_) => migrate(client, &FORMATS).map_err(|source| source.failed("bring up", path)),
    }
}

/// Makes the schema in a database that has none.
pub(super) fn make(client: &mut Client, path: &Path) -> Result<(), Error> {
    if format(client)
        .map_err(|failure| failure.at("open", path))?
        .is_some()
    {
        return bring_up(client, path);
    }
    let wrong = |source: postgres::Error| match source.code() {
        Some(code)
            if *code == SqlState::FEATURE_NOT_SUPPORTED || *code == SqlState::UNDEFINED_FILE =>
        {
            Error::Database {
                action: "use pgvector (https://github.com/pgvector/pgvector), which has to be installed, in",
                path: path.to_owned(),
                source: told(source),
            }
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => Error::Database {
            action: "make the schema; let an administrator say CREATE EXTENSION vector and CREATE SCHEMA siamese_gallery \
                     AUTHORIZATION your user, in",
            path: path.to_owned(),
            source: told(source),
        },
        _ => source.failed("make the schema in", path),
    };
    found(client).map_err(wrong)?;
    migrate(client, &FORMATS).map_err(wrong)
}

/// Makes what the tables need.
fn found(client: &mut Client) -> Result<(), postgres::Error> {
    let mut change = client.transaction()?;
    change.batch_execute(LOCK)?;
    // What is there already needs no right to make it.
    let there = change.query_one(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector'), \
         to_regnamespace('siamese_gallery') IS NOT NULL",
        &[],
    )?;
    if !there.try_get::<_, bool>(0)? {
        change.batch_execute("SET LOCAL search_path = public; CREATE EXTENSION vector")?;
    }
    if !there.try_get::<_, bool>(1)? {
        change.batch_execute("CREATE SCHEMA siamese_gallery")?;
    }
    change.batch_execute(
        "CREATE TABLE IF NOT EXISTS siamese_gallery.format (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            number bigint NOT NULL
         );
         INSERT INTO siamese_gallery.format (number) VALUES (0) ON CONFLICT DO NOTHING",
    )?;
    change.commit()?;
    client.batch_execute(
        "SELECT set_config('search_path', 'siamese_gallery, ' || quote_ident(nspname), false)
         FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'vector'",
    )
}

/// The format of the galleries in a database, where it holds any.
fn format(client: &mut impl GenericClient) -> Result<Option<i64>, Failure> {
    let there = client.query_one(
        "SELECT to_regclass('siamese_gallery.format') IS NOT NULL",
        &[],
    )?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let found = client.query_opt("SELECT number FROM siamese_gallery.format", &[])?;
    // 0 is what somebody began to make and has not ended.
    let found = found.map(|row| row.try_get(0)).transpose()?;
    Ok(found.filter(|&format: &i64| format > 0))
}

/// Takes the steps that a database has not had.
fn migrate(client: &mut Client, formats: &[&str]) -> Result<(), postgres::Error> {
    let mut change = client.transaction()?;
    change.batch_execute(LOCK)?;
    // Another program may have done it meanwhile.
    let found: i64 = change
        .query_one("SELECT number FROM siamese_gallery.format", &[])?
        .try_get(0)?;
    for step in formats.iter().skip(usize::try_from(found).unwrap_or(0)) {
        change.batch_execute(step)?;
    }
    let format = found.max(formats.len() as i64);
    change.execute("UPDATE siamese_gallery.format SET number = $1", &[&format])?;
    change.commit()
}
