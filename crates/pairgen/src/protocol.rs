//! The named protocols, so that figures of different programs can be compared.

use std::fmt;
use std::str::FromStr;

use crate::subject_split::FoldOrder;
use crate::{Catalog, Error, SubjectSplit, orl};

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
        match self {
            Self::SeedPairs => Err(Error::LeakyProtocol),
            Self::Chopra35_5 => Ok(vec![orl::chopra_35_5(catalog)?]),
            Self::Subjects8Fold => orl::subjects_8_fold(catalog),
            Self::Subjects20_20 => orl::subjects_20_20(catalog),
            Self::Bob20_20 => Ok(vec![orl::bob_20_20(catalog)?]),
            Self::KFold(folds) => SubjectSplit::k_folds(catalog, *folds, FoldOrder::Shuffled(seed)),
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
