//! Several networks that judge together.

use serde::Deserialize;
use toml::{Table, Value};

use super::document::Recipe;
use super::nearest::{unknown, with_suggestion};
use crate::error::Error;

/// Sections that members may change. People, images and the way of judging are the same for all.
const SECTIONS: [&str; 9] = [
    "seed",
    "data",
    "augment",
    "batches",
    "encoder",
    "loss",
    "optimizer",
    "schedule",
    "embedding",
];

impl Recipe {
    /// The recipe of each network that this one trains: itself, or where it has `members` one for each, with the
    /// member's values in place of its own.
    ///
    /// The first member has the recipe's seed and each further one a seed derived from it, unless it names its own.
    ///
    /// # Errors
    /// [`Error::Recipe`] where a member changes what is one for all, or becomes no recipe.
    pub fn members(&self) -> Result<Vec<Self>, Error> {
        if self.members.is_empty() {
            return Ok(vec![self.clone()]);
        }
        let members = self.members.iter().enumerate();
        members
            .map(|(i, changes)| {
                self.member(i, changes).map_err(|message| Error::Recipe {
                    origin: format!("{}, members[{i}]", self.name),
                    message,
                })
            })
            .collect()
    }

    fn member(&self, i: usize, changes: &Table) -> Result<Self, String> {
        let own = Self {
            members: Vec::new(),
            // Members are compared by cosine, whatever the recipe says of embeddings.
            embedding: Some(self.embedding.unwrap_or_default()),
            seed: self.seed_of(i),
            ..self.clone()
        };
        let mut table = Table::try_from(&own).map_err(|error| error.to_string())?;
        for (section, value) in changes {
            if !SECTIONS.contains(&section.as_str()) {
                return Err(unknown("section of a member", section, &SECTIONS));
            }
            match (table.get_mut(section), value) {
                (Some(Value::Table(base)), Value::Table(changed)) => {
                    base.extend(changed.clone());
                }
                _ => {
                    table.insert(section.clone(), value.clone());
                }
            }
        }
        let member = Self::deserialize(Value::Table(table))
            .map_err(|error| with_suggestion(error.message()))?;
        if member.data.resize != self.data.resize {
            return Err("data.resize must be the same for all members".into());
        }
        if member.data.read() != self.data.read() {
            return Err(
                "data.background and data.decoding must be the same for all members, and so must data.ink and data.invert"
                    .into(),
            );
        }
        if member.images() != self.images() {
            let [found, expected] = [&member, self].map(|recipe| {
                let [channels, height, width] = recipe.images();
                format!("{channels}x{height}x{width}")
            });
            return Err(format!(
                "its encoder.input and data.pool are for images of {found} (channels x height x width), and those of \
                 the recipe are for {expected}. All members look at the same images: for a coarser view, make \
                 data.pool larger"
            ));
        }
        let views = |recipe: &Self| {
            recipe
                .embedding
                .map(|spec| (spec.flip, spec.shift, spec.zoom))
        };
        if views(&member) != views(&own) {
            return Err(
                "embedding.flip, embedding.shift and embedding.zoom must be the same for all members".into(),
            );
        }
        member.check()?;
        Ok(member)
    }

    fn seed_of(&self, member: usize) -> u64 {
        match member {
            0 => self.seed,
            // Within TOML's whole numbers, which are signed.
            i => pairgen::stream(self.seed, "member", i as u64).next_u64() >> 1,
        }
    }
}
