//! `siamese identify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use rayon::prelude::*;
use serde::Serialize;
use siamese_lab::percent;
use siamese_use::gallery::{AnyStore, Basis, Candidate, Decision, Gallery, Person, Store};
use siamese_use::{
    Boxes, Embedder, Identified, Opened, PictureReader, QualityLimits, Region, Units, identify,
};

use super::{count, known, now_ms, other_templates, usage};
use crate::args::IdentifyArgs;
use crate::output::{Output, table};

/// Exit code where somebody is unknown.
const UNKNOWN: u8 = 3;
/// Exit code where there is no clear decision.
const NO_DECISION: u8 = 4;

#[derive(Serialize)]
struct Report {
    gallery: String,
    contract: String,
    metric: &'static str,
    images: Vec<Seen>,
    /// What is to be said of the calibration.
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct Seen {
    image: String,
    /// `match`, `unknown`, `uncertain`; `none` without a calibration; absent where the image failed.
    decision: Option<&'static str>,
    /// Id of the person whom the decision names.
    person: Option<String>,
    candidates: Vec<Shown>,
    /// Distance of the second candidate less that of the first.
    gap: Option<f64>,
    /// People who were searched.
    gallery_size: Option<u64>,
    threshold: Option<Threshold>,
    remarks: Vec<String>,
    /// Why the image failed.
    error: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    person: String,
    name: Option<String>,
    distance: f64,
    similarity: f64,
    /// Whether the distance is below the threshold; absent without one.
    accepted: Option<bool>,
    /// The share of strangers who come as close to one person, where it was measured.
    fmr_at_score: Option<f64>,
}

#[derive(Serialize)]
struct Threshold {
    distance: f64,
    similarity: f64,
    target_fpir: f64,
    /// The rate at the threshold.
    fpir: f64,
    /// Whether `fpir` is at most `target_fpir`.
    target_met: bool,
    basis: Basis,
    /// Whether so few people were measured that the rate is an indication.
    weak: bool,
}

pub(crate) fn run(args: &IdentifyArgs, output: Output) -> Result<ExitCode> {
    let regions = regions(args)?;
    let budget = args.effort.begin();
    let Opened {
        gallery, embedder, ..
    } = Opened::open(&args.gallery, None, budget)?;
    let key = gallery.store().digest_key();
    let reader = PictureReader::new(embedder.recipe(), key, QualityLimits::none())
        .knowing(embedder.domain());
    let usual = QualityLimits::usual(embedder.recipe(), embedder.domain());
    let pictures: Vec<_> = args
        .images
        .par_iter()
        .zip(&regions)
        .map(|(path, &region)| reader.of_file(path, region))
        .collect();
    let poor: Vec<Option<String>> = pictures
        .iter()
        .map(|picture| {
            let picture = picture.as_ref().ok()?;
            usual
                .check(&picture.quality)
                .err()
                .map(|fault| fault.to_string())
        })
        .collect();
    let wanted = among(args, &gallery)?;
    let found = identify(
        &gallery,
        &embedder,
        pictures,
        // At least two, for the gap between them.
        args.top.max(2),
        args.fpir.0,
        now_ms(),
        wanted
            .as_ref()
            .map(|wanted| wanted as &dyn Fn(&Person) -> bool),
    )?;
    let name = |candidate: &Candidate| gallery.person(candidate.person)?.given.name.clone();
    let images = args.images.iter().zip(found).zip(poor);
    let report = Report {
        gallery: args.gallery.to_string(),
        contract: embedder.contract().digest.clone(),
        metric: embedder.units().name(),
        remarks: remarks(&gallery),
        images: images
            .map(|((path, found), poor)| match found {
                Ok(found) => {
                    let mut seen = seen(path, &found, poor, &embedder, &name);
                    seen.candidates.truncate(args.top);
                    seen
                }
                Err(fault) => failed(path, &fault.to_string()),
            })
            .collect(),
    };
    output.result(&report, &text(&report))?;
    Ok(exit(&report))
}

fn remarks(gallery: &Gallery<AnyStore>) -> Vec<String> {
    let calibration = gallery.generation().calibration.as_ref();
    calibration
        .and_then(|of| other_templates(of, gallery.index().fewest_and_most()))
        .into_iter()
        .collect()
}

/// Who is searched, if not everybody.
fn among<'a>(
    args: &'a IdentifyArgs,
    gallery: &Gallery<AnyStore>,
) -> Result<Option<impl Fn(&Person) -> bool + 'a>> {
    if args.among.is_empty() {
        return Ok(None);
    }
    let wanted = |person: &Person| {
        let has = |(key, value): &(String, String)| {
            let found = person.given.metadata.get(key);
            found.is_some_and(|found| match found.as_str() {
                Some(text) => text == value,
                None => serde_json::from_str(value)
                    .is_ok_and(|value: serde_json::Value| value == *found),
            })
        };
        args.among.iter().all(has)
    };
    let now = now_ms();
    let kept = gallery
        .store()
        .templates_by_person(gallery.generation().number)?;
    let is_searched = |person: &Person| {
        person.given.expires_ms.is_none_or(|at| at > now)
            && kept
                .binary_search_by_key(&person.number, |&(number, _)| number)
                .is_ok()
    };
    let mut people = gallery.people_after(0, usize::MAX).into_iter();
    if !people.any(|person| wanted(person) && is_searched(person)) {
        let asked: Vec<String> = args
            .among
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        bail!(
            "{}: nobody who is searched in it has {} in the metadata; `siamese gallery list {} --json` shows what there is",
            args.gallery,
            asked.join(" and "),
            args.gallery
        );
    }
    Ok(Some(wanted))
}

