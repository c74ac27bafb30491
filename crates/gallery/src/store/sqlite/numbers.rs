//! Numbers that were given out, so that none is given twice, even in a copy whose last rows had been deleted.

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::Failure;
use crate::records::LastNumbers;

pub(super) fn last(connection: &Connection) -> Result<LastNumbers, Failure> {
    let of = |table: &str| -> Result<u64, Failure> {
        let mut statement =
            connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?;
        let last = statement.query_row([table], |row| row.get(0)).optional()?;
        Ok(last.unwrap_or(0))
    };
    Ok(LastNumbers {
        person: of("person")?,
        template: of("template")?,
        generation: of("generation")?,
    })
}

/// Never lowers a number.
pub(super) fn restore(change: &Connection, last: &LastNumbers) -> Result<(), Failure> {
    let tables = [
        ("person", last.person),
        ("template", last.template),
        ("generation", last.generation),
    ];
    for (table, number) in tables {
        let raised = change.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
            params![table, number],
        )?;
        if raised == 0 {
            change.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)",
                params![table, number],
            )?;
        }
    }
    Ok(())
}
