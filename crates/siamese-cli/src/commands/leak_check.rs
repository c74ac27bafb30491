//! `siamese leak-check`: what two sets of subjects and images share.

use std::process::ExitCode;

use anyhow::{Result, bail};
use siamese_lab::{LeakImages, LeakSide, Leaks};

use crate::args::LeakCheckArgs;
use crate::output::{Output, thousands};

/// Exit code where something is shared, so that a script can tell it from a failure.
const LEAK: u8 = 3;
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
    let found = Leaks::between(&args.a, &args.b, images)?;
    output.result(&found, &text(&found, args.names_only))?;
    match found.failure {
        Some(error) => Err(error.into()),
        None if found.leaks => Ok(ExitCode::from(LEAK)),
        None => Ok(ExitCode::SUCCESS),
    }
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
            Some(alike) => lines.extend(shared("images by their pixels", alike, |alike| {
                let how = match alike.equal {
                    true => "equal".to_owned(),
                    false => format!("correlation {:.4}", alike.correlation),
                };
                format!("{} and {} ({how})", alike.a, alike.b)
            })),
            None if names_only => {}
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
    text
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
