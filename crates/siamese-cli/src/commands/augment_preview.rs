//! `siamese augment-preview`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{OutFile, PreviewSheet, PreviewedNetwork, read_recipe};

use super::found::find;
use crate::args::AugmentPreviewArgs;
use crate::output::Output;
use crate::target::Target;

#[derive(Serialize)]
struct Report {
    sheet: String,
    /// In pixels.
    width: usize,
    height: usize,
    /// Paths of the images, one a row.
    images: Vec<String>,
    networks: Vec<PreviewedNetwork>,
}

pub(crate) fn run(args: &AugmentPreviewArgs, output: Output) -> Result<()> {
    let out = Target(&args.out);
    let place = out.name();
    out.expect_ending("png")?;
    let source = args.data.source()?;
    let read = [Path::new(&args.recipe.recipe), &source.path];
    out.expect_place(OutFile::Sheet, args.force, &read, output)?;
    let mut overrides = args.recipe.overrides.clone();
    overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
    let recipe = read_recipe(&args.recipe.recipe, &overrides)?;
    let data = find(source, output)?;
    let subjects = args.people.map(usize::from);
    let sheet = PreviewSheet::new(&recipe, &data, subjects, args.per_image.into())?;
    out.write(&sheet.png)?;

    let count = sheet.images.len();
    let versions = sheet.networks.iter().map(|network| network.versions);
    let text = match versions.max().unwrap_or(0) {
        0 => format!(
            "{} changes no image in training. {place} shows {count} images as the network sees them. To change images \
             in training, give the recipe a section [augment]",
            recipe.name
        ),
        most => format!(
            "{place} shows {count} subjects, each with one image as in use and in {most} versions as {} changes it in \
             training",
            recipe.name
        ),
    };
    let report = Report {
        sheet: place,
        width: sheet.width,
        height: sheet.height,
        images: sheet.images,
        networks: sheet.networks,
    };
    let output = Output {
        aside: out.is_standard_output(),
        ..output
    };
    output.result(&report, &text)
}
