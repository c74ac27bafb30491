//! The named protocols, so that figures of different programs can be compared.

use std::fmt;
use std::str::FromStr;

use crate::subject_split::FoldOrder;
use crate::{Catalog, Error, SubjectSplit};

/// The subjects that `bob.db.atnt` trains on; the other twenty test.
const BOB_TRAIN: [u32; 20] = [
    1, 2, 5, 6, 10, 11, 12, 14, 16, 17, 20, 21, 24, 26, 27, 29, 33, 34, 36, 39,
];
/// The image numbers that `bob.db.atnt` enrols of each test subject; the others probe.
const BOB_ENROL: [u32; 5] = [2, 4, 5, 7, 9];

/// A way to divide people (or, for one of them, pairs) into train and test that has a name.
///
/// Parsed from and printed as the name in the table. All but `k-fold:N` are defined on the AT&T
/// (ORL) faces, 40 subjects with ten images each, and refuse other sets rather than bend their name.
///
/// | name | folds | what |
/// |---|---|---|
/// | `seed-pairs` | - | 75/25 of pairs at random; leaks people; a [`PairSplit`](crate::PairSplit) |
/// | `chopra-35-5` | 1 | subjects 1-35 train, 36-40 test (Chopra, Hadsell, LeCun, CVPR 2005) |
/// | `subjects-8-fold` | 8 | five subjects held out in turn, 36-40 last |
/// | `subjects-20-20` | 2 | 1-20 train and 21-40 test, and the other way round |
/// | `bob-20-20` | 1 | the lists of the package `bob.db.atnt` |
/// | `k-fold:N` | N | any catalogue, its subjects shuffled with the seed |
///
/// ```
/// # use pairgen::{Catalog, Error, Protocol};
/// let orl = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
/// let folds = "subjects-8-fold".parse::<Protocol>()?.folds(&orl, 0)?;
/// assert_eq!(folds[7].test(), [35, 36, 37, 38, 39]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `seed-pairs`: leaks people; for reproduction only.
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
}

/// The samples of a test that enrols some images of each subject and probes with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolProbe {
    /// Samples to enrol, in catalogue order.
    pub enrol: Vec<u32>,
    /// Samples to compare with what was enrolled, in catalogue order.
    pub probe: Vec<u32>,
}

impl Protocol {
    /// Every name that parses, for messages and help texts.
    pub const NAMES: &'static str = "seed-pairs, chopra-35-5, subjects-8-fold, subjects-20-20, bob-20-20, k-fold:N (N at least 2)";

    /// Whether test people also occur in training: true of `seed-pairs` only.
    #[must_use]
    pub fn leaks_people(&self) -> bool {
        *self == Self::SeedPairs
    }

    /// The people-disjoint splits of this protocol, in order. Only `k-fold:N` uses the seed.
    ///
    /// No split has validation people; [`SubjectSplit::with_validation`] takes some from training.
    ///
    /// # Errors
    /// [`Error::LeakyProtocol`] for `seed-pairs`; [`Error::ProtocolMismatch`] where a protocol of ORL
    /// meets other than 40 subjects (for `bob-20-20`: other names than s1..s40); [`Error::Folds`].
    pub fn folds(&self, catalog: &Catalog, seed: u64) -> Result<Vec<SubjectSplit>, Error> {
        let split = |test: &dyn Fn(u32) -> bool| {
            let (test, train) = (0..catalog.subjects()).partition(|&subject| test(subject));
            SubjectSplit::from_subjects(catalog, train, Vec::new(), test)
        };
        match self {
            Self::SeedPairs => Err(Error::LeakyProtocol),
            Self::Chopra35_5 => {
                forty("chopra-35-5", catalog, "use `k-fold:8`")?;
                Ok(vec![split(&|subject| subject >= 35)?])
            }
            Self::Subjects8Fold => {
                forty("subjects-8-fold", catalog, "use `k-fold:8`")?;
                SubjectSplit::k_folds(catalog, 8, FoldOrder::Natural)
            }
            Self::Subjects20_20 => {
                forty("subjects-20-20", catalog, "use `k-fold:2`")?;
                Ok(vec![
                    split(&|subject| subject >= 20)?,
                    split(&|subject| subject < 20)?,
                ])
            }
            Self::Bob20_20 => {
                forty("bob-20-20", catalog, "use `k-fold:2`")?;
                let mut trains = [false; 40];
                for number in 1..=40 {
                    let name = format!("s{number}");
                    let Some(subject) = catalog.subject_by_name(&name) else {
                        return Err(Error::ProtocolMismatch {
                            protocol: "bob-20-20",
                            expected: "subjects named s1 to s40".to_owned(),
                            found: format!("no `{name}`"),
                            instead: "rename the subjects' folders or use `k-fold:2`",
                        });
                    };
                    trains[subject as usize] = BOB_TRAIN.contains(&number);
                }
                Ok(vec![split(&|subject| !trains[subject as usize])?])
            }
            Self::KFold(folds) => SubjectSplit::k_folds(catalog, *folds, FoldOrder::Shuffled(seed)),
        }
    }

    /// Which samples of these test subjects are enrolled and which probe; `None` where the protocol
    /// compares images with images and has no such roles (all but `bob-20-20`).
    ///
    /// Images are numbered from 1 in catalogue order, as ORL's files are named.
    ///
    /// # Errors
    /// [`Error::ProtocolMismatch`] where a subject has other than ten images;
    /// [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn enrol_probe(
        &self,
        catalog: &Catalog,
        subjects: &[u32],
    ) -> Result<Option<EnrolProbe>, Error> {
        if *self != Self::Bob20_20 {
            return Ok(None);
        }
        catalog.check_subjects(subjects)?;
        let mut roles = EnrolProbe {
            enrol: Vec::new(),
            probe: Vec::new(),
        };
        let mut subjects = subjects.to_vec();
        subjects.sort_unstable();
        for subject in subjects {
            let samples = catalog.samples_of(subject);
            if samples.len() != 10 {
                return Err(Error::ProtocolMismatch {
                    protocol: "bob-20-20",
                    expected: "ten images per subject".to_owned(),
                    found: format!("{} of `{}`", samples.len(), catalog.subject_name(subject)),
                    instead: "fetch the whole set again",
                });
            }
            for (number, sample) in (1..).zip(samples) {
                if BOB_ENROL.contains(&number) {
                    roles.enrol.push(sample);
                } else {
                    roles.probe.push(sample);
                }
            }
        }
        Ok(Some(roles))
    }
}

fn forty(protocol: &'static str, catalog: &Catalog, instead: &'static str) -> Result<(), Error> {
    if catalog.subjects() == 40 {
        return Ok(());
    }
    Err(Error::ProtocolMismatch {
        protocol,
        expected: "the 40 subjects of the AT&T (ORL) faces".to_owned(),
        found: catalog.subjects().to_string(),
        instead,
    })
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
            _ => name
                .strip_prefix("k-fold:")
                .and_then(|folds| folds.parse().ok())
                .filter(|&folds| folds >= 2)
                .map(Self::KFold)
                .ok_or_else(|| Error::UnknownProtocol {
                    found: name.to_owned(),
                }),
        }
    }
}
