//! `siamese gallery`.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use siamese_use::gallery::{Contents, Fusion, Generation, Metadata, Metric, SqliteStore, Store};
use siamese_use::{Calibration, shortened};

use super::{calibrate, count, fewest_and_most, of_calibration};
use crate::args::GalleryCommand;
use crate::output::{Output, table, thousands};

pub(crate) fn run(command: &GalleryCommand, output: Output) -> Result<ExitCode> {
    match command {
        GalleryCommand::Info { gallery } => info(gallery, output)?,
        GalleryCommand::List {
            gallery,
            rejected: false,
        } => list(gallery, output)?,
        GalleryCommand::List {
            gallery,
            rejected: true,
        } => rejected(gallery, output)?,
        GalleryCommand::Check { gallery } => return check(gallery, output),
        GalleryCommand::Export { gallery, folder } => export(gallery, folder, output)?,
        GalleryCommand::Import { folder, gallery } => import(folder, gallery, output)?,
        GalleryCommand::Compact { gallery } => compact(gallery, output)?,
        GalleryCommand::Calibrate { gallery, from } => calibrate::run(gallery, from, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Info {
    gallery: String,
    people: usize,
    pictures_kept: u64,
    rejections: usize,
    bytes: u64,
    active: u64,
    generations: Vec<GenerationInfo>,
}

#[derive(Serialize)]
struct GenerationInfo {
    number: u64,
    contract: String,
    dimension: usize,
    metric: Metric,
    fusion: Fusion,
    templates: u64,
    model_kept: bool,
    calibration: Option<Calibration>,
}

fn info(path: &Path, output: Output) -> Result<()> {
    let store = SqliteStore::open(path)?;
    let of = |generation: Generation| -> Result<GenerationInfo> {
        let made_for = generation.made_for;
        Ok(GenerationInfo {
            number: generation.number,
            templates: store.count_templates(generation.number)?,
            model_kept: store.model(&made_for.contract)?.is_some(),
            contract: made_for.contract,
            dimension: made_for.dimension,
            metric: made_for.metric,
            fusion: made_for.fusion,
            calibration: generation.calibration,
        })
    };
    let generations = store.generations()?.into_iter().map(of);
    let info = Info {
        gallery: path.display().to_string(),
        people: store.people()?.len(),
        pictures_kept: store.count_pictures()?,
        rejections: store.rejections()?.len(),
        bytes: std::fs::metadata(path).map_or(0, |found| found.len()),
        active: store.active_generation()?.number,
        generations: generations.collect::<Result<_>>()?,
    };
    let templates = fewest_and_most(&store, info.active)?;
    output.result(&info, &text_of_info(path, &info, templates))
}

fn text_of_info(path: &Path, info: &Info, templates: (usize, usize)) -> String {
    let mut lines = vec![format!(
        "{}: {}, {} kept, {} noted that could not be enrolled; {} bytes",
        info.gallery,
        count(info.people, "person", "people"),
        count(info.pictures_kept as usize, "picture", "pictures"),
        count(info.rejections, "picture", "pictures"),
        thousands(info.bytes)
    )];
    for one in &info.generations {
        let active = one.number == info.active;
        lines.push(format!(
            "generation {}{}: {} of {} numbers by the model of contract {}{}; {:?}, fusion {:?}",
            one.number,
            if active { ", in use" } else { "" },
            count(one.templates as usize, "template", "templates"),
            one.dimension,
            shortened(&one.contract),
            if one.model_kept {
                ", kept"
            } else {
                ", not kept"
            },
            one.metric,
            one.fusion
        ));
        if let Some(made) = one
            .calibration
            .as_ref()
            .map(|calibration| &calibration.made)
        {
            lines.push(format!(
                "  calibrated on {} subjects ({})",
                thousands(made.subjects),
                made.how
            ));
        }
        if active {
            let people = info.people as u64;
            lines.extend(of_calibration(
                path,
                one.calibration.as_ref(),
                people,
                templates,
            ));
        }
    }
    lines.join("\n")
}

#[derive(Serialize)]
struct Listed {
    id: String,
    uuid: String,
    name: Option<String>,
    templates: u64,
    /// Milliseconds since 1970 (UTC).
    expires_ms: Option<i64>,
    created_ms: i64,
    metadata: Metadata,
}

fn list(path: &Path, output: Output) -> Result<()> {
    let store = SqliteStore::open(path)?;
    let active = store.active_generation()?.number;
    let templates: HashMap<u64, u64> = store.templates_by_person(active)?.into_iter().collect();
    let people: Vec<Listed> = store
        .people()?
        .into_iter()
        .map(|person| Listed {
            templates: templates.get(&person.number).copied().unwrap_or(0),
            id: person.given.external_id,
            uuid: person.uuid.to_string(),
            name: person.given.name,
            expires_ms: person.given.expires_ms,
            created_ms: person.created_ms,
            metadata: person.given.metadata,
        })
        .collect();
    let head = ["id", "name", "templates", "expires"]
        .map(str::to_owned)
        .to_vec();
    let rows = people.iter().map(|person| {
        vec![
            person.id.clone(),
            person.name.clone().unwrap_or_default(),
            person.templates.to_string(),
            person
                .expires_ms
                .map_or_else(String::new, siamese_use::time_text),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    output.result(&people, &table(&rows))
}

#[derive(Serialize)]
struct Noted {
    person: Option<String>,
    picture: String,
    reason: String,
    at_ms: i64,
}

fn rejected(path: &Path, output: Output) -> Result<()> {
    let store = SqliteStore::open(path)?;
    let mut notes = Vec::new();
    for note in store.rejections()? {
        let person = note.person.map(|number| store.person(number)).transpose()?;
        notes.push(Noted {
            person: person.flatten().map(|person| person.given.external_id),
            picture: note.picture.to_string(),
            reason: note.reason,
            at_ms: note.at_ms,
        });
    }
    let head = ["picture", "person", "reason"].map(str::to_owned).to_vec();
    let rows = notes.iter().map(|note| {
        let person = note.person.clone().unwrap_or_default();
        vec![shortened(&note.picture), person, note.reason.clone()]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    output.result(&notes, &table(&rows))
}

#[derive(Serialize)]
struct Checked {
    gallery: String,
    findings: Vec<String>,
}

fn check(path: &Path, output: Output) -> Result<ExitCode> {
    let store = SqliteStore::open(path)?;
    let findings = store
        .check()?
        .into_iter()
        .map(|finding| finding.to_string());
    let checked = Checked {
        gallery: path.display().to_string(),
        findings: findings.collect(),
    };
    let whole = checked.findings.is_empty();
    let text = match whole {
        true => format!("{} is whole", checked.gallery),
        false => format!(
            "{}\n{} is damaged: restore a copy",
            checked.findings.join("\n"),
            checked.gallery
        ),
    };
    output.result(&checked, &text)?;
    Ok(match whole {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

#[derive(Serialize)]
struct Moved {
    from: String,
    to: String,
    people: usize,
    templates: usize,
    pictures: usize,
}

fn moved(from: &Path, to: &Path, contents: &Contents, output: Output) -> Result<()> {
    let moved = Moved {
        from: from.display().to_string(),
        to: to.display().to_string(),
        people: contents.people.len(),
        templates: contents.templates.len(),
        pictures: contents.pictures.len(),
    };
    let text = format!(
        "{} with {} and {} from {} are in {}",
        count(moved.people, "person", "people"),
        count(moved.templates, "template", "templates"),
        count(moved.pictures, "picture", "pictures"),
        moved.from,
        moved.to
    );
    output.result(&moved, &text)
}

fn export(path: &Path, folder: &Path, output: Output) -> Result<()> {
    let contents = SqliteStore::open(path)?.contents()?;
    contents.write_to(folder)?;
    moved(path, folder, &contents, output)
}

fn import(folder: &Path, path: &Path, output: Output) -> Result<()> {
    let contents = Contents::read_from(folder)?;
    SqliteStore::create_from(path, &contents)?;
    moved(folder, path, &contents, output)
}

#[derive(Serialize)]
struct Compacted {
    gallery: String,
    bytes_before: u64,
    bytes: u64,
}

fn compact(path: &Path, output: Output) -> Result<()> {
    let bytes = || std::fs::metadata(path).map_or(0, |found| found.len());
    let bytes_before = bytes();
    SqliteStore::open(path)?.compact()?;
    let compacted = Compacted {
        gallery: path.display().to_string(),
        bytes_before,
        bytes: bytes(),
    };
    let text = format!(
        "{}: {} bytes, {} before",
        compacted.gallery,
        thousands(compacted.bytes),
        thousands(compacted.bytes_before)
    );
    output.result(&compacted, &text)
}
