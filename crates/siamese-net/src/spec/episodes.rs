//! Few-shot episodes that judge.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// N-way K-shot episodes, drawn from the subjects of the test: see `verification_figures::Episodes`.
///
/// In place of 2,000 episodes of one image each of up to 20 subjects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpisodesSpec {
    /// N, the subjects in an episode.
    pub way: usize,
    /// K, the images that are known of each.
    #[serde(default = "one")]
    pub shot: usize,
    /// Episodes.
    #[serde(default = "two_thousand")]
    pub count: u32,
    /// Every draw derives from it.
    #[serde(default)]
    pub seed: u64,
    /// What all subjects of an episode are in; absent: the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// What all subjects of an episode are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// One group of subjects, such as an alphabet: they are more alike than any others.
    Group,
}

/// Beyond this, more episodes of the same subjects say nothing new.
const MOST_EPISODES: u32 = 10_000_000;
/// Most subjects in an episode, and most images of each.
const MOST: usize = 1 << 16;

impl EpisodesSpec {
    /// The first number that makes no sense: its key, what was found, and what was expected.
    pub(crate) fn check(&self) -> Result<(), String> {
        let expect = |holds: bool, key: &str, found: u64, expected: &str| match holds {
            true => Ok(()),
            false => Err(format!("episodes.{key} = {found} must be {expected}")),
        };
        let Self {
            way,
            shot,
            count,
            seed,
            ..
        } = *self;
        expect(
            (2..=MOST).contains(&way),
            "way",
            way as u64,
            "from 2 to 65536",
        )?;
        expect(
            (1..=MOST).contains(&shot),
            "shot",
            shot as u64,
            "from 1 to 65536",
        )?;
        let counts = (1..=MOST_EPISODES).contains(&count);
        expect(counts, "count", count.into(), "from 1 to 10000000")?;
        expect(
            i64::try_from(seed).is_ok(),
            "seed",
            seed,
            "at most 2^63 - 1",
        )
    }
}

impl FromStr for EpisodesSpec {
    type Err = String;

    /// As a recipe's table without its braces: `way=20,shot=5,within=group`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut table = toml::Table::new();
        for part in text.split(',') {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is no key with a value, as in way=20,shot=1"))?;
            let (key, value) = (key.trim().to_owned(), value.trim());
            let value = match value.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => value.into(),
            };
            if table.insert(key, value).is_some() {
                return Err(format!("`{part}`: each key once"));
            }
        }
        let episodes: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| error.message().to_owned())?;
        episodes.check()?;
        Ok(episodes)
    }
}

fn one() -> usize {
    1
}

fn two_thousand() -> u32 {
    2000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_are_read_from_a_line() {
        let found: EpisodesSpec = "way=5, shot=2,within=group".parse().unwrap();
        let expected = EpisodesSpec {
            way: 5,
            shot: 2,
            count: 2000,
            seed: 0,
            within: Some(Within::Group),
        };
        assert_eq!(found, expected);
        for (text, words) in [
            ("", "no key with a value"),
            ("shot=1", "missing field `way`"),
            ("way=1", "episodes.way = 1 must be from 2"),
            ("way=5,shot=0", "episodes.shot = 0 must be from 1"),
            ("way=5,count=0", "episodes.count = 0 must be from 1"),
            ("way=5,way=6", "each key once"),
            ("way=5,ways=6", "unknown field `ways`"),
            ("way=5,within=alphabet", "unknown variant `alphabet`"),
            ("way=x", "invalid type"),
        ] {
            let said = text.parse::<EpisodesSpec>().unwrap_err();
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
