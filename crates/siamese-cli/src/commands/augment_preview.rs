//! `siamese augment-preview`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use pairgen::{Catalog, stream};
use serde::Serialize;
use siamese_lab::model::{
    AugmentSpec, NormaliseSpec, Recipe, preview, preview_mixed, write_atomically,
};
use siamese_lab::{Block, Data, Layout, load, read_recipe};

use crate::args::AugmentPreviewArgs;
use crate::output::Output;

/// How many people are shown by default, if there are that many.
const PEOPLE: usize = 6;

#[derive(Serialize)]
struct Report {
    sheet: String,
    /// In pixels.
    width: usize,
    height: usize,
    /// Paths of the images, one a row.
    images: Vec<String>,
    networks: Vec<Network>,
}

#[derive(Serialize)]
struct Network {
    seed: u64,
    /// Changed versions of each image; none where the network's images are not changed.
    versions: usize,
    /// Whether a second block shows each image mixed with the next person's.
    mixed: bool,
}

pub(crate) fn run(args: &AugmentPreviewArgs, output: Output) -> Result<()> {
    let place = args.out.display();
    if args.out.extension().is_none_or(|ending| ending != "png") {
        bail!("{place}: the name must end in .png");
    }
    let mut overrides = args.recipe.overrides.clone();
    overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
    let recipe = read_recipe(&args.recipe.recipe, &overrides)?;
    let networks = recipe.members()?;
    let changed = |network: &Recipe| network.augment.as_ref().is_some_and(AugmentSpec::changes);
    let versions: Vec<usize> = networks
        .iter()
        .map(|network| {
            if changed(network) {
                args.per_image.into()
            } else {
                0
            }
        })
        .collect();

    let data = Data::find(&args.data.data)?;
    let samples = choose(&data.catalog, args.people, recipe.seed)?;
    let paths: Vec<PathBuf> = samples
        .iter()
        .map(|&sample| data.catalog.path(sample).to_owned())
        .collect();
    // Where people are mixed, a second block shows them.
    let mixes = |network: &Recipe| {
        samples.len() > 1 && network.augment.as_ref().is_some_and(|spec| spec.mix > 0)
    };
    let columns: Vec<usize> = networks
        .iter()
        .zip(&versions)
        .flat_map(|(network, versions)| {
            std::iter::repeat_n(1 + versions, 1 + usize::from(mixes(network)))
        })
        .collect();
    let [channels, height, width] = recipe.images();
    let layout = Layout::new(samples.len(), &columns, [height, width])?;
    let images = load(&paths, channels, recipe.data.resize, false, u64::MAX)?.stack;

    let mut blocks = Vec::with_capacity(networks.len());
    for (number, (network, &versions)) in networks.iter().zip(&versions).enumerate() {
        let title = title(&recipe, network, number, networks.len(), versions);
        let tiles = preview(network, &images, versions)?;
        let mixed = mixes(network).then(|| {
            let tiles = preview_mixed(network, &images, versions)?;
            let title = format!("{title}, each mixed with the next subject");
            Ok::<_, anyhow::Error>(Block { title, tiles })
        });
        blocks.push(Block { title, tiles });
        blocks.extend(mixed.transpose()?);
    }
    let captions: Vec<[String; 2]> = samples
        .iter()
        .map(|&sample| caption(&data.catalog, sample))
        .collect();
    write_atomically(&args.out, &layout.png(&captions, &blocks)?)?;

    let people = samples.len();
    let most = versions.iter().copied().max().unwrap_or(0);
    let what = if most == 0 {
        format!(
            "{} changes no image in training. {place} shows {people} images as the network sees them. To change images \
             in training, give the recipe a section [augment]",
            recipe.name
        )
    } else {
        format!(
            "{place} shows {people} subjects, each with one image as in use and in {most} versions as {} changes it in \
             training",
            recipe.name
        )
    };
    let name = |&sample: &u32| data.catalog.relative_path(sample).display().to_string();
    let report = Report {
        sheet: place.to_string(),
        width: layout.width,
        height: layout.height,
        images: samples.iter().map(name).collect(),
        networks: networks
            .iter()
            .zip(versions)
            .map(|(network, versions)| Network {
                seed: network.seed,
                versions,
                mixed: mixes(network),
            })
            .collect(),
    };
    output.result(&report, &what)
}

/// An image each of so many people, all drawn at random, in the catalogue's order.
fn choose(catalog: &Catalog, people: Option<u16>, seed: u64) -> Result<Vec<u32>> {
    let mut subjects = catalog.all_subjects();
    let wanted = people.map_or(PEOPLE.min(subjects.len()), usize::from);
    if wanted > subjects.len() {
        bail!(
            "--people {wanted}: there are only {} subjects in the data",
            subjects.len()
        );
    }
    let mut rng = stream(seed, "preview", 0);
    rng.shuffle(&mut subjects);
    subjects.truncate(wanted);
    subjects.sort_unstable();
    let one = |&subject: &u32| {
        let samples = catalog.samples_of(subject);
        let first = samples.start;
        first + rng.below(samples.len() as u32)
    };
    Ok(subjects.iter().map(one).collect())
}

/// Who it is, and the file.
fn caption(catalog: &Catalog, sample: u32) -> [String; 2] {
    let file = catalog.path(sample).file_name().unwrap_or_default();
    [
        catalog.subject_name(catalog.subject_of(sample)).to_owned(),
        file.to_string_lossy().into_owned(),
    ]
}

fn title(recipe: &Recipe, network: &Recipe, number: usize, of: usize, versions: usize) -> String {
    let mut title = recipe.name.clone();
    if of > 1 {
        title.push_str(&format!(", network {} of {of}", number + 1));
    }
    title.push_str(match network.data.normalise {
        None => ": pixels as they are",
        Some(NormaliseSpec::Standardise { .. }) => ": standardised",
        Some(NormaliseSpec::LocalContrast { .. }) => ": local contrast",
        Some(NormaliseSpec::Equalise {}) => ": histogram equalised",
    });
    if versions == 0 {
        title.push_str(", no augmentation");
    }
    title
}
