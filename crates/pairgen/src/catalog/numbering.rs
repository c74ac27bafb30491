//! The catalogue: which image shows which subject, as two numberings without gaps.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::families::Families;
use super::groups::Groups;
use super::kind::SampleKind;
use super::runs::RunSamples;
use crate::error::{Error, shortened};
use crate::natural;
use crate::spelling::{loose, nfc};

/// Subjects and samples (images), both numbered from 0 without gaps, and which sample shows which subject.
///
/// Subjects are in natural order of their names (`s2` before `s10`; letters compare
/// case-insensitively, ties by bytes), and the samples of a subject are neighbours, in natural
/// order of their paths. So the numbering depends on the names alone, never on the order in which a
/// file system or a list gives them. Every other part of this crate speaks in these numbers.
///
/// Names are kept and compared in Unicode's form NFC, so that a list and a folder that write `é` in two
/// ways mean one subject ([`alike_names`](Self::alike_names) tells of it). Paths keep their own bytes.
///
/// Subjects may belong to groups ([`group_of`](Self::group_of)): all of them, or none.
///
/// Forgeries of subjects, where there are any, are numbered after all genuine samples ([`forgeries_of`](Self::forgeries_of)), so
/// that what asks for the samples of a subject is given none.
///
/// Made by [`Catalog::scan`] from folders, by [`Catalog::from_csv`] from a list, or in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    root: PathBuf,
    pub(super) paths: Vec<PathBuf>,
    pub(super) subject_of: Vec<u32>,
    /// First sample of each subject, and one past the last sample at the end.
    starts: Vec<u32>,
    names: Vec<String>,
    by_name: HashMap<String, u32>,
    /// The ways in which a subject's name was written, where they are several.
    pub(crate) spellings: Vec<Vec<String>>,
    /// What the subjects belong to, where they do.
    pub(super) families: Option<Families>,
    /// First forgery of each subject, and one past the last at the end; empty where there are none.
    pub(super) forgery_starts: Vec<u32>,
    /// The one-shot runs among its subjects.
    pub(crate) runs: Vec<RunSamples>,
}

impl Catalog {
    /// A catalogue of `(subject, path)` entries, in any order.
    ///
    /// `root` is what the paths of pair lists are relative to; the paths themselves are kept as given.
    ///
    /// # Errors
    /// [`Error::NoSubjects`] without entries, [`Error::TooManySamples`] with 2^32 or more.
    pub fn from_entries(
        root: impl Into<PathBuf>,
        entries: impl IntoIterator<Item = (String, PathBuf)>,
    ) -> Result<Self, Error> {
        let mut groups = Groups::default();
        for (subject, path) in entries {
            groups.of(&subject).push(path);
        }
        Self::from_groups(root.into(), groups)
    }

    /// A catalogue of `(subject, path, kind)` entries, in any order; as [`from_entries`](Self::from_entries).
    ///
    /// # Errors
    /// As [`from_entries`](Self::from_entries), and [`Error::ForgeriesAlone`] where a subject has forgeries and nothing genuine.
    pub fn from_kinds(
        root: impl Into<PathBuf>,
        entries: impl IntoIterator<Item = (String, PathBuf, SampleKind)>,
    ) -> Result<Self, Error> {
        let mut groups = Groups::default();
        for (subject, path, kind) in entries {
            groups.of_kind(&subject, kind).push(path);
        }
        Self::from_groups(root.into(), groups)
    }

    /// A catalogue with `count` samples for each `(name, count)`: for tests and synthetic data.
    ///
    /// The paths are `name/1`, `name/2` and so on; no file needs to exist.
    ///
    /// ```
    /// # use pairgen::{Catalog, Error};
    /// let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
    /// assert_eq!((orl.subjects(), orl.len()), (40, 400));
    /// assert_eq!(orl.subject_name(9), "s10");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::SubjectTwice`] for a repeated name, [`Error::NoSubjects`] where no count is positive,
    /// [`Error::TooManySamples`] with 2^32 samples or more.
    pub fn from_counts<S: AsRef<str>>(
        counts: impl IntoIterator<Item = (S, u32)>,
    ) -> Result<Self, Error> {
        let mut groups = Groups::default();
        let mut names = 0;
        for (name, count) in counts {
            let name = name.as_ref();
            let folder = Path::new(name);
            let paths = groups.of(name);
            paths.extend((1..=count).map(|i| folder.join(i.to_string())));
            names += 1;
            if groups.groups.len() < names {
                return Err(Error::SubjectTwice {
                    name: name.to_owned(),
                });
            }
        }
        Self::from_groups(PathBuf::new(), groups)
    }

