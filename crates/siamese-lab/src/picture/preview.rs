//! A sheet of training images as the network sees them.

use std::path::PathBuf;

use pairgen::{Catalog, stream};
use serde::Serialize;
use siamese_model::{preview, preview_mixed};
use siamese_net::{AugmentSpec, NormaliseSpec, Recipe};

use super::contact_sheet::{Block, Layout};
use crate::data::{Data, HowRead, load};
use crate::error::{DataError, Error};

/// How many subjects are shown by default, if there are that many.
const SUBJECTS: usize = 6;

/// A sheet of training images, and what is on it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreviewSheet {
    /// The picture as a PNG file.
    pub png: Vec<u8>,
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// Paths of the images, one a row.
    pub images: Vec<String>,
    /// A block for each.
    pub networks: Vec<PreviewedNetwork>,
}

/// What a sheet shows of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PreviewedNetwork {
    /// Of its random draws.
    pub seed: u64,
    /// Changed versions of each image; none where the network's images are not changed.
    pub versions: usize,
    /// Whether a second block shows each image mixed with the next subject's.
    pub mixed: bool,
}

impl PreviewSheet {
    /// Draws an image of each of so many subjects, chosen at random, by default of six: as it is in use, and in
    /// `versions` changed versions.
    ///
    /// # Errors
    /// Where there are fewer subjects, an image cannot be read, or the sheet would be too large.
    pub fn new(
        recipe: &Recipe,
        data: &Data,
        subjects: Option<usize>,
        versions: usize,
    ) -> Result<Self, Error> {
        let samples = choose(&data.catalog, subjects, recipe.seed)?;
        let networks = recipe.members()?;
        // Where subjects are mixed, a second block shows them.
        let shown = |network: &Recipe| {
            let spec = network.augment.as_ref();
            PreviewedNetwork {
                seed: network.seed,
                versions: match spec.is_some_and(AugmentSpec::changes) {
                    true => versions,
                    false => 0,
                },
                mixed: samples.len() > 1 && spec.is_some_and(|spec| spec.mix > 0),
            }
        };
        let of_each: Vec<PreviewedNetwork> = networks.iter().map(shown).collect();
        let columns: Vec<usize> = of_each
            .iter()
            .flat_map(|shown| std::iter::repeat_n(1 + shown.versions, 1 + usize::from(shown.mixed)))
            .collect();
        let [_, height, width] = recipe.images();
        let layout = Layout::new(samples.len(), &columns, [height, width])?;
        let path = |&sample: &u32| data.catalog.path(sample).to_owned();
        let paths: Vec<PathBuf> = samples.iter().map(path).collect();
        let how = HowRead::of_recipe(recipe, &data.source);
        let images = load(&paths, &how, u64::MAX)?.stack;

        let mut blocks = Vec::with_capacity(columns.len());
        for (number, (network, shown)) in networks.iter().zip(&of_each).enumerate() {
            let title = title(recipe, network, number, networks.len(), shown.versions);
            let mixed = match shown.mixed {
                true => Some(Block {
                    tiles: preview_mixed(network, &images, shown.versions)?,
                    title: format!("{title}, each mixed with the next subject"),
                }),
                false => None,
            };
            blocks.push(Block {
                tiles: preview(network, &images, shown.versions)?,
                title,
            });
            blocks.extend(mixed);
        }
        let caption = |&sample: &u32| caption(&data.catalog, sample);
        let captions: Vec<[String; 2]> = samples.iter().map(caption).collect();
        let name = |&sample: &u32| data.catalog.relative_path(sample).display().to_string();
        Ok(Self {
            png: layout.png(&captions, &blocks)?,
            width: layout.width,
            height: layout.height,
            images: samples.iter().map(name).collect(),
            networks: of_each,
        })
    }
}

/// An image each of so many subjects, all drawn at random, in the catalogue's order.
fn choose(catalog: &Catalog, subjects: Option<usize>, seed: u64) -> Result<Vec<u32>, Error> {
    let mut all = catalog.all_subjects();
    let wanted = subjects.unwrap_or(SUBJECTS.min(all.len()));
    if wanted > all.len() {
        let found = all.len();
        return Err(DataError::FewerSubjects { wanted, found }.into());
    }
    let mut rng = stream(seed, "preview", 0);
    rng.shuffle(&mut all);
    all.truncate(wanted);
    all.sort_unstable();
    let one = |&subject: &u32| {
        let samples = catalog.samples_of(subject);
        samples.start + rng.below(samples.len() as u32)
    };
    Ok(all.iter().map(one).collect())
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
