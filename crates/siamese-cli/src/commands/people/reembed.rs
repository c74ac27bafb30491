//! `siamese reembed`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_lab::model_file;
use siamese_use::gallery::{NewPerson, Store};
use siamese_use::{
    Boxes, Embedder, Reembedded, Reembedding, entries_of_images, images_below, own_model,
};

use super::enroll::Counter;
use super::{count, fewest_and_most, now_ms, of_calibration};
use crate::args::ReembedArgs;
use crate::output::{Output, thousands};

#[derive(Serialize)]
struct Report {
    gallery: String,
    contract: String,
    templates: usize,
    known: usize,
    missing: Vec<MissingTemplate>,
    /// People without a template of the new model.
    without: Vec<String>,
    /// Whether the new model is in use.
    active: bool,
    calibrated: bool,
    pruned_generations: Vec<u64>,
}

#[derive(Serialize)]
struct MissingTemplate {
    template: u64,
    person: String,
    reason: String,
}

pub(crate) fn run(args: &ReembedArgs, output: Output) -> Result<ExitCode> {
    args.effort.begin();
    let new = Embedder::load(&model_file(&args.model)?)?;
    let mut store = args.gallery.open()?;
    let old = own_model(&store)?;
    let mut images = Vec::new();
    if let Some(folder) = &args.pictures {
        if !folder.is_dir() {
            bail!(
                "{} is no folder; give the folder of the pictures",
                folder.display()
            );
        }
        images = entries_of_images(&NewPerson::default(), &images_below(folder)?);
        if let Some(list) = &args.boxes {
            Boxes::read(list)?.give(list, &mut images)?;
        }
    }
    let mut way = Reembedding::default();
    way.images = images;
    way.leave_out = args.leave_out;
    way.prune = args.prune;
    let mut counter: Option<Counter> = None;
    let found = way.run(
        &mut store,
        old.recipe(),
        &new,
        now_ms(),
        &mut |done, all| {
            counter
                .get_or_insert_with(|| Counter::new(output, all))
                .at(done);
        },
    )?;
    let report = report(args, &new, &found);
    let people = store.people()?.len() as u64;
    let generation = store.active_generation()?;
    let mut text = text(&report);
    if report.active {
        let templates = fewest_and_most(&store, generation.number)?;
        let calibration = generation.calibration.as_ref();
        for said in of_calibration(&args.gallery, calibration, people, templates) {
            text.push('\n');
            text.push_str(&said);
        }
    }
    output.result(&report, &text)?;
    Ok(match report.active {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn report(args: &ReembedArgs, new: &Embedder, found: &Reembedded) -> Report {
    let missing = found.missing.iter().map(|one| MissingTemplate {
        template: one.template,
        person: one.person.clone(),
        reason: match &one.fault {
            Some(fault) => fault.to_string(),
            None => "its picture was not kept, and is not among the pictures".to_owned(),
        },
    });
    Report {
        gallery: args.gallery.to_string(),
        contract: new.contract().digest.clone(),
        templates: found.made,
        known: found.known,
        missing: missing.collect(),
        without: found.without.clone(),
        active: found.active,
        calibrated: found.calibrated,
        pruned_generations: found.pruned.clone(),
    }
}

fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .missing
        .iter()
        .map(|one| {
            format!(
                "template {} of {}: {}",
                one.template, one.person, one.reason
            )
        })
        .collect();
    let known = match report.known {
        0 => String::new(),
        known => format!(", {} there before", thousands(known as u64)),
    };
    lines.push(format!(
        "{} of the new model{known}; {} missing.",
        count(report.templates, "template", "templates"),
        thousands(report.missing.len() as u64)
    ));
    if !report.without.is_empty() {
        lines.push(format!(
            "Without any template of the new model: {}.",
            report.without.join(", ")
        ));
    }
    lines.push(match (report.active, report.pruned_generations.is_empty()) {
        (false, _) => format!(
            "{} goes on with its old model. Give the pictures that are missing with --pictures DIR, or leave their templates \
             behind with --leave-out.",
            report.gallery
        ),
        (true, true) => format!(
            "{} uses the new model. The old templates are kept, to go back by the same command with the old model; --prune \
             deletes them.",
            report.gallery
        ),
        (true, false) => format!(
            "{} uses the new model, and holds nothing of another one any more.",
            report.gallery
        ),
    });
    lines.join("\n")
}
