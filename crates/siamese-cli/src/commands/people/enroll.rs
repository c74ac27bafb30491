//! `siamese enroll`.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_use::gallery::NewPerson;
use siamese_use::{
    Boxes, EnrolSettings, Enrolment, Entry, Opened, QualityLimits, enrol, entries_of_folder,
    entries_of_images, entries_of_list,
};

use super::{count, images, now_ms, of_calibration, usage};
use crate::args::EnrollArgs;
use crate::output::{Output, thousands};

#[derive(Serialize)]
struct Report {
    gallery: String,
    contract: String,
    /// Pictures that were to be enrolled.
    pictures: usize,
    /// Templates that came.
    templates: usize,
    /// Pictures that were enrolled before.
    known: usize,
    /// People who came.
    people: usize,
    /// People of whom name, metadata or expiry changed.
    changed: usize,
    /// People in the gallery now.
    gallery_people: usize,
    rejected: Vec<Refused>,
    said: Vec<String>,
    seconds: f64,
}

#[derive(Serialize)]
struct Refused {
    image: String,
    person: String,
    reason: String,
}

pub(crate) fn run(args: &EnrollArgs, output: Output) -> Result<ExitCode> {
    let entries = entries(args)?;
    let begin = Instant::now();
    let budget = args.effort.begin();
    let now = now_ms();
    let model = args.model.as_deref().map(siamese_lab::model_file);
    let model = model.transpose()?;
    let mut opened = Opened::open_or_create(&args.gallery, model.as_deref(), budget, now)?;
    if opened.new {
        output.note(format!("{} is new", args.gallery));
    }
    let limits = args.quality.said(QualityLimits::usual(
        opened.embedder.recipe(),
        opened.embedder.domain(),
    ));
    let mut settings = EnrolSettings::new(limits);
    settings.on_duplicate = args.on_duplicate.into();
    settings.keep_pictures = args.keep_pictures;
    let mut counter = Counter::new(output, entries.len());
    let (gallery, embedder) = (&mut opened.gallery, &opened.embedder);
    let found = enrol(gallery, embedder, &entries, &settings, now, &mut |done| {
        counter.at(done);
    })?;
    let people = opened.gallery.index().owners();
    let calibration = opened.gallery.generation().calibration.as_ref();
    let templates = opened.gallery.index().fewest_and_most();
    let of_calibration = of_calibration(&args.gallery, calibration, people as u64, templates);
    let said = found.said.iter().map(ToString::to_string);
    let report = Report {
        gallery: args.gallery.to_string(),
        contract: opened.embedder.contract().digest.clone(),
        pictures: entries.len(),
        templates: found.templates,
        known: found.known,
        people: found.people,
        changed: found.changed,
        gallery_people: people,
        said: said.chain(of_calibration).collect(),
        rejected: rejected(&found),
        seconds: begin.elapsed().as_secs_f64(),
    };
    output.result(&report, &text(&report))?;
    Ok(match report.rejected.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Which pictures are to be enrolled for whom.
fn entries(args: &EnrollArgs) -> Result<Vec<Entry>> {
    let mut entries = match (&args.person, &args.sources[..]) {
        (Some(id), sources) => {
            let person = NewPerson {
                external_id: id.clone(),
                name: args.name.clone(),
                metadata: Default::default(),
                expires_ms: args.expires,
            };
            entries_of_images(&person, &images(sources)?)
        }
        (None, [folder]) if folder.is_dir() => entries_of_folder(folder)?,
        (None, [list]) if list.extension().is_some_and(|ending| ending == "csv") => {
            entries_of_list(list)?
        }
        (None, [missing]) if !missing.exists() => {
            bail!("{} does not exist; check the path", missing.display())
        }
        (None, _) => {
            return Err(usage(
                "say whom the pictures show with --person ID; or give one folder of folders, or one list that ends in .csv",
            ));
        }
    };
    if let Some(region) = args.boxes.region {
        match &mut entries[..] {
            [entry] => entry.region = Some(region),
            _ => {
                return Err(usage(
                    "--box is for one picture; for several, give --boxes CSV",
                ));
            }
        }
    }
    if let Some(list) = &args.boxes.boxes {
        Boxes::read(list)?.give(list, &mut entries)?;
    }
    if entries.is_empty() {
        bail!("there are no pictures to enrol");
    }
    Ok(entries)
}

fn rejected(found: &Enrolment) -> Vec<Refused> {
    let refused = found.rejected.iter().map(|one| Refused {
        image: one.path.display().to_string(),
        person: one.person.clone(),
        reason: one.fault.to_string(),
    });
    refused.collect()
}

fn text(report: &Report) -> String {
    let mut lines = report.said.clone();
    let mut head = format!(
        "{} of {} enrolled in {}",
        thousands(report.templates as u64),
        count(report.pictures, "picture", "pictures"),
        report.gallery
    );
    if report.known > 0 {
        head.push_str(&format!(
            ", {} known before",
            thousands(report.known as u64)
        ));
    }
    head.push_str(&format!(
        "; {} more and {} in all; {:.1} s",
        count(report.people, "person", "people"),
        thousands(report.gallery_people as u64),
        report.seconds
    ));
    lines.push(head);
    if !report.rejected.is_empty() {
        lines.push(format!(
            "{} rejected:",
            count(report.rejected.len(), "picture", "pictures")
        ));
        let each = report.rejected.iter();
        lines.extend(each.map(|one| format!("  {} ({}): {}", one.image, one.person, one.reason)));
    }
    lines.join("\n")
}

/// Says how many pictures are done: in one line on a terminal, else every tenth.
pub(super) struct Counter {
    output: Output,
    all: usize,
    said: usize,
}

impl Counter {
    pub(super) fn new(output: Output, all: usize) -> Self {
        Self {
            output,
            all,
            said: 0,
        }
    }

    pub(super) fn at(&mut self, done: usize) {
        let tenth = 10 * done / self.all.max(1);
        if tenth == self.said || self.output.quiet {
            return;
        }
        self.said = tenth;
        let text = format!("{done} of {} pictures", self.all);
        match std::io::stderr().is_terminal() {
            true if done < self.all => self.output.note_in_place(&text),
            true => self.output.note_in_place(""),
            false if self.all > 1000 => self.output.note(text),
            false => {}
        }
    }
}
