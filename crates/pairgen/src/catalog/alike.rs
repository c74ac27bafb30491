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
        let mut by_looks: HashMap<String, Vec<u32>> = HashMap::new();
        for subject in 0..self.subjects() {
            let looks = loose(self.subject_name(subject));
            by_looks.entry(looks).or_default().push(subject);
        }
        let mut groups: Vec<Vec<u32>> = by_looks.into_values().collect();
        groups.retain(|group| group.len() > 1);
        // Subjects are numbered in natural order.
        groups.sort_unstable();
        let names = |group: Vec<u32>| {
            let names = group.into_iter().map(|subject| self.subject_name(subject));
            names.map(str::to_owned).collect()
        };
        let mut one_subject = self.spellings.clone();
        for spellings in &mut one_subject {
            spellings.sort_by(|a, b| natural::compare(a, b));
        }
        AlikeNames {
            one_subject,
            several_subjects: groups.into_iter().map(names).collect(),
        }
    }
}
