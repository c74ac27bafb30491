//! Folders that are filled.

use std::path::{Path, PathBuf};

use siamese_net::clear_unfinished;

use crate::error::{Error, OutError};
use crate::run::{BegunRun, ReportFiles, first_checkpoint, run_files};

/// What fills a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// One training.
    Training,
    /// The trainings of a protocol's folds.
    Crossval,
    /// The cross-validations of many points.
    Sweep,
    /// The classic recipe, trained both ways.
    Reproduction,
    /// A report, and nothing else.
    Report,
}

impl Work {
    /// From the one that is told by what only it writes to the one that is told by what they all write.
    const ALL: [Self; 5] = [
        Self::Crossval,
        Self::Sweep,
        Self::Reproduction,
        Self::Training,
        Self::Report,
    ];

    /// What fills this folder, if anything does.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Option<Self> {
        let there = |name: &str| folder.join(name).exists();
        Self::ALL.into_iter().find(|work| match work {
            Self::Crossval => there("crossval.json"),
            Self::Sweep => there("sweep.json") || there("inside.json"),
            // Its first training.
            Self::Reproduction => there("seed-s0"),
            // Older versions wrote no run.json.
            Self::Training => {
                BegunRun::path(folder).exists()
                    || there("figures.json")
                    || first_checkpoint(folder).is_some()
            }
            Self::Report => is_report(&ReportFiles::of(folder).json),
        })
    }

    /// Whether the folder holds work of this kind already. Clears what a killed process left there unfinished.
    ///
    /// # Errors
    /// [`OutError`] where it holds work of another kind, or a file of the user's that would be replaced.
    pub fn expect_place(self, folder: &Path) -> Result<bool, Error> {
        if !folder.is_dir() {
            return Ok(false);
        }
        let found = Self::in_folder(folder);
        match found {
            Some(found) if found != self => {
                return Err(OutError::OtherWork {
                    folder: folder.into(),
                    found: found.name(),
                }
                .into());
            }
            Some(_) => {}
            None => {
                if let Some(path) = self.files(folder).into_iter().find(|file| file.exists()) {
                    let work = self.name();
                    return Err(OutError::OfTheUser { path, work }.into());
                }
            }
        }
        clear_unfinished(folder);
        clear_unfinished(&ReportFiles::of(folder).plots);
        Ok(found.is_some())
    }

    /// In messages.
    fn name(self) -> &'static str {
        match self {
            Self::Training => "a training",
            Self::Crossval => "a cross-validation",
            Self::Sweep => "a sweep",
            Self::Reproduction => "a reproduction of the classic recipe",
            Self::Report => "a report",
        }
    }

    /// Whatever it may write there, beside folders for parts of it.
    fn files(self, folder: &Path) -> Vec<PathBuf> {
        let named = |names: &[&str]| names.iter().map(|name| folder.join(name)).collect();
        match self {
            Self::Training => run_files(folder),
            Self::Crossval => {
                let mut files = ReportFiles::of(folder).all();
                files.push(folder.join("crossval.json"));
                files
            }
            Self::Sweep => named(&["sweep.json", "sweep.md", "inside.json", "inside.md"]),
            Self::Reproduction => {
                named(&["report.json", "report.md", "distances.svg", "distances.png"])
            }
            Self::Report => ReportFiles::of(folder).all(),
        }
    }
}

/// Whether a file is a report's document, of this version or another.
fn is_report(path: &Path) -> bool {
    #[derive(serde::Deserialize)]
    struct Document {
        #[serde(rename = "test")]
        _test: serde_json::Value,
        #[serde(rename = "methods")]
        _methods: serde_json::Value,
    }
    let text = std::fs::read_to_string(path).ok();
    text.is_some_and(|text| serde_json::from_str::<Document>(&text).is_ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn each_kind_of_work_keeps_out_of_the_folders_of_the_others() {
        for (marker, work) in [
            ("run.json", Work::Training),
            ("figures.json", Work::Training),
            ("checkpoint-2.safetensors", Work::Training),
            ("crossval.json", Work::Crossval),
            ("sweep.json", Work::Sweep),
            ("inside.json", Work::Sweep),
            ("seed-s0", Work::Reproduction),
        ] {
            let folder = TempDir::new().unwrap();
            fs::write(folder.path().join(marker), "{}").unwrap();
            for other in Work::ALL {
                let found = other.expect_place(folder.path());
                match other == work {
                    true => assert!(found.unwrap(), "{marker}"),
                    false => {
                        let said = found.unwrap_err().to_string();
                        assert!(said.contains(work.name()), "{said}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_of_the_users_is_named_and_others_do_not_matter() {
        for work in Work::ALL {
            for file in work.files(Path::new("")) {
                let folder = TempDir::new().unwrap();
                fs::write(folder.path().join("notes.txt"), "mine").unwrap();
                assert!(!work.expect_place(folder.path()).unwrap());
                let path = folder.path().join(&file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "mine").unwrap();
                if Work::in_folder(folder.path()).is_none() {
                    let said = work.expect_place(folder.path()).unwrap_err().to_string();
                    assert!(said.contains(file.to_str().unwrap()), "{said}");
                }
            }
        }
    }
}