    /// Sorts and numbers subjects with their paths; subjects without paths are left out.
    pub(crate) fn from_groups(root: PathBuf, groups: Groups) -> Result<Self, Error> {
        let mut groups = groups.groups;
        groups.retain(|group| !group.paths.is_empty() || !group.forgeries.is_empty());
        if let Some(alone) = groups.iter().find(|group| group.paths.is_empty()) {
            return Err(Error::ForgeriesAlone {
                name: alone.name.clone(),
                forgeries: alone.forgeries.len(),
                root,
            });
        }
        let samples = groups
            .iter()
            .map(|group| group.paths.len() + group.forgeries.len())
            .sum();
        if u32::try_from(samples).is_err() {
            return Err(Error::TooManySamples { found: samples });
        }
        if groups.is_empty() {
            return Err(Error::NoSubjects {
                root,
                found: "it lists no image".to_owned(),
                fix: "name at least one image and its subject".to_owned(),
            });
        }
        groups.par_sort_by(|a, b| natural::compare(&a.name, &b.name));
        groups.par_iter_mut().for_each(|group| {
            group.paths.sort_by(|a, b| natural::compare_paths(a, b));
            group.forgeries.sort_by(|a, b| natural::compare_paths(a, b));
        });

        let mut catalog = Self {
            root,
            paths: Vec::with_capacity(samples),
            subject_of: Vec::with_capacity(samples),
            starts: vec![0],
            names: Vec::with_capacity(groups.len()),
            by_name: HashMap::with_capacity(groups.len()),
            spellings: Vec::new(),
            families: None,
            forgery_starts: Vec::new(),
            runs: Vec::new(),
        };
        let forged: Vec<Vec<PathBuf>> = groups
            .iter_mut()
            .map(|group| std::mem::take(&mut group.forgeries))
            .collect();
        for (subject, group) in (0..).zip(groups) {
            catalog.paths.extend(group.paths);
            catalog.subject_of.resize(catalog.paths.len(), subject);
            catalog.starts.push(catalog.paths.len() as u32);
            catalog.by_name.insert(group.name.clone(), subject);
            catalog.names.push(group.name);
            if group.written.len() > 1 {
                catalog.spellings.push(group.written);
            }
        }
        catalog.add_forgeries(forged);
        Ok(catalog)
    }

    /// The same catalogue without the samples that `keep` refuses, numbered anew. Subjects that keep nothing genuine are left
    /// out with their forgeries, and so are one-shot runs: they are added to a catalogue last.
    ///
    /// # Errors
    /// [`Error::NoSubjects`] where none is kept.
    pub fn kept(&self, keep: impl Fn(u32) -> bool) -> Result<Self, Error> {
        let stays: Vec<bool> = (0..self.subjects())
            .map(|subject| self.samples_of(subject).any(&keep))
            .collect();
        let samples = (0..self.len() as u32)
            .filter(|&sample| stays[self.subject_of(sample) as usize] && keep(sample));
        let mut kept =
            Self::from_kinds(self.root.clone(), samples.map(|sample| self.entry(sample)))?;
        let is_there = |written: &&Vec<String>| {
            let name = written.first().map_or("", String::as_str);
            kept.subject_by_name(name).is_some()
        };
        kept.spellings = self.spellings.iter().filter(is_there).cloned().collect();
        Ok(match &self.families {
            Some(families) => kept.with_groups(|name| {
                let subject = self.subject_by_name(name);
                let group = subject.map(|subject| families.name_of(subject));
                group.unwrap_or_default().to_owned()
            }),
            None => kept,
        })
    }

