//! The named protocols, so that figures of different programs can be compared.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::fold::Fold;
use super::folds::Folds;
use super::subjects::{FoldOrder, SubjectSplit, dealt};
use super::trials::{self, RunGroups};
use super::{from_list, lfw_folds, orl};
use crate::catalog::{Catalog, part_of};
use crate::error::Error;
use crate::lfw;

/// A named way to divide subjects (or, for one of them, pairs) into train and test.
///
/// Parsed from and printed as the name in the table. `k-fold`, `k-fold-groups`, `everybody`, `folders`, `list` and `lfw`
/// are for any catalogue, `one-shot` and `omniglot-runs` for any that [has the runs](Catalog::with_runs); the others are
/// defined on the AT&T (ORL) faces, 40 subjects with ten images each, and refuse other sets rather than mean something else
/// by the name.
///
/// | name | folds | what |
/// |---|---|---|
/// | `seed-pairs` | - | 75/25 of pairs at random; leaks subjects; a [`PairSplit`](crate::PairSplit) |
/// | `chopra-35-5` | 1 | subjects 1-35 train, 36-40 test (Chopra, Hadsell, LeCun, CVPR 2005) |
/// | `subjects-8-fold` | 8 | five subjects held out in turn, 36-40 last |
/// | `subjects-20-20` | 2 | 1-20 train and 21-40 test, and the other way round |
/// | `bob-20-20` | 1 | the lists of the package `bob.db.atnt` |
/// | `k-fold:N` | N | any catalogue, its subjects shuffled with the seed |
/// | `k-fold-groups:N` | N | any catalogue with groups: these are shuffled with the seed, and each tests whole |
/// | `everybody` | - | all subjects train and nobody is tested |
/// | `one-shot:DIR` | 1 | all subjects train; the [runs](crate::OneShotRuns) of this folder test |
/// | `omniglot-runs` | 1 | the same with Omniglot's 20 official runs, `all_runs` beside the set |
/// | `folders` | 1 | a set in folders `train`, `val`, `test`: [`SubjectSplit::from_folders`] |
/// | `list:PATH` | as listed | a CSV list of subjects, below; also any path that ends in `.csv` |
/// | `lfw:PATH` | as listed | a list in the form of LFW's, below; also any path that ends in `pairs.txt` |
///
/// A list of subjects has the header `subject,fold` or `subject,part`. With `fold`, a number or any
/// other label, each subject tests in its fold and trains in all others, and the folds are in natural
/// order of their labels. With `part` (`train`, `validation` or `test`) it is one fold. Subjects that a
/// list does not name are in no part, and [`Fold::left_out`] has them.
///
/// LFW's `pairs.txt` (Huang, Ramesh, Berg, Learned-Miller, UMass Amherst TR 07-49, 2007) says in its
/// first line how many sets it has and how many pairs of each kind are in each; then come, for each
/// set, its genuine lines `name<TAB>i<TAB>j` and its impostor lines `name<TAB>i<TAB>name<TAB>j`. Fold k
/// tests just the pairs of set k ([`Fold::test_pairs`]) and trains on all images of the subjects that the
/// other sets name; sets that share a subject are refused. Image i of a subject is `name/name_%04d` of
/// i with any extension or, where there is none, the image whose name ends in i.
///
/// ```
/// # use pairgen::{Catalog, Error, Protocol};
/// let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
/// let folds = "subjects-8-fold".parse::<Protocol>()?.folds(&orl, 0)?;
/// assert_eq!(folds[7].split().test(), [35, 36, 37, 38, 39]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `seed-pairs`: leaks subjects; for reproduction only.
    SeedPairs,
    /// `chopra-35-5`.
    Chopra35_5,
    /// `subjects-8-fold`.
    Subjects8Fold,
    /// `subjects-20-20`.
    Subjects20_20,
    /// `bob-20-20`.
    Bob20_20,
    /// `k-fold:N`, N at least 2.
    KFold(u32),
    /// `k-fold-groups:N`, N at least 2: no group of subjects is on both sides.
    KFoldGroups(u32),
    /// `everybody`: all subjects train, for a model whose error rates were measured by other trainings.
    Everybody,
    /// `one-shot:DIR`: the runs of this folder, the path as given. The catalogue must have them
    /// ([`Catalog::with_runs`]).
    OneShot(PathBuf),
    /// `omniglot-runs`: Omniglot's 20 official runs, 400 trials of 20 ways. The catalogue must have them.
    OmniglotRuns,
    /// `folders`: the set's own folders, named after the parts.
    Folders,
    /// `list:PATH`, or a bare path that ends in `.csv`: a list of subjects, the path as given.
    List(PathBuf),
    /// `lfw:PATH`, or a bare path that ends in `pairs.txt`: a list in LFW's form, the path as given.
    Lfw(PathBuf),
}

