//! From text to a checked recipe: places in errors, suggestions, overrides, built-in recipes.

use serde::Deserialize;
use toml::{Table, Value};

use super::check_encoder::check_training;
use super::document::Recipe;
use super::nearest::{nearest, with_suggestion};
use crate::error::Error;
use crate::plan::Plan;

/// A recipe that comes with the crate.
struct BuiltIn {
    name: &'static str,
    purpose: &'static str,
    text: &'static str,
}

const fn builtin(name: &'static str, purpose: &'static str, text: &'static str) -> BuiltIn {
    BuiltIn {
        name,
        purpose,
        text,
    }
}

const BUILTIN: &[BuiltIn] = &[
    builtin(
        "seed",
        "reproduction",
        include_str!("../../recipes/seed.toml"),
    ),
    builtin(
        "seed-literal",
        "reproduction",
        include_str!("../../recipes/seed-literal.toml"),
    ),
    builtin(
        "chopra2005",
        "reproduction",
        include_str!("../../recipes/chopra2005.toml"),
    ),
    builtin(
        "koch2015",
        "reproduction",
        include_str!("../../recipes/koch2015.toml"),
    ),
    builtin(
        "orl-best",
        "faces",
        include_str!("../../recipes/orl-best.toml"),
    ),
    builtin(
        "orl-fast",
        "faces",
        include_str!("../../recipes/orl-fast.toml"),
    ),
    builtin(
        "omniglot",
        "characters",
        include_str!("../../recipes/omniglot.toml"),
    ),
    builtin(
        "signatures",
        "signatures",
        include_str!("../../recipes/signatures.toml"),
    ),
    builtin(
        "products",
        "products",
        include_str!("../../recipes/products.toml"),
    ),
];

fn find_builtin(name: &str) -> Option<&'static BuiltIn> {
    BUILTIN.iter().find(|builtin| builtin.name == name)
}

impl Recipe {
    /// Reads and checks a recipe.
    ///
    /// `origin` is how errors name it, usually the file's path. Each of `overrides` is `key.path=value`, the value in
    /// TOML or a bare word, and replaces one value of the file.
    ///
    /// # Errors
    /// [`Error::Recipe`] for anything that is not a recipe, with line and column where they are known and the nearest
    /// key where one is misspelt; [`Error::Layer`] for an encoder whose layers do not fit each other.
    pub fn parse<S: AsRef<str>>(text: &str, origin: &str, overrides: &[S]) -> Result<Self, Error> {
        // First as written, so that mistakes in the file are reported at their place.
        let mut recipe: Self =
            toml::from_str(text).map_err(|error| located(text, origin, &error))?;
        if !overrides.is_empty() {
            let mut table: Table =
                toml::from_str(text).map_err(|error| located(text, origin, &error))?;
            // Keys may need each other: one alone may break the recipe, and the next may mend it.
            let mut broken = None;
            for assignment in overrides {
                let assignment = assignment.as_ref();
                let origin = format!("--set {assignment}");
                assign(&mut table, assignment).map_err(|message| Error::Recipe {
                    origin: origin.clone(),
                    message,
                })?;
                match Self::deserialize(Value::Table(table.clone())) {
                    Ok(whole) => {
                        recipe = whole;
                        broken = None;
                    }
                    Err(error) => {
                        broken.get_or_insert(Error::Recipe {
                            origin,
                            message: with_suggestion(error.message()),
                        });
                    }
                }
            }
            if let Some(error) = broken {
                return Err(error);
            }
        }
        recipe.check().map_err(|message| Error::Recipe {
            origin: origin.to_owned(),
            message,
        })?;
        for member in recipe.members()? {
            let refuse = |message| Error::Recipe {
                origin: origin.to_owned(),
                message,
            };
            let plan = Plan::new(&member.encoder)?;
            let epochs = member.train.epochs;
            check_training(&member.encoder, &plan, epochs).map_err(refuse)?;
            member.check_fine_tune(&plan).map_err(refuse)?;
        }
        Ok(recipe)
    }

    /// The built-in recipe of that name, with overrides as in [`Recipe::parse`].
    ///
    /// # Errors
    /// [`Error::Recipe`] where there is none of that name, naming the nearest, or an override does not fit.
    pub fn builtin<S: AsRef<str>>(name: &str, overrides: &[S]) -> Result<Self, Error> {
        let text = Self::builtin_text(name).ok_or_else(|| {
            let names: Vec<&str> = Self::builtin_names().collect();
            Error::Recipe {
                origin: name.to_owned(),
                message: format!(
                    "there is no such file and no built-in recipe of that name. The built-in recipes are: {}{}",
                    names.join(", "),
                    nearest(name, names.iter().copied())
                        .map(|n| format!(". Did you mean `{n}`?"))
                        .unwrap_or_default()
                ),
            }
        })?;
        Self::parse(text, &format!("built-in recipe {name}"), overrides)
    }

    /// The commented TOML text of a built-in recipe.
    #[must_use]
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        find_builtin(name).map(|builtin| builtin.text)
    }

    /// What a built-in recipe is for, in a word: `reproduction` (of what others have published), `faces`, `characters`,
    /// `signatures` or `products`.
    #[must_use]
    pub fn builtin_purpose(name: &str) -> Option<&'static str> {
        find_builtin(name).map(|builtin| builtin.purpose)
    }

    /// The names of the built-in recipes, grouped by purpose.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|builtin| builtin.name)
    }

    /// The recipe as TOML with every default spelled out; parsing it gives an equal recipe, where its programs, if it has
    /// any, go by the names of [`Recipe::portable`].
    ///
    /// # Errors
    /// [`Error::Recipe`] where a value has no form in TOML, such as a seed beyond 2^63 - 1.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(&self.portable()).map_err(|error| Error::Recipe {
            origin: self.name.clone(),
            message: error.to_string(),
        })
    }
}