    /// The number of samples (images), forgeries included.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a catalogue is never empty")]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// The number of subjects.
    #[must_use]
    pub fn subjects(&self) -> u32 {
        self.names.len() as u32
    }

    /// Every subject number, for the builders that take a list of subjects.
    #[must_use]
    pub fn all_subjects(&self) -> Vec<u32> {
        (0..self.subjects()).collect()
    }

    /// The subject that `sample` shows, or whom it imitates.
    ///
    /// # Panics
    /// As slices do, where `sample >= len()`.
    #[must_use]
    pub fn subject_of(&self, sample: u32) -> u32 {
        self.subject_of[sample as usize]
    }

    /// The genuine samples of `subject`: never empty.
    ///
    /// # Panics
    /// As slices do, where `subject >= subjects()`.
    #[must_use]
    pub fn samples_of(&self, subject: u32) -> Range<u32> {
        self.starts[subject as usize]..self.starts[subject as usize + 1]
    }

    /// The name of `subject`: its folder's, or what the list calls it, in Unicode's form NFC.
    ///
    /// # Panics
    /// As slices do, where `subject >= subjects()`.
    #[must_use]
    pub fn subject_name(&self, subject: u32) -> &str {
        &self.names[subject as usize]
    }

    /// The subject of this name, case-sensitive and in any Unicode form.
    #[must_use]
    pub fn subject_by_name(&self, name: &str) -> Option<u32> {
        self.by_name.get(&*nfc(name)).copied()
    }

    /// The file of `sample`.
    ///
    /// # Panics
    /// As slices do, where `sample >= len()`.
    #[must_use]
    pub fn path(&self, sample: u32) -> &Path {
        &self.paths[sample as usize]
    }

    /// Every file, by sample number.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The folder that was scanned, or that holds the list; empty for catalogues made in memory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of `sample` relative to [`root`](Self::root), where it lies under it: how pair lists name it.
    ///
    /// # Panics
    /// As slices do, where `sample >= len()`.
    #[must_use]
    pub fn relative_path(&self, sample: u32) -> &Path {
        let path = self.path(sample);
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// Subjects with one image, in order: they can be in impostor pairs only.
    #[must_use]
    pub fn singletons(&self) -> Vec<u32> {
        self.singletons_among(&self.all_subjects())
    }

    /// Those of `subjects` that have one image, in the order given. Such test subjects are in no genuine
    /// pair, and their number belongs beside a figure.
    ///
    /// # Panics
    /// As slices do, where a subject is `subjects()` or more.
    #[must_use]
    pub fn singletons_among(&self, subjects: &[u32]) -> Vec<u32> {
        let alone = |subject: &u32| self.samples_of(*subject).len() == 1;
        subjects.iter().copied().filter(alone).collect()
    }

    /// What an error says of a name that no subject has.
    pub(crate) fn not_found(&self, name: &str) -> String {
        let looks = loose(name);
        match self.names.iter().find(|other| loose(other) == looks) {
            Some(other) => format!("`{name}`; `{other}` differs from it, though it looks alike"),
            None => format!("`{name}`"),
        }
    }

    /// The number of the subject called `name`.
    pub(crate) fn find(&self, name: &str) -> Result<u32, Error> {
        self.subject_by_name(name)
            .ok_or_else(|| Error::UnknownName {
                name: name.to_owned(),
                known: shortened(self.names.iter().map(String::as_str)),
            })
    }

    /// Refuses subject numbers that do not exist or are listed twice.
    pub(crate) fn check_subjects<'a>(
        &self,
        subjects: impl IntoIterator<Item = &'a u32>,
    ) -> Result<(), Error> {
        let mut seen = vec![false; self.names.len()];
        for &subject in subjects {
            match seen.get_mut(subject as usize) {
                None => {
                    return Err(Error::UnknownSubject {
                        subject,
                        subjects: self.subjects(),
                    });
                }
                Some(seen) if *seen => {
                    return Err(Error::SubjectTwice {
                        name: self.subject_name(subject).to_owned(),
                    });
                }
                Some(seen) => *seen = true,
            }
        }
        Ok(())
    }
}
