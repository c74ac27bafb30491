//! `siamese keys`.

use anyhow::Result;
use serde::Serialize;
use siamese_serve::{Key, KeyFile, Scope};

use super::people::now_ms;
use crate::args::{KeyScope, KeysCommand};
use crate::output::{Output, table};

#[derive(Serialize)]
struct Added<'a> {
    id: &'a str,
    key: &'a str,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    label: &'a str,
    scope: Scope,
    /// Absent for all.
    galleries: Option<Vec<&'a str>>,
    created_ms: i64,
}

#[derive(Serialize)]
struct Revoked<'a> {
    revoked: &'a [String],
}

pub(crate) fn run(command: &KeysCommand, output: Output) -> Result<()> {
    match command {
        KeysCommand::Add {
            keys,
            label,
            scope,
            gallery,
        } => {
            let scope = match scope {
                KeyScope::Read => Scope::Read,
                KeyScope::Enrol => Scope::Enrol,
                KeyScope::Admin => Scope::Admin,
            };
            let new = KeyFile::read_or_new(keys)?.add(label, scope, gallery, now_ms())?;
            let added = Added {
                id: &new.id,
                key: &new.key,
            };
            output.note("Keep it well: it is not shown again, and the file cannot give it back.");
            output.result(&added, &new.key)
        }
        KeysCommand::List { keys } => {
            let file = KeyFile::read(keys)?;
            let listed: Vec<Listed<'_>> = file.keys().iter().map(listed).collect();
            output.result(&listed, &text(&listed))
        }
        KeysCommand::Revoke { keys, ids } => {
            let mut file = KeyFile::read(keys)?;
            ids.iter().try_for_each(|id| file.revoke(id))?;
            let text = format!("revoked: {}", ids.join(", "));
            output.result(&Revoked { revoked: ids }, &text)
        }
    }
}

fn listed(key: &Key) -> Listed<'_> {
    let galleries = key.galleries.as_ref();
    Listed {
        id: &key.id,
        label: &key.label,
        scope: key.scope,
        galleries: galleries.map(|names| names.iter().map(String::as_str).collect()),
        created_ms: key.created_ms,
    }
}

fn text(keys: &[Listed<'_>]) -> String {
    let head = ["id", "allows", "galleries", "made", "for"].map(str::to_owned);
    let row = |key: &Listed<'_>| {
        let scope = match key.scope {
            Scope::Read => "read",
            Scope::Enrol => "enrol",
            Scope::Admin => "admin",
        };
        let galleries = key.galleries.as_ref();
        vec![
            key.id.to_owned(),
            scope.to_owned(),
            galleries.map_or_else(|| "all".to_owned(), |names| names.join(", ")),
            siamese_use::time_text(key.created_ms),
            key.label.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = std::iter::once(head.to_vec())
        .chain(keys.iter().map(row))
        .collect();
    table(&rows)
}
