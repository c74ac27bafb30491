//! What a sweep compares: a recipe with values changed.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use siamese_net::Recipe;

use super::settings::SweepSettings;
use super::split::split;
use crate::error::{PointError, Result, Within, read_text};
use crate::recipe_file::read_recipe;

/// More points than this are probably a mistake.
const MOST_POINTS: usize = 1_000;
/// Longest name that is a folder's as it is.
const LONGEST_FOLDER: usize = 80;
/// The recipe as it is.
pub(super) const UNCHANGED: &str = "unchanged";
/// The folder, beside those of the points, of trainings inside the training people.
pub(super) const INSIDE: &str = "inside";

/// A recipe with values changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// What it is called in tables.
    pub name: String,
    /// As for `--set`.
    pub changes: Vec<String>,
    /// Its folder in that of the sweep.
    pub folder: String,
}

impl Point {
    fn new(name: &str, changes: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            changes,
            folder: in_a_folder_name(name),
        }
    }
}

/// The points that the command line asks for, each a recipe that can be read and none of them twice.
pub(super) fn points(settings: &SweepSettings, base: &Recipe) -> Result<Vec<Point>> {
    let points = if !settings.has_variants() {
        grid(&settings.grid)?
    } else {
        let mut points = vec![Point::new(UNCHANGED, Vec::new())];
        for text in &settings.variants {
            points.push(variant(text).within(|| format!("--variant '{text}'"))?);
        }
        if let Some(path) = &settings.variants_file {
            points.extend(variants_of(path)?);
        }
        points
    };
    check(&points, settings, base)?;
    Ok(points)
}

/// Every combination of the values, those of the last key varying fastest.
fn grid(options: &[String]) -> Result<Vec<Point>> {
    let mut keys: Vec<&str> = Vec::new();
    let mut points: Vec<Vec<String>> = vec![Vec::new()];
    for option in options {
        let (key, values) = values(option).within(|| format!("--grid {option}"))?;
        if keys.contains(&key) {
            return Err(PointError::Twice {
                key: key.to_owned(),
            }
            .into());
        }
        keys.push(key);
        if points.len() * values.len() > MOST_POINTS {
            return Err(PointError::TooMany { most: MOST_POINTS }.into());
        }
        let with = |point: &Vec<String>, value: &&str| {
            let own = format!("{key}={value}");
            [point.clone(), vec![own]].concat()
        };
        points = points
            .iter()
            .flat_map(|point| values.iter().map(move |value| with(point, value)))
            .collect();
    }
    let point = |changes: Vec<String>| match changes.is_empty() {
        true => Point::new(UNCHANGED, changes),
        false => Point {
            name: changes.join(" "),
            folder: in_a_folder_name(&changes.join(",")),
            changes,
        },
    };
    Ok(points.into_iter().map(point).collect())
}

/// `KEY=V1,V2` taken apart.
fn values(option: &str) -> Result<(&str, Vec<&str>)> {
    let Some((key, values)) = option.split_once('=') else {
        return Err(PointError::NoGrid.into());
    };
    let values: Vec<&str> = split(values, |c| c == ',')?
        .into_iter()
        .map(str::trim)
        .collect();
    if let Some(place) = values.iter().position(|value| value.is_empty()) {
        return Err(PointError::EmptyValue { place: place + 1 }.into());
    }
    Ok((key.trim(), values))
}

/// `NAME: key=value key=value` taken apart.
fn variant(text: &str) -> Result<Point> {
    let Some((name, changes)) = text.split_once(':') else {
        return Err(PointError::NoVariant.into());
    };
    let changes = split(changes, char::is_whitespace)?;
    let changes = changes.into_iter().filter(|change| !change.is_empty());
    named(name.trim(), changes.map(str::to_owned).collect())
}

/// The variants of a TOML file of lines `NAME = ["KEY=VALUE", ...]`.
fn variants_of(path: &Path) -> Result<Vec<Point>> {
    let place = path.display();
    let text = read_text(path)?;
    let table: toml::Table = toml::from_str(&text).map_err(|source| PointError::NotToml {
        path: path.into(),
        source,
    })?;
    if table.is_empty() {
        return Err(PointError::NoVariants { path: path.into() }.into());
    }
    let of = |(name, changes): (String, toml::Value)| {
        let Ok(changes) = changes.try_into::<Vec<String>>() else {
            return Err(PointError::NoList {
                path: path.into(),
                name,
            }
            .into());
        };
        named(&name, changes).within(|| format!("{place}: `{name}`"))
    };
    table.into_iter().map(of).collect()
}

