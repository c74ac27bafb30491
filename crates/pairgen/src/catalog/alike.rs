//! Names that a reader may take for one another.

use std::collections::HashMap;

use super::numbering::Catalog;
use crate::natural;
use crate::spelling::loose;

/// Names of subjects that a reader may take for one another, each group in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlikeNames {
    /// Spellings that are one name in Unicode's form NFC, such as `é` as one character and as two. They are one
    /// subject here.
    pub one_subject: Vec<Vec<String>>,
    /// Names of different subjects that differ only by case, by space around them or by characters of the same
    /// meaning (form NFKC). They may be one person's.
    pub several_subjects: Vec<Vec<String>>,
}

impl AlikeNames {
    /// Whether all names are clearly different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.one_subject.is_empty() && self.several_subjects.is_empty()
    }
}

impl Catalog {
    /// The names that a reader may take for one another: to be told, before one person becomes two.
    #[must_use]
    pub fn alike_names(&self) -> AlikeNames {
        let mut one_subject = self.spellings.clone();
        for spellings in &mut one_subject {
            spellings.sort_by(|a, b| natural::compare(a, b));
        }
        AlikeNames {
            one_subject,
            several_subjects: alike(
                self.all_subjects()
                    .into_iter()
                    .map(|s| self.subject_name(s)),
            ),
        }
    }
}

/// The groups of these different names that look alike, in the order of their first.
pub(crate) fn alike<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Vec<String>> {
    let mut by_looks: HashMap<String, Vec<(usize, &str)>> = HashMap::new();
    for (place, name) in names.enumerate() {
        by_looks.entry(loose(name)).or_default().push((place, name));
    }
    let mut groups: Vec<Vec<(usize, &str)>> = by_looks.into_values().collect();
    groups.retain(|group| group.len() > 1);
    groups.sort_unstable();
    let names = |group: &Vec<(usize, &str)>| -> Vec<String> {
        group.iter().map(|(_, name)| (*name).to_owned()).collect()
    };
    groups.iter().map(names).collect()
}