/// The box of each image.
fn regions(args: &IdentifyArgs) -> Result<Vec<Option<Region>>> {
    if args.boxes.region.is_some() && args.images.len() > 1 {
        return Err(usage(
            "--box is for one picture; for several, give --boxes CSV",
        ));
    }
    let boxes = args.boxes.boxes.as_deref().map(Boxes::read).transpose()?;
    if let (Some(boxes), Some(list)) = (&boxes, &args.boxes.boxes) {
        let images: Vec<&Path> = args.images.iter().map(PathBuf::as_path).collect();
        boxes.check_used(list, &images)?;
    }
    let of = |path: &Path| args.boxes.region.or_else(|| boxes.as_ref()?.of(path));
    Ok(args.images.iter().map(|path| of(path)).collect())
}

fn seen(
    path: &Path,
    found: &Identified,
    poor: Option<String>,
    embedder: &Embedder,
    name: &dyn Fn(&Candidate) -> Option<String>,
) -> Seen {
    let (units, answer): (Units, _) = (embedder.units(), &found.answer);
    let (decision, number) = match answer.decision {
        Decision::Match { person } => ("match", Some(person)),
        Decision::Uncertain { person } => ("uncertain", Some(person)),
        Decision::Unknown => ("unknown", None),
        Decision::Uncalibrated => ("none", None),
    };
    let candidates: Vec<Shown> = answer
        .candidates
        .iter()
        .map(|candidate| Shown {
            person: candidate.external_id.clone(),
            name: name(candidate),
            distance: units.distance(candidate.score),
            similarity: units.similarity(candidate.score),
            accepted: answer.point.map(|_| candidate.accepted),
            fmr_at_score: candidate.fmr_at_score,
        })
        .collect();
    let gap = match &candidates[..] {
        [first, second, ..] => Some(second.distance - first.distance),
        _ => None,
    };
    let named = answer
        .candidates
        .iter()
        .find(|one| Some(one.person) == number);
    Seen {
        image: path.display().to_string(),
        decision: Some(decision),
        person: named.map(|one| one.external_id.clone()),
        candidates,
        gap,
        gallery_size: Some(answer.gallery_size),
        threshold: answer.point.map(|point| Threshold {
            distance: units.distance(point.threshold),
            similarity: units.similarity(point.threshold),
            target_fpir: answer.target_fpir,
            fpir: point.fpir,
            target_met: answer.target_met,
            basis: point.basis,
            weak: point.weak,
        }),
        remarks: found
            .remarks
            .iter()
            .map(ToString::to_string)
            .chain(poor)
            .collect(),
        error: None,
    }
}

