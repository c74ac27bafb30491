//! What a sweep's folder says of itself, so that no other sweep writes over it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use siamese_model::write_atomically;

/// What all trainings of a sweep share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Base {
    /// The recipe without a point's changes, defaults spelled out.
    pub(super) recipe: String,
    pub(super) protocol: String,
}

/// The documents that a sweep leaves in its folder, each beside its Markdown.
pub(super) const SWEEP: &str = "sweep";
pub(super) const INSIDE: &str = super::points::INSIDE;

/// A document as far as it says whose it is.
#[derive(Serialize, Deserialize)]
struct Marked {
    base: Base,
}

impl Base {
    /// Fails where the folder belongs to another sweep or to something else.
    pub(super) fn check(&self, out: &Path) -> Result<()> {
        let place = out.display();
        for (file, what) in [
            ("recipe.toml", "a training"),
            ("crossval.json", "a cross-validation"),
        ] {
            if out.join(file).exists() {
                bail!("{place} holds {what}: choose another --out");
            }
        }
        for name in [SWEEP, INSIDE] {
            if let Some(what) = self.other_in(out, name) {
                bail!("{place} holds {what}: choose another --out, or replace it with --force");
            }
        }
        Ok(())
    }

    /// What a document is, where it is there and not of this sweep.
    fn other_in(&self, out: &Path, name: &str) -> Option<String> {
        let text = fs::read_to_string(out.join(format!("{name}.json"))).ok()?;
        match serde_json::from_str::<Marked>(&text) {
            Ok(found) if found.base == *self => None,
            Ok(found) if found.base.protocol != self.protocol => {
                Some(format!("a sweep on {}", found.base.protocol))
            }
            Ok(_) => Some("a sweep of another recipe".to_owned()),
            Err(_) => Some(format!(
                "{name}.json, which is not what this version writes"
            )),
        }
    }

    /// Makes the folder this sweep's: results that it has of it stay, those of another go.
    pub(super) fn mark(&self, out: &Path, name: &str) -> Result<()> {
        fs::create_dir_all(out).with_context(|| {
            format!(
                "cannot make the folder {}: choose another with --out",
                out.display()
            )
        })?;
        for other in [SWEEP, INSIDE] {
            if self.other_in(out, other).is_some() {
                for file in [format!("{other}.json"), format!("{other}.md")] {
                    remove(&out.join(file))?;
                }
            }
        }
        if out.join(format!("{name}.json")).exists() {
            return Ok(());
        }
        let base = self.clone();
        write(out, name, &Marked { base })
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot replace {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Writes a document as JSON.
pub(super) fn write(out: &Path, name: &str, document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    Ok(write_atomically(
        &out.join(format!("{name}.json")),
        text.as_bytes(),
    )?)
}

/// Writes its Markdown.
pub(super) fn write_markdown(out: &Path, name: &str, text: &str) -> Result<()> {
    Ok(write_atomically(
        &out.join(format!("{name}.md")),
        text.as_bytes(),
    )?)
}
