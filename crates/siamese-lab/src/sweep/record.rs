//! What a sweep's folder says about itself, so that no other sweep writes over it.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use siamese_net::write_atomically;

use crate::error::{Error, Result, SweepError, make_folder, remove};

/// What all trainings of a sweep share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The recipe without a point's changes, defaults spelled out.
    pub recipe: String,
    /// What divides the subjects.
    pub protocol: String,
}

/// The documents that a sweep leaves in its folder, each beside its Markdown.
pub(super) const SWEEP: &str = "sweep";
pub(super) const INSIDE: &str = super::points::INSIDE;

/// The part of a document that says which sweep it belongs to.
#[derive(Serialize, Deserialize)]
struct Marked {
    base: Base,
}

impl Base {
    /// Fails where the folder belongs to another sweep.
    pub(super) fn check(&self, out: &Path) -> Result<()> {
        for name in [SWEEP, INSIDE] {
            if let Some(what) = self.other_in(out, name) {
                return Err(SweepError::OtherSweep {
                    folder: out.into(),
                    what,
                }
                .into());
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

    /// Makes the folder this sweep's own. Results of this sweep stay; those of another are removed.
    pub(super) fn mark(&self, out: &Path, name: &str) -> Result<()> {
        make_folder(out)?;
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
        write(&out.join(format!("{name}.json")), &Marked { base })
    }
}

/// Writes a document as JSON.
pub(super) fn write(path: &Path, document: &impl Serialize) -> Result<()> {
    let text =
        serde_json::to_string_pretty(document).map_err(|error| Error::build("record", error))?;
    write_text(path, &text)
}

/// Writes a page.
pub(super) fn write_text(path: &Path, text: &str) -> Result<()> {
    Ok(write_atomically(path, text.as_bytes())?)
}