fn failed(path: &Path, error: &str) -> Seen {
    Seen {
        image: path.display().to_string(),
        decision: None,
        person: None,
        candidates: Vec::new(),
        gap: None,
        gallery_size: None,
        threshold: None,
        remarks: Vec::new(),
        error: Some(error.to_owned()),
    }
}

fn exit(report: &Report) -> ExitCode {
    let has = |wanted: &[Option<&str>]| {
        report
            .images
            .iter()
            .any(|one| wanted.contains(&one.decision))
    };
    if has(&[None]) {
        ExitCode::FAILURE
    } else if has(&[Some("uncertain"), Some("none")]) {
        ExitCode::from(NO_DECISION)
    } else if has(&[Some("unknown")]) {
        ExitCode::from(UNKNOWN)
    } else {
        ExitCode::SUCCESS
    }
}

fn text(report: &Report) -> String {
    let each: Vec<String> = report
        .images
        .iter()
        .map(|one| of_image(one, report))
        .collect();
    [&each[..], &report.remarks].concat().join("\n\n")
}

fn of_image(seen: &Seen, report: &Report) -> String {
    if let Some(error) = &seen.error {
        return format!("{}: {error}", seen.image);
    }
    let mut lines = Vec::new();
    if !seen.candidates.is_empty() {
        lines.push(table(&rows(&seen.candidates)).trim_end().to_owned());
    }
    lines.push(decision(seen, report));
    lines.extend(seen.remarks.iter().map(|remark| format!("Note: {remark}")));
    format!("{}\n{}", seen.image, lines.join("\n"))
}

/// The candidates, with what the calibration says of their distances where it says it.
fn rows(candidates: &[Shown]) -> Vec<Vec<String>> {
    let measured = candidates.iter().any(|one| one.fmr_at_score.is_some());
    let mut head = vec!["", "distance", "similarity"];
    head.extend(measured.then_some("strangers as close"));
    head.push("");
    let head = head.into_iter().map(str::to_owned).collect();
    let row = |one: &Shown| {
        let mut row = vec![
            match &one.name {
                Some(name) => format!("{} ({name})", one.person),
                None => one.person.clone(),
            },
            format!("{:.4}", one.distance),
            format!("{:.4}", one.similarity),
        ];
        row.extend(measured.then(|| one.fmr_at_score.map_or_else(String::new, percent)));
        let accepted = one.accepted == Some(true);
        row.push(if accepted { "below the threshold" } else { "" }.to_owned());
        row
    };
    std::iter::once(head)
        .chain(candidates.iter().map(row))
        .collect()
}

fn decision(seen: &Seen, report: &Report) -> String {
    let person = seen.person.as_deref().unwrap_or_default();
    let decision = match seen.decision {
        Some("match") => format!("Match: {person}."),
        Some("uncertain") => format!(
            "Uncertain: perhaps {person}. The distance lies within the interval of the threshold; let a human look, or take \
             another picture."
        ),
        Some("unknown") => "Unknown: nobody in the gallery.".to_owned(),
        _ => "No decision: the gallery has no calibration.".to_owned(),
    };
    let size = seen.gallery_size.unwrap_or(0) as usize;
    let searched = count(size, "person was", "people were");
    let mut text = format!("{decision} {searched} searched");
    if let Some(gap) = seen.gap {
        text.push_str(&format!(
            "; the second is {gap:.4} further away than the first"
        ));
    }
    text.push('.');
    if let Some(threshold) = &seen.threshold {
        text.push_str(&format!(
            "\nA match is a {} distance below {:.4}: at most {} of searches for strangers find somebody ({}).",
            report.metric,
            threshold.distance,
            percent(threshold.fpir),
            known(threshold.basis)
        ));
        if !threshold.target_met {
            text.push_str(&format!(
                " {} was asked for, and the calibration supports nothing as strict.",
                percent(threshold.target_fpir)
            ));
        }
        if threshold.weak {
            text.push_str(" So few people were measured that the rate is an indication.");
        }
    }
    text
}
