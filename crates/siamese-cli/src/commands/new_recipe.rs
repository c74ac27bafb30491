//! `siamese new-recipe`.

use std::path::Path;

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_lab::{Data, Suggestion, Survey};
use siamese_net::{Recipe, write_atomically};

use crate::args::NewRecipeArgs;
use crate::output::Output;

#[derive(Serialize)]
struct Report {
    found: Survey,
    recipe: Recipe,
    /// The same with its comments, as TOML.
    text: String,
    /// Where it was written.
    out: Option<String>,
}

pub(crate) fn run(args: &NewRecipeArgs, output: Output) -> Result<()> {
    if let Some(path) = &args.out {
        let place = path.display();
        if path.extension().is_none_or(|ending| ending != "toml") {
            bail!("{place}: the name must end in .toml");
        }
        if path.exists() && !args.force {
            bail!("{place} exists already: choose another name, or replace it with --force");
        }
    }
    let folder = &args.data.data;
    let data = Data::find(args.data.source())?;
    if let Some(skipped) = data.skipped() {
        output.note(&skipped);
    }
    let whole = std::path::absolute(folder)?;
    let stem = args.out.as_deref().unwrap_or(&whole).file_stem();
    let name = stem.unwrap_or_default().to_string_lossy();
    let Suggestion {
        survey,
        text,
        recipe,
    } = Suggestion::new(&data, &name)?;
    let notes = survey.notes.iter().cloned().chain(data.unreadable_note());
    notes.for_each(|note| output.note(note));
    let said = match &args.out {
        None => text.clone(),
        Some(path) => {
            write_atomically(path, text.as_bytes())?;
            written(path, folder, &survey)
        }
    };
    let report = Report {
        found: survey,
        recipe,
        text,
        out: args.out.as_ref().map(|path| path.display().to_string()),
    };
    output.result(&report, &said)
}

fn written(path: &Path, folder: &Path, survey: &Survey) -> String {
    let (path, folder) = (path.display(), folder.display());
    format!(
        "{path} is a recipe for the {} images of {} subjects in {folder}, with the reasons in its comments. Next:\n  \
         siamese augment-preview {path} --data {folder}\n  siamese train {path} --data {folder}",
        survey.images, survey.people
    )
}
