//! How the files of a set become pixels.

use image_stack::{Channels, Reading, Resize};
use siamese_net::{Origin, Recipe};

use super::source::DataSource;

/// How the files of a set become pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HowRead {
    /// In grey or in colour.
    pub channels: Channels,
    /// To which size.
    pub resize: Resize,
    /// Within which limits, on what background, how exactly.
    pub reading: Reading,
}

impl HowRead {
    /// As a recipe says, within the limits of a set.
    #[must_use]
    pub fn of_recipe(recipe: &Recipe, source: &DataSource) -> Self {
        Self {
            channels: recipe.channels(),
            resize: recipe.data.resize.into(),
            reading: recipe.reading().with_limits(source.limits()),
        }
    }

    /// As the images were read that a model was trained on, within the limits of a set.
    #[must_use]
    pub fn of_origin(origin: &Origin, source: &DataSource) -> Self {
        Self {
            // A model file that another began with holds this number, and no recipe.
            channels: match origin.channels {
                1 => Channels::Grey,
                _ => Channels::Rgb,
            },
            resize: origin.resize.into(),
            reading: Reading::from(source.limits())
                .with_background(origin.background.into())
                .with_decoding(origin.decoding.into())
                .with_ink(siamese_net::ink(origin.ink, origin.invert)),
        }
    }
}