fn named(name: &str, changes: Vec<String>) -> Result<Point> {
    if name.is_empty() {
        return Err(PointError::NoName.into());
    }
    if changes.is_empty() {
        return Err(PointError::NoChange.into());
    }
    if let Some(change) = changes.iter().find(|change| {
        let value = change.split_once('=').map_or("", |(_, value)| value);
        value.trim().is_empty()
    }) {
        return Err(PointError::BadChange {
            change: change.clone(),
        }
        .into());
    }
    Ok(Point::new(name, changes))
}

/// Reads every point's recipe, so that none fails later, and compares them.
fn check(points: &[Point], settings: &SweepSettings, base: &Recipe) -> Result<()> {
    let mut recipes: Vec<Recipe> = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let name = &point.name;
        let overrides = [&settings.overrides[..], &point.changes].concat();
        let mut recipe =
            read_recipe(&settings.recipe, &overrides).within(|| format!("point {name}"))?;
        let protocol = |recipe: &Recipe| (recipe.protocol.name.clone(), recipe.protocol.fold);
        if recipe.seed != base.seed || protocol(&recipe) != protocol(base) {
            return Err(PointError::ChangesProtocol { name: name.clone() }.into());
        }
        // Names make no difference to what is trained.
        recipe.name.clone_from(&base.name);
        recipe.about.clone_from(&base.about);
        if let Some(same) = recipes.iter().position(|other| *other == recipe) {
            return Err(PointError::Same {
                first: points[same].name.clone(),
                second: name.clone(),
            }
            .into());
        }
        let folder = point.folder.to_lowercase();
        if let Some(same) = points[..i]
            .iter()
            .find(|p| p.folder.to_lowercase() == folder)
        {
            return Err(PointError::SameName {
                first: same.name.clone(),
                second: name.clone(),
            }
            .into());
        }
        recipes.push(recipe);
    }
    Ok(())
}

/// A name that any file system takes; one that had to be changed for it ends in a fingerprint, so that names that
/// differ stay different.
fn in_a_folder_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+=,".contains(c);
    let kept: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(LONGEST_FOLDER)
        .collect();
    if kept == name && name != INSIDE && !name.starts_with('.') {
        return kept;
    }
    let hash = Sha256::digest(name.as_bytes());
    let hash: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", kept.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(options: &[&str]) -> Vec<String> {
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let points = grid(&options).unwrap().into_iter();
        points.map(|point| point.name).collect()
    }

    #[test]
    fn a_grid_is_the_product_of_its_keys() {
        assert_eq!(names(&[]), [UNCHANGED]);
        assert_eq!(
            names(&["a.b=1,2", "c=[1, 2], \"x,y\""]),
            [
                "a.b=1 c=[1, 2]",
                "a.b=1 c=\"x,y\"",
                "a.b=2 c=[1, 2]",
                "a.b=2 c=\"x,y\""
            ]
        );
    }

    #[test]
    fn a_variant_has_a_name_and_changes_whose_values_may_hold_spaces() {
        let point = variant("no flip: augment.flip=0 data.resize={ area = [56, 46] }").unwrap();
        assert_eq!(point.name, "no flip");
        assert_eq!(
            point.changes,
            ["augment.flip=0", "data.resize={ area = [56, 46] }"]
        );
        for text in ["no name", ": a=1", "x:", "x: a = 1", "x: a="] {
            assert!(variant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_of_different_names_differ() {
        let names = ["a b", "a_b", "a/b", "../a", ".a", "inside", "é", "a"];
        let mut folders: Vec<String> = names.iter().map(|name| in_a_folder_name(name)).collect();
        for folder in &folders {
            assert!(!folder.contains('/') && !folder.starts_with('.') && folder != INSIDE);
        }
        folders.sort();
        folders.dedup();
        assert_eq!(folders.len(), names.len());
        assert_eq!(in_a_folder_name("train.lr=1e-3"), "train.lr=1e-3");
        assert!(in_a_folder_name(&"x".repeat(500)).len() < 100);
    }
}
