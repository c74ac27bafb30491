//! Images that every case learns from.

use ndarray::Array4;
use pairgen::{Catalog, PairSet};
use siamese_net::{ImageStack, Recipe};

use crate::error::Error;
use crate::train::{Learning, TrainingSet};

const PEOPLE: usize = 10;
const IMAGES: usize = 4;
const SIDES: (usize, usize) = (24, 20);

/// Made-up people, in grey and in colour.
pub(super) struct Data {
    grey: ImageStack,
    colour: ImageStack,
    catalog: Catalog,
    people: Vec<u32>,
    pairs: PairSet,
    /// All of them.
    fit: Vec<u32>,
}

impl Data {
    pub(super) fn new() -> Result<Self, Error> {
        let refused = |error: pairgen::Error| Error::Data(error.to_string());
        let people = (0..PEOPLE).map(|person| (format!("p{person}"), IMAGES as u32));
        let catalog = Catalog::from_counts(people).map_err(refused)?;
        let people = catalog.all_subjects();
        let pairs = PairSet::balanced(&catalog, &people, 8, 8, 1).map_err(refused)?;
        Ok(Self {
            fit: (0..pairs.len() as u32).collect(),
            grey: ImageStack::of_planes(pixels(1).view())?,
            colour: ImageStack::of_planes(pixels(3).view())?,
            catalog,
            people,
            pairs,
        })
    }

    /// As many channels as the recipe looks at.
    pub(super) fn images(&self, recipe: &Recipe) -> &ImageStack {
        match recipe.encoder.input {
            [1, ..] => &self.grey,
            _ => &self.colour,
        }
    }

    pub(super) fn of(&self, recipe: &Recipe) -> TrainingSet<'_> {
        TrainingSet {
            images: self.images(recipe),
            pairs: &self.pairs,
            validation: &[],
            learning: match recipe.batches {
                Some(_) => Learning::Subjects {
                    catalog: &self.catalog,
                    subjects: &self.people,
                },
                None => Learning::Pairs {
                    fit: &self.fit,
                    catalog: Some(&self.catalog),
                },
            },
        }
    }
}

/// Each person is a pattern, each image that pattern with some noise.
fn pixels(channels: usize) -> Array4<u8> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 26) as usize
    };
    let (height, width) = SIDES;
    let shape = (PEOPLE * IMAGES, channels, height, width);
    Array4::from_shape_fn(shape, |(image, channel, y, x)| {
        let person = image / IMAGES + 3 * channel;
        ((y * (person + 1) * 13 + x * (7 * person + 3)) % 190 + noise()) as u8
    })
}
