//! The file of a gallery: made whole, recognised, and brought to the current format.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::Error;
use crate::store::row::Said;
use crate::unfinished::{self, Unfinished};

/// What SQLite calls an application id: "gall". A file with another one is no gallery.
const APPLICATION: i64 = 0x6761_6c6c;

/// The schema, one step after the other. A file of format n has had the first n.
const FORMATS: [&str; 3] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
];

/// How long to wait for another program that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Makes the file of a new gallery and lets `fill` put in what it begins with. The file appears whole or not at all.
pub(super) fn create(
    path: &Path,
    fill: impl FnOnce(&Connection) -> Result<(), Error>,
) -> Result<(), Error> {
    if path.symlink_metadata().is_ok() {
        return Err(Error::Exists {
            path: path.to_owned(),
        });
    }
    let made = |path: &Path| File::create_new(path).map(drop);
    let unfinished = Unfinished::make(path, made).map_err(|source| Error::Io {
        action: "create",
        path: path.to_owned(),
        source,
    })?;
    let made = fill_new(&unfinished.path, fill).and_then(|()| {
        // Other than a rename, a link never replaces what has appeared there in the meantime.
        fs::hard_link(&unfinished.path, path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists {
                path: path.to_owned(),
            },
            _ => Error::Io {
                action: "create",
                path: path.to_owned(),
                source,
            },
        })
    });
    // One that stays is cleared by whoever opens or makes the gallery next.
    let _ = fs::remove_file(&unfinished.path);
    made
}

fn fill_new(path: &Path, fill: impl FnOnce(&Connection) -> Result<(), Error>) -> Result<(), Error> {
    let wrong = |source: rusqlite::Error| source.failed("create", path);
    let mut connection = connected(path)?;
    configure(&connection).map_err(wrong)?;
    let change = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(wrong)?;
    change
        .pragma_update(None, "application_id", APPLICATION)
        .map_err(wrong)?;
    migrate(&change, 0, &FORMATS).map_err(wrong)?;
    fill(&change)?;
    change.commit().map_err(wrong)?;
    connection.close().map_err(|(_, source)| wrong(source))
}

/// Opens the file of a gallery, and brings it to the current format.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    check_length(path)?;
    unfinished::clear(path);
    let wrong = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_sqlite(path, "a file that begins otherwise"),
        _ => source.failed("open", path),
    };
    let mut connection = connected(path)?;
    let number = |connection: &Connection, name| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
    };
    let application = number(&connection, "application_id").map_err(wrong)?;
    if application != APPLICATION {
        return Err(Error::Foreign {
            path: path.to_owned(),
            expected: "one that a gallery was created in",
            found: format!("an SQLite database of another program (application id {application})"),
        });
    }
    let known = FORMATS.len() as i64;
    let found = number(&connection, "user_version").map_err(wrong)?;
    if found > known {
        return Err(Error::FutureFormat {
            path: path.to_owned(),
            found,
            known,
        });
    }
    // Only now: it writes to the file.
    configure(&connection).map_err(wrong)?;
    if found < known {
        let change = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(wrong)?;
        // Another program may have done it meanwhile.
        let found = number(&change, "user_version").map_err(wrong)?;
        migrate(&change, found, &FORMATS).map_err(wrong)?;
        change.commit().map_err(wrong)?;
    }
    Ok(connection)
}

/// Takes the steps that a file of format `found` has not had.
fn migrate(connection: &Connection, found: i64, formats: &[&str]) -> rusqlite::Result<()> {
    for step in formats.iter().skip(usize::try_from(found).unwrap_or(0)) {
        connection.execute_batch(step)?;
    }
    connection.pragma_update(None, "user_version", formats.len() as i64)
}

/// Refuses an empty file, which SQLite would take for a new database. The file itself is left to SQLite: closing it elsewhere
/// would drop the locks that this process holds on it.
fn check_length(path: &Path) -> Result<(), Error> {
    let found = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::NoSuchGallery {
            path: path.to_owned(),
        },
        _ => Error::Io {
            action: "read",
            path: path.to_owned(),
            source,
        },
    })?;
    match found.len() {
        0 => Err(not_sqlite(path, "an empty file")),
        _ => Ok(()),
    }
}

fn not_sqlite(path: &Path, found: &str) -> Error {
    Error::Foreign {
        path: path.to_owned(),
        expected: "an SQLite database",
        found: found.to_owned(),
    }
}

fn connected(path: &Path) -> Result<Connection, Error> {
    let wrong = |source: rusqlite::Error| source.failed("open", path);
    // Without the flag for URIs, so that a path is a path whatever it begins with.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(wrong)?;
    connection.busy_timeout(PATIENCE).map_err(wrong)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    let set = |name, value| connection.pragma_update(None, name, value);
    set("journal_mode", "WAL")?;
    // What has been acknowledged outlives a failure of power, too.
    set("synchronous", "FULL")?;
    set("foreign_keys", "ON")?;
    set("secure_delete", "ON")?;
    set("trusted_schema", "OFF")?;
    // Sorting must not leave vectors or names in temporary files.
    set("temp_store", "MEMORY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_format_takes_the_steps_it_has_not_had() {
        let connection = Connection::open_in_memory().unwrap();
        let steps = [
            "CREATE TABLE a (x)",
            "ALTER TABLE a ADD COLUMN y",
            "INSERT INTO a VALUES (1, 2)",
        ];
        migrate(&connection, 0, &steps[..1]).unwrap();
        migrate(&connection, 1, &steps).unwrap();
        migrate(&connection, 3, &steps).unwrap();
        let rows: i64 = connection
            .query_row("SELECT count(*) FROM a WHERE x = 1 AND y = 2", [], |row| {
                row.get(0)
            })
            .unwrap();
        let version: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!((rows, version), (1, 3));
    }
}