impl Protocol {
    /// Every name that parses, for messages and help texts.
    pub const NAMES: &'static str = "seed-pairs, chopra-35-5, subjects-8-fold, subjects-20-20, bob-20-20, \
        k-fold:N (N at least 2), k-fold-groups:N (whole groups of subjects), everybody (nobody is tested), one-shot:DIR (runs of one-shot trials), omniglot-runs (those of `all_runs` beside the set), folders (train/, val/, test/), list:PATH (or a path that ends in .csv), lfw:PATH (or a path that ends in pairs.txt)";

    /// Whether test subjects also occur in training: true of `seed-pairs` only.
    #[must_use]
    pub fn leaks_people(&self) -> bool {
        *self == Self::SeedPairs
    }

    /// Whether no subject is kept out of training, so that there are no [`folds`](Self::folds): true of `seed-pairs` and
    /// `everybody`.
    #[must_use]
    pub fn trains_on_everybody(&self) -> bool {
        matches!(self, Self::SeedPairs | Self::Everybody)
    }

    /// The folder of the [runs](crate::OneShotRuns) that a one-shot test is of, where the images of its training are in
    /// `data`: a folder, or a list. `None` for other protocols.
    #[must_use]
    pub fn runs(&self, data: &Path) -> Option<PathBuf> {
        match self {
            Self::OneShot(folder) => Some(folder.clone()),
            Self::OmniglotRuns => {
                // `.` and what ends in `..` have no name of their own, and are in the folder above.
                let beside = match data.file_name() {
                    Some(_) => data.parent().unwrap_or(data).to_owned(),
                    None => data.join(".."),
                };
                Some(beside.join("all_runs"))
            }
            _ => None,
        }
    }

    /// The folds of this protocol, in order; in each of them every subject is in one part only. Only `k-fold:N` and
    /// `k-fold-groups:N` use the seed.
    ///
    /// Only `folders` and a list `subject,part` name validation subjects itself; [`Fold::with_validation`] takes some,
    /// or more, from training.
    ///
    /// # Errors
    /// [`Error::LeakyProtocol`] for `seed-pairs`; [`Error::NobodyTested`] for `everybody`; [`Error::ProtocolMismatch`] where a protocol of ORL
    /// meets other than 40 subjects with ten images each (for `bob-20-20`: other names than s1..s40);
    /// `folders` other folders, `k-fold-groups` no groups, a one-shot test no runs or (`omniglot-runs`) other ones; [`Error::PartsShareSubjects`]; [`Error::Folds`];
    /// [`Error::GroupFolds`].
    /// For a list [`Error::Io`], [`Error::ListHeader`], [`Error::ListSyntax`], [`Error::ListLine`] for
    /// subjects that are unknown, listed twice or in two sets, images that do not exist, and counts that
    /// are not kept; [`Error::TooFewFolds`], also for LFW's lists of one set; [`Error::EmptyPart`].
    pub fn folds(&self, catalog: &Catalog, seed: u64) -> Result<Vec<Fold>, Error> {
        self.on(catalog, seed)?.iter().collect()
    }

    /// One of the [`folds`](Self::folds), counted from 0, or `None` past the last: the others take no memory.
    ///
    /// # Errors
    /// As [`folds`](Self::folds), for this fold.
    pub fn fold(&self, catalog: &Catalog, seed: u64, number: usize) -> Result<Option<Fold>, Error> {
        self.on(catalog, seed)?.get(number)
    }

    /// Makes every fold once, keeps none, and returns how many there are: whether this protocol suits a catalogue.
    ///
    /// # Errors
    /// As [`folds`](Self::folds).
    pub fn check(&self, catalog: &Catalog, seed: u64) -> Result<usize, Error> {
        let folds = self.on(catalog, seed)?;
        folds.iter().try_for_each(|fold| fold.map(drop))?;
        Ok(folds.count)
    }

    fn on<'a>(&'a self, catalog: &'a Catalog, seed: u64) -> Result<Folds<'a>, Error> {
        let splits = match self {
            Self::SeedPairs => return Err(Error::LeakyProtocol),
            Self::Everybody => return Err(Error::NobodyTested),
            Self::Chopra35_5 => vec![orl::chopra_35_5(catalog)?],
            Self::Subjects8Fold => orl::subjects_8_fold(catalog)?,
            Self::Subjects20_20 => orl::subjects_20_20(catalog)?,
            Self::Bob20_20 => vec![orl::bob_20_20(catalog)?],
            Self::KFold(folds) => {
                let make = dealt(catalog, *folds, FoldOrder::Shuffled(seed))?;
                return Ok(Folds::new(*folds as usize, move |fold| {
                    Ok(Fold::new(catalog, make(fold as u32)))
                }));
            }
            Self::KFoldGroups(folds) => {
                let splits = SubjectSplit::group_folds(catalog, *folds, FoldOrder::Shuffled(seed))?;
                return Ok(Folds::new(splits.len(), move |fold| {
                    let (split, label) = &splits[fold];
                    Ok(Fold::new(catalog, split.clone()).with_label(label.clone()))
                }));
            }
            Self::OneShot(_) => {
                return Ok(Folds::new(1, |_| trials::fold(catalog, RunGroups::Unknown)));
            }
            Self::OmniglotRuns => {
                return Ok(Folds::new(1, |_| trials::fold(catalog, RunGroups::Pairs)));
            }
            Self::Folders => {
                let split = SubjectSplit::from_folders(catalog)?;
                vec![split.ok_or_else(|| no_parts(catalog))?]
            }
            Self::List(path) => return from_list::folds(catalog, path),
            Self::Lfw(path) => return lfw_folds::folds(catalog, path),
        };
        Ok(Folds::of_splits(catalog, splits))
    }

