//! A recipe that fits a folder of images.

mod choices;
mod survey;
mod text;

pub use survey::{Range, Survey};

use siamese_net::{Plan, Recipe};

use crate::data::Data;
use crate::error::{Error, Within};
use crate::experiment::Experiment;
use choices::Choices;

/// What was found, and the text of a recipe for it.
pub struct Suggestion {
    /// What is in the folder.
    pub survey: Survey,
    /// The recipe as TOML, with the reasons in its comments.
    pub text: String,
    /// The same, read.
    pub recipe: Recipe,
}

impl Suggestion {
    /// Looks at the images; `name` is the recipe's.
    ///
    /// # Errors
    /// Where an image that is looked at cannot be read, or nothing can be learnt from these people.
    pub fn new(data: &Data, name: &str) -> Result<Self, Error> {
        let catalog = &data.catalog;
        let survey = Survey::new(data)?;
        let choices = Choices::new(catalog, &survey)?;
        let printable = |text: &str| -> String {
            let shown = |c: char| if c.is_control() { '?' } else { c };
            text.chars().map(shown).collect()
        };
        let place = printable(&data.source.path.display().to_string());
        let text = text::text(&plain(name), &place, &survey, &choices);
        let recipe = Recipe::parse::<&str>(&text, "the new recipe", &[])?;
        for network in recipe.members()? {
            Plan::new(&network.encoder)?;
        }
        Experiment::new(&recipe, catalog)
            .within(|| "these subjects cannot be divided".to_owned())?;
        Ok(Self {
            survey,
            text,
            recipe,
        })
    }
}

/// A name that needs no quotes anywhere.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    if plain.trim_matches(['-', '.']).is_empty() {
        "new".to_owned()
    } else {
        plain
    }
}
