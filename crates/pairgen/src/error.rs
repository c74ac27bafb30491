//! Everything that can go wrong here, with what was expected, what was found and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::pair::PairKind;

/// Why a catalogue, a pair set, a split or a sampler could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot {action} {}: {source}; {}", path.display(), io_hint(source))]
    Io {
        /// What was being read.
        path: PathBuf,
        /// What was attempted, as a verb phrase (`read the folder`).
        action: &'static str,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The path to scan is a file.
    #[error("{} is not a folder; give the folder that holds one folder of images per subject", path.display())]
    NotAFolder {
        /// The path given.
        path: PathBuf,
    },
    /// A folder that holds no one-shot run, or a run that is not whole.
    #[error(
        "{} is no one-shot test: {found}; expected folders of runs, each with `training` (an image of each class), `test` \
         (items) and `class_labels.txt` (a line `ITEM CLASS` for each item)",
        folder.display()
    )]
    NoRuns {
        /// The folder.
        folder: PathBuf,
        /// What was there instead.
        found: String,
    },
    /// A scanned folder or a list holds no subject with an image.
    #[error("no subjects found in {}: {found}; {fix}", root.display())]
    NoSubjects {
        /// The folder or list read.
        root: PathBuf,
        /// What was there instead.
        found: String,
        /// What to do.
        fix: String,
    },
    /// A subject of whom there are forgeries and nothing genuine.
    #[error(
        "{}: expected genuine samples of `{name}`, found {forgeries} forgeries and nothing genuine; add some, or take the \
         forgeries away",
        root.display()
    )]
    ForgeriesAlone {
        /// The folder or list read.
        root: PathBuf,
        /// The subject.
        name: String,
        /// How many forgeries of it there are.
        forgeries: usize,
    },
    /// A pattern of folders that is no layout.
    #[error("`{found}` is not a layout: {reason}; expected {expected}")]
    Layout {
        /// The pattern given.
        found: String,
        /// What is wrong with it.
        reason: &'static str,
        /// What a layout is.
        expected: &'static str,
    },
    /// A subject's folder has a name that no list or report could spell.
    #[error("the folder name {} is not valid UTF-8; rename it", path.display())]
    FolderName {
        /// The folder.
        path: PathBuf,
    },
    /// A CSV list has the wrong header.
    #[error("{}: expected the header line `{}`, found `{found}`", path.display(), expected.join("` or `"))]
    ListHeader {
        /// The list.
        path: PathBuf,
        /// The headers of which the list must have one, each its column names with commas between.
        expected: &'static [&'static str],
        /// The first line's columns.
        found: String,
    },
    /// A CSV list is not text.
    #[error("{}: {source}; save the list as UTF-8 text", path.display())]
    ListSyntax {
        /// The list.
        path: PathBuf,
        /// The reason, with its line.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A line of a list that says something else than it should.
    #[error("{}, line {line}: expected {expected}, found {found}", path.display())]
    ListLine {
        /// The list.
        path: PathBuf,
        /// Its line, counted from 1 with the header.
        line: u64,
        /// What the line should say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// More samples than 32-bit indices can address.
    #[error(
        "{found} images are more than the {} that can be numbered; split the set",
        u32::MAX
    )]
    TooManySamples {
        /// How many were given.
        found: usize,
    },
    /// A sample number beyond the catalogue.
    #[error("sample number {sample} does not exist: the catalogue has {samples}, numbered from 0")]
    UnknownSample {
        /// The number given.
        sample: u32,
        /// Samples in the catalogue.
        samples: usize,
    },
    /// A subject number beyond the catalogue.
    #[error(
        "subject number {subject} does not exist: the catalogue has {subjects}, numbered from 0"
    )]
    UnknownSubject {
        /// The number given.
        subject: u32,
        /// Subjects in the catalogue.
        subjects: u32,
    },
    /// A subject name that is not in the catalogue.
    #[error("no subject is called `{name}`: the catalogue has {known}; names are case-sensitive")]
    UnknownName {
        /// The name given.
        name: String,
        /// The names that exist, shortened.
        known: String,
    },
    /// A subject listed more than once, or in two parts of a split.
    #[error("subject `{name}` is listed twice; list each subject once, in one part only")]
    SubjectTwice {
        /// Its name.
        name: String,
    },
    /// Too few subjects for what was asked.
    #[error(
        "{purpose} needs at least {needed} subjects, found {found}; add subjects or take them from another part"
    )]
    TooFewSubjects {
        /// What was being made.
        purpose: &'static str,
        /// The least number that works.
        needed: usize,
        /// The number given.
        found: usize,
    },
    /// No subject has two images, so no genuine pair exists.
    #[error(
        "none of the {subjects} subjects has two images, so there are no genuine pairs; add a second image of at least one"
    )]
    NoGenuinePairs {
        /// Subjects given.
        subjects: usize,
    },
    /// More distinct pairs were asked for than exist.
    #[error(
        "{asked} different {kind} pairs were asked for, but these subjects have {exist}; ask for at most {exist}"
    )]
    NotEnoughPairs {
        /// Which kind ran out.
        kind: PairKind,
        /// How many were asked for.
        asked: u64,
        /// How many different unordered pairs exist.
        exist: u64,
    },
    /// A pair of one image with itself.
    #[error("a pair needs two different images, found sample {sample} twice")]
    SelfPair {
        /// The sample number.
        sample: u32,
    },
    /// A fraction out of range.
    #[error("{name} must be {expected}, found {found}")]
    Fraction {
        /// Which fraction.
        name: &'static str,
        /// The range that works.
        expected: &'static str,
        /// The value given.
        found: f64,
    },
    /// A set whose top folders are parts of a split has one name in two of them.
    #[error(
        "{shared} subjects are in more than one of the folders, such as `{a}` and `{b}`, so the folders do not split subjects; \
         read the set with the layout `*/{{subject}}/*`, which joins them, and use another protocol"
    )]
    PartsShareSubjects {
        /// How many.
        shared: usize,
        /// One of them.
        a: String,
        /// The same in another part.
        b: String,
    },
    /// A part of a split would be empty.
    #[error("the {part} part would be empty: {reason}")]
    EmptyPart {
        /// `train`, `validation`, `test` or `fit`.
        part: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// A number of folds that cannot be made.
    #[error(
        "{folds} folds cannot be made of {subjects} subjects; ask for at least 2 and at most one for each subject"
    )]
    Folds {
        /// Folds asked for.
        folds: u32,
        /// Subjects in the catalogue.
        subjects: u32,
    },
    /// A number of folds that cannot be made of groups.
    #[error(
        "{folds} folds cannot be made of {groups} groups of subjects; ask for at least 2 and at most one for each group"
    )]
    GroupFolds {
        /// Folds asked for.
        folds: u32,
        /// Groups in the catalogue.
        groups: u32,
    },
    /// A list of folds in which no subject could train while the others test.
    #[error("{}: expected at least 2 folds, found {found}; {instead}", path.display())]
    TooFewFolds {
        /// The list.
        path: PathBuf,
        /// Folds that it names.
        found: usize,
        /// What to do.
        instead: &'static str,
    },
    /// A protocol name that does not exist.
    #[error("no protocol is called `{found}`; choose one of {known}")]
    UnknownProtocol {
        /// The name given.
        found: String,
        /// The names that exist.
        known: &'static str,
    },
    /// A protocol that is defined on another set of subjects.
    #[error("the protocol `{protocol}` is made for {expected}, found {found}; {instead}")]
    ProtocolMismatch {
        /// The protocol.
        protocol: &'static str,
        /// What it is defined on.
        expected: String,
        /// What the catalogue has.
        found: String,
        /// What to use.
        instead: &'static str,
    },
    /// `seed-pairs` was asked for folds without shared subjects, which it cannot give.
    #[error(
        "`seed-pairs` splits pairs, not subjects, so the same subjects train and test; \
         choose another protocol, or make a PairSplit where the leak is wanted"
    )]
    LeakyProtocol,
    /// `everybody` was asked for folds, which it does not have.
    #[error(
        "`everybody` trains on all subjects and tests nobody; choose another protocol, such as `k-fold:5`, to judge by"
    )]
    NobodyTested,
    /// A pair split was used with a pair set of another size.
    #[error(
        "this split was made of {expected} pairs, found a set of {found}; use the set that it was made from"
    )]
    OtherPairSet {
        /// Pairs in the set that was split.
        expected: usize,
        /// Pairs in the set given.
        found: usize,
    },
    /// A batch with nothing in it.
    #[error("{name} must be at least 1, found 0")]
    ZeroBatch {
        /// Which size.
        name: &'static str,
    },
    /// Some subjects have too few images for a batch.
    #[error(
        "{images} images per subject were asked for, but {short} of {subjects} subjects have fewer: {names}; \
         ask for fewer images, or choose to skip those subjects or to repeat their images"
    )]
    TooFewImages {
        /// Images per subject asked for.
        images: usize,
        /// How many subjects have fewer.
        short: usize,
        /// Subjects given.
        subjects: usize,
        /// Their names, shortened.
        names: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, action: &'static str, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }

    pub(crate) fn line(path: &Path, line: u64, expected: &str, found: &str) -> Self {
        Self::ListLine {
            path: path.to_owned(),
            line,
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }
}

fn io_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "make it readable (`chmod -R u+rX`)",
        _ => "check the path and the disk it is on",
    }
}

/// The first few of `names`, and how many more there are.
pub(crate) fn shortened<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let total = names.len();
    let mut text = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if total > SHOWN {
        text.push_str(&format!(" and {} more", total - SHOWN));
    }
    text
}
