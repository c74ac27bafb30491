//! `siamese leak-check`: what two sets of subjects and images share, and what one set repeats.

use std::process::ExitCode;

use anyhow::{Result, bail};
use siamese_lab::{BadImage, LeakImages, LeakReading, LeakSide, Leaks, Repeats, SamePicture};

use crate::args::LeakCheckArgs;
use crate::output::{Output, thousands};

/// Exit code where something is shared, so that a script can tell it from a failure.
const LEAK: u8 = 3;
/// Said of pixels that could not be compared; the reason follows as an error.
const UNREAD: &str = "not compared, because some could not be read";
/// Names and pairs shown of each kind; `--json` has all.
const SHOWN: usize = 10;

pub(crate) fn run(args: &LeakCheckArgs, output: Output) -> Result<ExitCode> {
    let images = match &args.images[..] {
        _ if args.names_only => LeakImages::NotOpened,
        [] => LeakImages::Below([None, None]),
        [both] => LeakImages::Below([Some(both), Some(both)]),
        [a, b] => LeakImages::Below([Some(a), Some(b)]),
        more => bail!(
            "--images may be given once for both sets, or once for each: {} times is too many",
            more.len()
        ),
    };
    let source = args.reading.at(&args.a);
    let reading = LeakReading {
        scan: source.scan_options(),
        limits: source.limits(),
        skip_bad: source.skip_bad,
    };
    let (leaks, failure) = match &args.b {
        Some(b) => {
            let found = Leaks::between(&args.a, b, images, &reading)?;
            output.result(&found, &text(&found, args.names_only))?;
            (found.leaks, found.failure)
        }
        None if args.images.len() > 1 => bail!("--images may be given once for one set"),
        None => {
            let found = Repeats::in_set(&args.a, images, &reading)?;
            output.result(&found, &repeats_text(&found, args.names_only))?;
            (found.leaks, found.failure)
        }
    };
    match failure {
        Some(error) => Err(error.into()),
        None if leaks => Ok(ExitCode::from(LEAK)),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn repeats_text(found: &Repeats, names_only: bool) -> String {
    let mut lines = vec![side(&found.set, "A")];
    let alike = |names: &Vec<String>| names.join(" and ");
    if !found.alike_names.is_empty() {
        lines.extend(list(
            "names of different subjects that look alike",
            &found.alike_names,
            alike,
        ));
    }
    match &found.across {
        Some(across) => lines.extend(list("pictures under two subjects", across, SamePicture::to_string)),
        None if names_only => {}
        None if found.failure.is_some() => lines.push(format!("pictures: {UNREAD}")),
        None => lines.push(
            "pictures: not compared, because no image files were found; say where they are with --images".to_owned(),
        ),
    }
    match &found.within {
        Some(within) => {
            lines.extend(list(
                "pictures twice under one subject",
                within,
                SamePicture::to_string,
            ));
        }
        None if found.set.looked_at == 0 || found.failure.is_some() => {}
        None => lines.push("pictures twice under one subject: too many to list".to_owned()),
    }
    lines.push(
        match found.leaks {
            true => "one picture is under two subjects, so one person would be two",
            false if found.failure.is_some() => {
                "names alone do not tell whether a picture is under two subjects"
            }
            false => "no picture under two subjects was found",
        }
        .to_owned(),
    );
    lines.join("\n")
}

fn text(found: &Leaks, names_only: bool) -> String {
    let mut lines = vec![side(&found.a, "A"), side(&found.b, "B")];
    lines.extend(shared("subjects", &found.subjects, |name| name.clone()));
    match &found.images {
        Some(images) => lines.extend(shared("images by name", images, |name| name.clone())),
        None => lines
            .push("images by name: not compared, because one side names subjects only".to_owned()),
    }
    if let Some(pairs) = &found.pairs {
        lines.extend(shared("pairs", pairs, |[a, b]| format!("{a} and {b}")));
    }
    match &found.same_pictures {
            Some(alike) => lines.extend(shared("images by their pixels", alike, SamePicture::to_string)),
            None if names_only => {}
            None if found.failure.is_some() => lines.push(format!("images by their pixels: {UNREAD}")),
            None => lines.push(
                "images by their pixels: not compared, because one side has no image files; say where they are with \
                 --images"
                    .to_owned(),
            ),
        }
    lines.push(
        match found.leaks {
            true => {
                "they share subjects or images, so figures on one flatter a model trained on the other"
            }
            false if found.failure.is_some() => "nothing shared was found by name",
            false => "nothing shared was found",
        }
        .to_owned(),
    );
    lines.join("\n")
}

fn side(side: &LeakSide, letter: &str) -> String {
    let mut text = format!(
        "{letter}: {}, {}: {} subjects",
        side.path,
        side.form,
        thousands(side.subjects as u64)
    );
    for (count, what) in [(side.images, "images"), (side.pairs, "pairs")] {
        if let Some(count) = count {
            text.push_str(&format!(", {} {what}", thousands(count as u64)));
        }
    }
    if side.without_file > 0 && side.looked_at > 0 {
        text.push_str(&format!(
            "; {} have no file",
            thousands(side.without_file as u64)
        ));
    }
    if !side.unreadable.is_empty() {
        let files = list(
            "cannot be read and are left out",
            &side.unreadable,
            BadImage::to_string,
        );
        text.push_str(&format!("\n{}", files.join("\n")));
    }
    text
}

/// How many are shared, and the first of them.
fn shared<T>(what: &str, found: &[T], name: impl Fn(&T) -> String) -> Vec<String> {
    let mut lines = list(what, found, name);
    lines[0].push_str(" shared");
    lines
}

/// How many there are, and the first of them.
fn list<T>(what: &str, found: &[T], name: impl Fn(&T) -> String) -> Vec<String> {
    if found.is_empty() {
        return vec![format!("{what}: none")];
    }
    let mut lines = vec![format!("{what}: {}", thousands(found.len() as u64))];
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
