//! Looking for damage.

use rusqlite::Connection;

use super::failure::Failure;
use super::{generations, notes, people, templates};
use crate::store::row::note_unreadable;
use crate::store::{Finding, rules};

/// What SQLite says about the file, then what a row alone or two together cannot be.
pub(super) fn check(connection: &Connection) -> Result<Vec<Finding>, Failure> {
    let mut found = integrity(connection)?;
    found.extend(dangling(connection)?);
    // What cannot be read as what it should be ends the reading of its table.
    note_unreadable(&mut found, people::all(connection))?;
    note_unreadable(&mut found, notes::changes_after(connection, 0))?;
    note_unreadable(&mut found, notes::rejections(connection))?;
    note_unreadable(&mut found, notes::exclusions(connection))?;
    for generation in note_unreadable(&mut found, generations::all(connection))?.unwrap_or_default()
    {
        let read = templates::each(
            connection,
            "generation = ?1",
            generation.number,
            &mut |template| {
                found.extend(rules::wrong_vector(&template, &generation.made_for));
                Ok(())
            },
        );
        note_unreadable(&mut found, read)?;
    }
    Ok(found)
}

fn integrity(connection: &Connection) -> Result<Vec<Finding>, Failure> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let said = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    let place = || "the file".to_owned();
    Ok(said
        .into_iter()
        .filter(|what| what != "ok")
        .map(|what| Finding {
            place: place(),
            what,
        })
        .collect())
}

/// Rows that name a row which is not there.
fn dangling(connection: &Connection) -> Result<Vec<Finding>, Failure> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        let (table, number, of): (String, Option<i64>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let place = number.map_or_else(|| table.clone(), |number| format!("{table} {number}"));
        Ok(Finding {
            place,
            what: format!("names a {of} that is not there"),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
