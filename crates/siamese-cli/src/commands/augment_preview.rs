//! `siamese augment-preview`.

use anyhow::{Result, bail};
use serde::Serialize;
use siamese_lab::{Data, PreviewSheet, PreviewedNetwork, read_recipe};
use siamese_net::write_atomically;

use crate::args::AugmentPreviewArgs;
use crate::output::Output;

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
    let place = args.out.display();
    if args.out.extension().is_none_or(|ending| ending != "png") {
        bail!("{place}: the name must end in .png");
    }
    let mut overrides = args.recipe.overrides.clone();
    overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
    let recipe = read_recipe(&args.recipe.recipe, &overrides)?;
    let data = Data::find(args.data.source())?;
    let subjects = args.people.map(usize::from);
    let sheet = PreviewSheet::new(&recipe, &data, subjects, args.per_image.into())?;
    write_atomically(&args.out, &sheet.png)?;

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
        sheet: place.to_string(),
        width: sheet.width,
        height: sheet.height,
        images: sheet.images,
        networks: sheet.networks,
    };
    output.result(&report, &text)
}
