//! `siamese forget`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_use::gallery::{Error, Person, Store};

use super::{count, now_ms};
use crate::args::ForgetArgs;
use crate::output::Output;

#[derive(Serialize)]
struct Report {
    gallery: String,
    forgotten: Vec<String>,
    /// Notes on rejected pictures of people who are not in the gallery, which were deleted.
    rejections: usize,
    /// People in the gallery now.
    gallery_people: usize,
}

pub(crate) fn run(args: &ForgetArgs, output: Output) -> Result<ExitCode> {
    let mut store = args.gallery.open()?;
    let now = now_ms();
    let mut people = Vec::new();
    // What is wrong with one of them does not keep the others.
    let mut failed = Vec::new();
    for id in &args.people {
        match store.person_by_external_id(id)? {
            Some(person) => people.push(person),
            None => {
                let unknown = Error::Unknown {
                    what: "person",
                    which: format!("{id:?}"),
                };
                failed.push(unknown.to_string());
            }
        }
    }
    if args.expired {
        let expired = |person: &Person| person.given.expires_ms.is_some_and(|at| at <= now);
        people.extend(store.people()?.into_iter().filter(expired));
    }
    people.sort_by_key(|person| person.number);
    people.dedup_by_key(|person| person.number);
    let mut forgotten = Vec::new();
    for person in people {
        let id = person.given.external_id;
        match store.forget_person(person.number, now) {
            Ok(()) => forgotten.push(id),
            Err(error) => failed.push(format!("{id:?}: {:#}", anyhow::Error::from(error))),
        }
    }
    let rejections = match args.rejections {
        true => store.forget_rejections(now).unwrap_or_else(|error| {
            let error = anyhow::Error::from(error);
            failed.push(format!("the notes on rejected pictures: {error:#}"));
            0
        }),
        false => 0,
    };
    let report = Report {
        rejections,
        gallery: args.gallery.to_string(),
        gallery_people: store.people()?.len(),
        forgotten,
    };
    let mut text = match report.forgotten.is_empty() {
        true if args.rejections || !failed.is_empty() => String::new(),
        true => "Nobody's time has come.".to_owned(),
        false => {
            let forgotten = report.forgotten.join(", ");
            let left = match args.gallery.file() {
                Some(_) => format!(
                    "No byte of them is left in {}; copies and exports of it are not touched.",
                    report.gallery
                ),
                None => "Nobody can read them in the database any more. Bytes of them may stay in the server's files until \
                         siamese gallery compact, and in its journal (WAL), archives, backups and standbys."
                    .to_owned(),
            };
            format!("Forgotten: {forgotten}. {left}")
        }
    };
    if args.rejections {
        let notes = count(rejections, "note", "notes");
        text = format!("{text}\n{notes} on rejected pictures deleted.")
            .trim_start()
            .to_owned();
    }
    if !text.is_empty() {
        output.result(&report, &text)?;
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}
