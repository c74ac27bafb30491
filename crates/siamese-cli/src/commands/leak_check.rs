//! `siamese leak-check`: what two sets of people and images share.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use image_stack::Limits;
use near_duplicates::{Likeness, NearDuplicates, fingerprints};
use pairgen::{ListedFiles, Listing, ListingCounts, Overlap};
use serde::Serialize;

use crate::args::LeakCheckArgs;
use crate::output::{Output, thousands};

/// Exit code where something is shared, so that a script can tell it from a failure.
const LEAK: u8 = 3;
/// Names and pairs shown of each kind; `--json` has all.
const SHOWN: usize = 10;

#[derive(Serialize)]
struct Report {
    a: Side,
    b: Side,
    /// Whether anything is shared.
    leaks: bool,
    shared_people: Vec<String>,
    /// Absent where a side names people only.
    shared_images: Option<Vec<String>>,
    /// Absent where a side lists no pairs.
    shared_pairs: Option<Vec<[String; 2]>>,
    /// Absent where pixels were not compared.
    alike: Option<Vec<Alike>>,
}

#[derive(Serialize)]
struct Side {
    path: String,
    form: String,
    people: usize,
    images: Option<usize>,
    pairs: Option<usize>,
    /// Images whose pixels were looked at.
    looked_at: usize,
    /// Images that are named and have no file.
    without_file: usize,
}

/// Two files that show one picture.
#[derive(Serialize)]
struct Alike {
    a: String,
    b: String,
    /// Whether they are equal in every pixel.
    equal: bool,
    /// Correlation of the pictures, laid over each other; 1 where they are equal.
    correlation: f64,
}

pub(crate) fn run(args: &LeakCheckArgs, output: Output) -> Result<ExitCode> {
    if args.images.len() > 2 {
        bail!(
            "--images is given once for both sets, or once for each: {} times are too many",
            args.images.len()
        );
    }
    let sides = [Listing::read(&args.a)?, Listing::read(&args.b)?];
    let overlap = Overlap::between(&sides[0], &sides[1]);
    let [root_a, root_b] = match &args.images[..] {
        [] => [None, None],
        [both] => [Some(both), Some(both)],
        [a, b, ..] => [Some(a), Some(b)],
    };
    let files = if args.names_only {
        [ListedFiles::default(), ListedFiles::default()]
    } else {
        [
            sides[0].files(root_a.map(|root| &**root))?,
            sides[1].files(root_b.map(|root| &**root))?,
        ]
    };
    let pixels = match files.iter().all(|files| !files.found.is_empty()) {
        true => alike(&files).map(Some),
        false => Ok(None),
    };
    // What the names tell is told, whatever the pixels do.
    let (alike, failure) = match pixels {
        Ok(alike) => (alike, None),
        Err(error) => (None, Some(error)),
    };
    let leaks = !overlap.is_empty() || alike.as_ref().is_some_and(|alike| !alike.is_empty());
    let side = |path: &Path, listing: &Listing, counts: &ListingCounts, files: &ListedFiles| Side {
        path: path.display().to_string(),
        form: listing.form().to_string(),
        people: counts.subjects,
        images: counts.images,
        pairs: counts.pairs,
        looked_at: files.found.len(),
        without_file: files.missing.len(),
    };
    let report = Report {
        a: side(&args.a, &sides[0], &overlap.counts[0], &files[0]),
        b: side(&args.b, &sides[1], &overlap.counts[1], &files[1]),
        leaks,
        shared_people: overlap.subjects,
        shared_images: overlap.images,
        shared_pairs: overlap.pairs,
        alike,
    };
    output.result(&report, &report.text(args.names_only))?;
    match failure {
        Some(error) => Err(error.context("names were compared, pixels could not be")),
        None if leaks => Ok(ExitCode::from(LEAK)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// The files of both sides that show one picture.
fn alike(files: &[ListedFiles; 2]) -> Result<Vec<Alike>> {
    let read = |files: &ListedFiles| {
        let paths: Vec<&Path> = files.found.iter().map(|file| &*file.path).collect();
        fingerprints(&paths, &Limits::default())
    };
    let [a, b] = [read(&files[0])?, read(&files[1])?];
    let found = NearDuplicates::default().between(&a, &b)?;
    Ok(found
        .into_iter()
        .map(|duplicate| Alike {
            a: files[0].found[duplicate.first].path.display().to_string(),
            b: files[1].found[duplicate.second].path.display().to_string(),
            equal: duplicate.likeness == Likeness::Equal,
            correlation: match duplicate.likeness {
                Likeness::Equal => 1.0,
                Likeness::Near { correlation, .. } => correlation,
            },
        })
        .collect())
}

impl Report {
    fn text(&self, names_only: bool) -> String {
        let mut lines = vec![self.a.text("A"), self.b.text("B")];
        lines.extend(shared("people", &self.shared_people, |name| name.clone()));
        match &self.shared_images {
            Some(images) => lines.extend(shared("images by name", images, |name| name.clone())),
            None => lines.push("images by name: not compared, a side names people only".to_owned()),
        }
        if let Some(pairs) = &self.shared_pairs {
            lines.extend(shared("pairs", pairs, |[a, b]| format!("{a} and {b}")));
        }
        match &self.alike {
            Some(alike) => lines.extend(shared("images by their pixels", alike, |alike| {
                let how = match alike.equal {
                    true => "equal".to_owned(),
                    false => format!("correlation {:.4}", alike.correlation),
                };
                format!("{} and {} ({how})", alike.a, alike.b)
            })),
            None if names_only => {}
            None => lines.push(
                "images by their pixels: not compared, a side has no image files; say where they are with --images"
                    .to_owned(),
            ),
        }
        lines.push(
            match self.leaks {
                true => "they share people or images: figures on one flatter a model trained on the other",
                false => "nothing shared was found",
            }
            .to_owned(),
        );
        lines.join("\n")
    }
}

impl Side {
    fn text(&self, letter: &str) -> String {
        let mut text = format!(
            "{letter}: {}, {}: {} people",
            self.path,
            self.form,
            thousands(self.people as u64)
        );
        for (count, what) in [(self.images, "images"), (self.pairs, "pairs")] {
            if let Some(count) = count {
                text.push_str(&format!(", {} {what}", thousands(count as u64)));
            }
        }
        if self.without_file > 0 && self.looked_at > 0 {
            text.push_str(&format!(
                "; {} have no file",
                thousands(self.without_file as u64)
            ));
        }
        text
    }
}

/// How many are shared, and the first of them.
fn shared<T>(what: &str, found: &[T], name: impl Fn(&T) -> String) -> Vec<String> {
    if found.is_empty() {
        return vec![format!("{what}: none shared")];
    }
    let mut lines = vec![format!("{what}: {} shared", thousands(found.len() as u64))];
    lines.extend(
        found
            .iter()
            .take(SHOWN)
            .map(|item| format!("  {}", name(item))),
    );
    if found.len() > SHOWN {
        let more = thousands((found.len() - SHOWN) as u64);
        lines.push(format!("  and {more} more; --json has all"));
    }
    lines
}