    /// How many folds this protocol has: read from a list's file, without a catalogue or its checks.
    ///
    /// # Errors
    /// [`Error::LeakyProtocol`] for `seed-pairs`; [`Error::NobodyTested`] for `everybody`; for a list, what is wrong with the file itself, as
    /// for [`folds`](Self::folds).
    pub fn fold_count(&self) -> Result<usize, Error> {
        match self {
            Self::SeedPairs => Err(Error::LeakyProtocol),
            Self::Everybody => Err(Error::NobodyTested),
            Self::Chopra35_5
            | Self::Bob20_20
            | Self::Folders
            | Self::OneShot(_)
            | Self::OmniglotRuns => Ok(1),
            Self::Subjects20_20 => Ok(2),
            Self::Subjects8Fold => Ok(8),
            Self::KFold(folds) | Self::KFoldGroups(folds) => Ok(*folds as usize),
            Self::List(path) => from_list::fold_count(path),
            Self::Lfw(path) => lfw::set_count(path),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeedPairs => f.pad("seed-pairs"),
            Self::Chopra35_5 => f.pad("chopra-35-5"),
            Self::Subjects8Fold => f.pad("subjects-8-fold"),
            Self::Subjects20_20 => f.pad("subjects-20-20"),
            Self::Bob20_20 => f.pad("bob-20-20"),
            Self::KFold(folds) => f.pad(&format!("k-fold:{folds}")),
            Self::KFoldGroups(folds) => f.pad(&format!("k-fold-groups:{folds}")),
            Self::Everybody => f.pad("everybody"),
            Self::OneShot(folder) => f.pad(&format!("one-shot:{}", folder.display())),
            Self::OmniglotRuns => f.pad("omniglot-runs"),
            Self::Folders => f.pad("folders"),
            Self::List(path) => f.pad(&format!("list:{}", path.display())),
            Self::Lfw(path) => f.pad(&format!("lfw:{}", path.display())),
        }
    }
}

impl FromStr for Protocol {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "seed-pairs" => Ok(Self::SeedPairs),
            "chopra-35-5" => Ok(Self::Chopra35_5),
            "subjects-8-fold" => Ok(Self::Subjects8Fold),
            "subjects-20-20" => Ok(Self::Subjects20_20),
            "bob-20-20" => Ok(Self::Bob20_20),
            "everybody" => Ok(Self::Everybody),
            "folders" => Ok(Self::Folders),
            "omniglot-runs" => Ok(Self::OmniglotRuns),
            _ => k_fold(name)
                .or_else(|| list(name))
                .ok_or_else(|| Error::UnknownProtocol {
                    found: name.to_owned(),
                    known: Self::NAMES,
                }),
        }
    }
}

/// The error for a set whose folders are not named after parts.
fn no_parts(catalog: &Catalog) -> Error {
    let subjects = 0..catalog.subjects();
    let other = subjects
        .map(|subject| catalog.subject_name(subject))
        .find(|name| {
            let folder = name.split_once('/').map(|(folder, _)| folder);
            folder.is_none_or(|folder| part_of(folder).is_none())
        });
    Error::ProtocolMismatch {
        protocol: "folders",
        expected: "subjects in folders `train`, `val` and `test`, read with the layout `{part}/{subject}/*`".to_owned(),
        found: format!("the subject `{}`", other.unwrap_or_default()),
        instead: "use `k-fold:N`, or a list `subject,part`",
    }
}

fn k_fold(name: &str) -> Option<Protocol> {
    let (kind, folds) = name.split_once(':')?;
    let folds = folds.parse().ok().filter(|folds| *folds >= 2)?;
    match kind {
        "k-fold" => Some(Protocol::KFold(folds)),
        "k-fold-groups" => Some(Protocol::KFoldGroups(folds)),
        _ => None,
    }
}

/// A path with its prefix, or one that its end tells to be a list.
fn list(name: &str) -> Option<Protocol> {
    let lower = name.to_ascii_lowercase();
    if let Some(path) = name.strip_prefix("list:") {
        (!path.is_empty()).then(|| Protocol::List(path.into()))
    } else if let Some(path) = name.strip_prefix("one-shot:") {
        (!path.is_empty()).then(|| Protocol::OneShot(path.into()))
    } else if let Some(path) = name.strip_prefix("lfw:") {
        (!path.is_empty()).then(|| Protocol::Lfw(path.into()))
    } else if lower.ends_with(".csv") {
        Some(Protocol::List(name.into()))
    } else if lower.ends_with("pairs.txt") {
        Some(Protocol::Lfw(name.into()))
    } else {
        None
    }
}