/// Replaces one value of `table`; says what is wrong with `assignment` where it cannot.
fn assign(table: &mut Table, assignment: &str) -> Result<(), String> {
    let Some((path, value)) = assignment.split_once('=') else {
        return Err("an override is KEY=VALUE, for instance train.epochs=5".into());
    };
    let value = value.trim();
    // A bare word is a string; everything else is TOML.
    let value = toml::from_str::<Table>(&format!("v = {value}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("v"))
        .unwrap_or_else(|| Value::String(value.to_owned()));
    let keys: Vec<&str> = path.trim().split('.').collect();
    if keys.contains(&"") {
        return Err("an override is KEY=VALUE, and no part of the key may be empty".into());
    }
    let Some((last, parents)) = keys.split_last() else {
        return Err("an override needs a key".into());
    };
    let mut place = table;
    for key in parents {
        place = place
            .entry((*key).to_owned())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("`{key}` is a value, not a section"))?;
    }
    place.insert((*last).to_owned(), value);
    Ok(())
}

/// A TOML error with `origin:line:column` and a suggestion.
fn located(text: &str, origin: &str, error: &toml::de::Error) -> Error {
    let origin = match error.span() {
        Some(span) => {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("{origin}:{line}:{column}")
        }
        None => origin.to_owned(),
    };
    Error::Recipe {
        origin,
        message: with_suggestion(error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, overrides: &[&str]) -> String {
        Recipe::parse(text, "my.toml", overrides)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn builtin_recipes_parse_and_survive_a_round_trip() {
        for name in Recipe::builtin_names() {
            let recipe = Recipe::builtin::<&str>(name, &[]).unwrap();
            assert_eq!(recipe.name, name);
            let text = recipe.to_toml().unwrap();
            assert_eq!(
                Recipe::parse::<&str>(&text, name, &[]).unwrap(),
                recipe,
                "{text}"
            );
        }
    }

    #[test]
    fn keys_that_need_each_other_may_be_set_one_by_one() {
        let both = ["batches.people=8", "batches.images=4"];
        for overrides in [both, [both[1], both[0]]] {
            let batches = Recipe::builtin("seed", &overrides);
            // Contrastive loss over pairs is none over batches, which is another mistake than a missing key.
            let shown = batches.map_or_else(|error| error.to_string(), |_| String::new());
            assert!(!shown.contains("missing"), "{shown}");
        }
        let shown = message(Recipe::builtin_text("seed").unwrap(), &both[..1]);
        for word in ["--set batches.people=8", "missing field `images`"] {
            assert!(shown.contains(word), "{shown}");
        }
        let shown = message(
            Recipe::builtin_text("seed").unwrap(),
            &["train.epochs=two", "seed=1"],
        );
        assert!(shown.contains("--set train.epochs=two"), "{shown}");
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_place_and_the_nearest_key() {
        let text = Recipe::builtin_text("seed").unwrap();
        let line = text.lines().position(|l| l.starts_with("epochs")).unwrap() + 1;
        let shown = message(&text.replace("epochs =", "epoch ="), &[]);
        assert!(
            shown.starts_with(&format!("my.toml:{line}:1: unknown field `epoch`")),
            "{shown}"
        );
        assert!(shown.ends_with("Did you mean `epochs`?"), "{shown}");
    }

    #[test]
    fn a_misspelt_layer_setting_is_named_with_its_line() {
        let text = Recipe::builtin_text("seed").unwrap();
        let line = text.lines().position(|l| l.contains("conv = 6")).unwrap() + 1;
        let shown = message(&text.replacen("kernel", "kernal", 1), &[]);
        assert!(shown.starts_with(&format!("my.toml:{line}:")), "{shown}");
        assert!(shown.contains("Did you mean `kernel`?"), "{shown}");
        let shown = message(&text.replacen("\"relu\"", "\"rely\"", 1), &[]);
        assert!(shown.contains("Did you mean `relu`?"), "{shown}");
    }

    #[test]
    fn overrides_replace_one_value_and_bad_ones_are_named() {
        let recipe =
            Recipe::builtin("seed", &["train.epochs=5", "protocol.name=subjects-8-fold"]).unwrap();
        assert_eq!(recipe.train.epochs, 5);
        assert_eq!(recipe.protocol.name, "subjects-8-fold");
        let shown = Recipe::builtin("seed", &["train.epoch=5"])
            .unwrap_err()
            .to_string();
        assert!(
            shown.starts_with("--set train.epoch=5: unknown field `epoch`"),
            "{shown}"
        );
        let shown = Recipe::builtin("seed", &["train.epochs"])
            .unwrap_err()
            .to_string();
        assert!(shown.contains("KEY=VALUE"), "{shown}");
        let shown = Recipe::builtin("seed", &["name.x=1"])
            .unwrap_err()
            .to_string();
        assert!(shown.contains("not a section"), "{shown}");
    }

    #[test]
    fn an_unknown_builtin_lists_those_there_are() {
        let shown = Recipe::builtin::<&str>("seed-litteral", &[])
            .unwrap_err()
            .to_string();
        assert!(shown.contains("Did you mean `seed-literal`?"), "{shown}");
    }
}
