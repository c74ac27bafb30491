//! `siamese new-recipe`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{DataSource, OutFile, Suggestion, Survey};
use siamese_net::Recipe;

use super::found::find;
use super::offered::{data_words, quoted};
use crate::args::NewRecipeArgs;
use crate::output::Output;
use crate::target::Target;

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
    let source = args.data.source()?;
    // What is printed anyway goes to no file.
    let out = args.out.as_deref().map(Target);
    let out = out.filter(|out| !out.is_standard_output());
    if let Some(out) = out {
        out.expect_ending("toml")?;
        out.expect_place(OutFile::Recipe, args.force, &[&source.path], output)?;
    }
    let data = find(source, output)?;
    let whole = std::path::absolute(&data.source.path)?;
    let named = out.filter(|out| !out.is_no_file());
    let stem = named.map_or(&*whole, |out| out.0).file_stem();
    let name = stem.unwrap_or_default().to_string_lossy();
    let Suggestion {
        survey,
        text,
        recipe,
    } = Suggestion::new(&data, &name)?;
    let notes = survey.notes.iter().cloned().chain(data.unreadable_note());
    notes.for_each(|note| output.note(note));
    let said = match out {
        None => text.clone(),
        Some(out) => {
            out.write(text.as_bytes())?;
            written(out.0, &data.source, &survey)
        }
    };
    let report = Report {
        found: survey,
        recipe,
        text,
        out: out.map(Target::name),
    };
    output.result(&report, &said)
}

fn written(path: &Path, source: &DataSource, survey: &Survey) -> String {
    let (recipe, data) = (quoted(path), data_words(source));
    format!(
        "{} is a recipe for the {} images of {} subjects in {}, with the reasons in its comments. Next:\n  siamese \
         augment-preview {recipe} {data}\n  siamese train {recipe} {data}",
        path.display(),
        survey.images,
        survey.people,
        source.path.display()
    )
}
