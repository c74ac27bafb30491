//! The images of one-shot runs in a catalogue, beside those of its own subjects.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::read::OneShotRuns;
use crate::catalog::{Catalog, RunSamples, SampleKind};
use crate::error::Error;

impl Catalog {
    /// The same catalogue with the classes of these runs as further subjects, named `run01/class08` after their runs and
    /// their images. So one set of images holds what is trained on and what is judged, and
    /// [`Protocol::OneShot`](crate::Protocol::OneShot) tells them apart.
    ///
    /// Where subjects are in groups, such a class is in that of its run.
    ///
    /// # Errors
    /// [`Error::SubjectTwice`] where a class is called like a subject, or two classes of a run alike;
    /// [`Error::TooManySamples`]; [`Error::FolderName`].
    pub fn with_runs(&self, runs: &OneShotRuns) -> Result<Self, Error> {
        let samples = 0..self.len() as u32;
        let mut entries: Vec<(String, PathBuf, SampleKind)> =
            samples.map(|sample| self.entry(sample)).collect();
        let genuine = |(name, path)| (name, path, SampleKind::Genuine);
        let mut run_of: HashMap<String, &str> = HashMap::new();
        for run in &runs.runs {
            let names = run.classes.iter().map(|class| class_name(&run.name, class));
            let names = names.collect::<Result<Vec<String>, Error>>()?;
            for name in &names {
                let again = run_of.insert(name.clone(), &run.name).is_some();
                if again || self.subject_by_name(name).is_some() {
                    return Err(Error::SubjectTwice { name: name.clone() });
                }
            }
            let classes = names.iter().cloned().zip(run.classes.iter().cloned());
            entries.extend(classes.map(genuine));
            let item = |(path, class): &(PathBuf, usize)| (names[*class].clone(), path.clone());
            entries.extend(run.items.iter().map(item).map(genuine));
        }
        let mut joined = Self::from_kinds(self.root(), entries)?;
        if self.groups() > 0 {
            joined = joined.with_groups(|name| {
                let own = self
                    .subject_by_name(name)
                    .and_then(|subject| self.group_of(subject));
                match own {
                    Some(group) => self.group_name(group).to_owned(),
                    None => run_of.get(name).map_or("", |run| *run).to_owned(),
                }
            });
        }
        let number: HashMap<&Path, u32> = joined
            .paths()
            .iter()
            .map(|path| path.as_path())
            .zip(0..)
            .collect();
        let samples = |paths: &mut dyn Iterator<Item = &PathBuf>| -> Vec<u32> {
            paths
                .filter_map(|path| number.get(path.as_path()).copied())
                .collect()
        };
        let found = runs.runs.iter().map(|run| RunSamples {
            name: run.name.clone(),
            classes: samples(&mut run.classes.iter()),
            items: samples(&mut run.items.iter().map(|(path, _)| path)),
        });
        let found = found.collect();
        joined.runs = found;
        joined.spellings = self.spellings.clone();
        Ok(joined)
    }
}

/// The subject that a class becomes.
fn class_name(run: &str, image: &Path) -> Result<String, Error> {
    match image.file_stem().and_then(|stem| stem.to_str()) {
        Some(stem) => Ok(format!("{run}/{stem}")),
        None => Err(Error::FolderName {
            path: image.to_owned(),
        }),
    }
}
