//! Whether a sample is its subject's own, or somebody's imitation of it.

use std::fmt;
use std::str::FromStr;

/// Whether a sample is its subject's own, or somebody's imitation of it: a forged signature, a mask, a counterfeit.
///
/// A forgery is an impostor of the subject whom it imitates, and of everybody else. It is genuine with nobody, not even with
/// another forgery of the same subject: the list does not say whether one forger made both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SampleKind {
    /// The subject's own.
    #[default]
    Genuine,
    /// An imitation of the subject, by somebody who knows what it looks like (a *skilled* forgery).
    Forgery,
}

const GENUINE: &[&str] = &[
    "genuine",
    "genuines",
    "gen",
    "original",
    "originals",
    "org",
    "orig",
    "real",
    "authentic",
    "g",
    "c",
    "v",
];
const FORGERY: &[&str] = &[
    "skilled",
    "simulated",
    "imitation",
    "imitations",
    "imitated",
    "traced",
    "tracing",
    "fake",
    "fakes",
    "fraud",
    "f",
    "cf",
];

impl SampleKind {
    /// The words for them in names of files and folders, for messages and help texts.
    pub const WORDS: &'static str =
        "genuine, original, org, real or g; or forgery, forged, forg, skilled, fake or f";

    /// What the name of a folder, or a part of a file's name, says; words are told apart by whatever is no letter, as in
    /// `full_forg`, and upper case does not matter. `None` where it says neither, or both.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let words = || name.split(|c: char| !c.is_alphabetic());
        let forgery = words().any(|word| word.starts_with("forg") || FORGERY.contains(&word));
        let genuine = words().any(|word| GENUINE.contains(&word));
        match (genuine, forgery) {
            (true, false) => Some(Self::Genuine),
            (false, true) => Some(Self::Forgery),
            _ => None,
        }
    }
}

impl fmt::Display for SampleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Genuine => "genuine",
            Self::Forgery => "forgery",
        })
    }
}

/// Parsing failed: the text is neither `genuine` nor `forgery`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `genuine` or `forgery`")]
pub struct ParseSampleKindError;

impl FromStr for SampleKind {
    type Err = ParseSampleKindError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "genuine" => Ok(Self::Genuine),
            "forgery" => Ok(Self::Forgery),
            _ => Err(ParseSampleKindError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_common_use_are_told() {
        for name in ["full_org", "original", "Genuine", "G", "real-1"] {
            assert_eq!(
                SampleKind::of_name(name),
                Some(SampleKind::Genuine),
                "{name}"
            );
        }
        for name in ["full_forg", "forgeries", "Forged", "F", "skilled", "cf"] {
            assert_eq!(
                SampleKind::of_name(name),
                Some(SampleKind::Forgery),
                "{name}"
            );
        }
        for name in ["", "1", "organ", "genuine forgery", "s1"] {
            assert_eq!(SampleKind::of_name(name), None, "{name}");
        }
    }
}
