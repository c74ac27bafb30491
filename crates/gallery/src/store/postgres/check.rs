//! Looking for damage.

use postgres::Client;

use super::failure::Failure;
use super::{generations, notes, people, templates};
use crate::store::row::note_unreadable;
use crate::store::{Finding, rules};

/// What a row alone or two together cannot be. Whether its own pages are whole the server knows: see `pg_amcheck`.
pub(super) fn check(client: &mut Client, gallery: i64) -> Result<Vec<Finding>, Failure> {
    let mut found = dangling(client, gallery)?;
    // What cannot be read as what it should be ends the reading of its table.
    note_unreadable(&mut found, people::all(client, gallery))?;
    note_unreadable(&mut found, notes::changes_after(client, gallery, 0))?;
    note_unreadable(&mut found, notes::rejections(client, gallery))?;
    note_unreadable(&mut found, notes::exclusions(client, gallery))?;
    let known = note_unreadable(&mut found, generations::all(client, gallery))?;
    for generation in known.unwrap_or_default() {
        let mut after = 0;
        loop {
            let part =
                templates::part(client, gallery, "generation = $2", generation.number, after);
            let Some(part) = note_unreadable(&mut found, part)? else {
                break;
            };
            let Some(last) = part.last() else { break };
            after = last.id;
            let wrong = |template| rules::wrong_vector(template, &generation.made_for);
            found.extend(part.iter().filter_map(wrong));
        }
    }
    Ok(found)
}

/// Rows that name a person or a generation which is not there. The server does not let them come about.
fn dangling(client: &mut Client, gallery: i64) -> Result<Vec<Finding>, Failure> {
    let rows = client.query(
        "SELECT format('%s of person %s', kind, owner), 'names a person that is not there' FROM (
            SELECT format('template %s', id) AS kind, person AS owner FROM template WHERE gallery = $1
            UNION ALL SELECT 'picture', person FROM picture WHERE gallery = $1
            UNION ALL SELECT 'rejection', person FROM rejection WHERE gallery = $1 AND person IS NOT NULL
            UNION ALL SELECT 'exclusion', person FROM exclusion WHERE gallery = $1
         ) AS owned WHERE NOT EXISTS (SELECT FROM person WHERE gallery = $1 AND number = owner)
         UNION ALL
         SELECT format('template %s', id), 'names a generation that is not there' FROM template
         WHERE gallery = $1 AND NOT EXISTS
            (SELECT FROM generation WHERE gallery = $1 AND number = template.generation)",
        &[&gallery],
    )?;
    let finding = |row: &postgres::Row| {
        Ok(Finding {
            place: row.try_get(0)?,
            what: row.try_get(1)?,
        })
    };
    rows.iter().map(finding).collect()
}
