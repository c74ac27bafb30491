//! Trainings that are dealt out over several processes or machines.

use std::fmt;
use std::str::FromStr;

/// One of several equal shares of the trainings: every `of`th of them, from the `number`th on.
///
/// Written `number/of`. All shares together are all trainings, and no training is in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    /// Whether the training of this place, counted from 0, belongs to it.
    #[must_use]
    pub fn takes(self, place: usize) -> bool {
        place % self.of == self.number - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(format!(
                "'{text}' is no share of several: expected NUMBER/OF, from 1/4 to 4/4 for four"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn each_training_belongs_to_one_share() {
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"]
            .map(|text| text.parse().unwrap())
            .into();
        for place in 0..10 {
            let owners = shards.iter().filter(|shard| shard.takes(place)).count();
            assert_eq!(owners, 1, "training {place}");
        }
        assert!(shards[0].takes(0) && shards[0].takes(3) && !shards[0].takes(1));
        assert_eq!(shards[1].to_string(), "2/3");
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/4", "a/b"] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains("expected NUMBER/OF"), "{error}");
        }
    }
}
