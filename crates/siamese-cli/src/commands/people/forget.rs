//! `siamese forget`.

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use siamese_use::gallery::{Error, Person, SqliteStore, Store};

use super::now_ms;
use crate::args::ForgetArgs;
use crate::output::Output;

#[derive(Serialize)]
struct Report {
    gallery: String,
    forgotten: Vec<String>,
    /// People in the gallery now.
    gallery_people: usize,
}

pub(crate) fn run(args: &ForgetArgs, output: Output) -> Result<ExitCode> {
    let mut store = SqliteStore::open(&args.gallery)?;
    let now = now_ms();
    let mut people = Vec::new();
    for id in &args.people {
        let person = store.person_by_external_id(id)?;
        people.push(person.ok_or_else(|| Error::Unknown {
            what: "person",
            which: format!("{id:?}"),
        })?);
    }
    if args.expired {
        let expired = |person: &Person| person.given.expires_ms.is_some_and(|at| at <= now);
        people.extend(store.people()?.into_iter().filter(expired));
    }
    people.sort_by_key(|person| person.number);
    people.dedup_by_key(|person| person.number);
    for person in &people {
        store.forget_person(person.number, now)?;
    }
    let report = Report {
        gallery: args.gallery.display().to_string(),
        gallery_people: store.people()?.len(),
        forgotten: people
            .into_iter()
            .map(|person| person.given.external_id)
            .collect(),
    };
    let text = match report.forgotten.is_empty() {
        true => "Nobody's time has come.".to_owned(),
        false => format!(
            "Forgotten: {}. No byte of them is left in {}; copies and exports of it are not touched.",
            report.forgotten.join(", "),
            report.gallery
        ),
    };
    output.result(&report, &text)?;
    Ok(ExitCode::SUCCESS)
}
